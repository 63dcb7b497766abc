"""Which machines lack the fix for a CVE: one key, one command."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot

from fleet.assessments import Assessment
from fleet.cves import cve_wanted
from fleet.errors import BadInput
from fleet.machines import Machine
from ops.assess_commit import store_batch
from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.parameters import ParametersOverlay
from tui.screens.query import QueryScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


def lacking_home(home: Home, machine: Callable[[int, str], Machine], assessment: Callable[..., Assessment]) -> Home:
    """A home in which one machine's updates name a CVE."""
    scanned = assessment(machine(3, "cache-fra-01"), 3)
    updates = tuple(replace(update, cves=("CVE-2026-12345",)) for update in scanned.updates)
    store_batch(home, "cves", [replace(scanned, updates=updates)])
    return home


async def test_a_key_asks_for_a_cve_and_shows_who_lacks_its_fix(
    stored_home: Home,
    machine: Callable[[int, str], Machine],
    assessment: Callable[[Machine, int], Assessment],
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
) -> None:
    """From any screen; the answer is the predefined query's."""
    app = deck(lacking_home(stored_home, machine, assessment))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("C")
        await until(pilot)(lambda: isinstance(app.screen, ParametersOverlay))
        await pilot.press(*"cve-2026-12345", "enter")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and "5 rows" in text_of(app))
        assert "cache-fra-01" in text_of(app)


async def test_a_command_takes_the_cve_along(
    stored_home: Home,
    machine: Callable[[int, str], Machine],
    assessment: Callable[[Machine, int], Assessment],
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
) -> None:
    """``:cve CVE-…`` asks nothing more."""
    app = deck(lacking_home(stored_home, machine, assessment))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon", *"cve CVE-2026-12345", "enter")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and "5 rows" in text_of(app))
        assert "cache-fra-01" in text_of(app)
        assert "unknown: never answered" in text_of(app)


async def test_what_comes_in_one_packet_with_the_enter_is_asked(
    stored_home: Home,
    machine: Callable[[int, str], Machine],
    assessment: Callable[[Machine, int], Assessment],
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
) -> None:
    """As a paste does, and a slow link: the enter does not overtake what was typed."""
    app = deck(lacking_home(stored_home, machine, assessment))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("C")
        await until(pilot)(lambda: isinstance(app.screen, ParametersOverlay))
        for character in "cve-2026-12345":
            app.post_message(Key(character, character))
        app.post_message(Key("enter", "\r"))
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and "5 rows" in text_of(app))


async def test_what_is_no_cve_is_refused_and_stays_to_be_mended(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """After the command and in the form: an answer without rows would look like a fleet that is safe."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("colon", *"cve nonsense", "enter")
        assert app.said[-1].text == "nonsense is no CVE. They are written as CVE-2026-12345; * and ? fit several."
        assert not isinstance(app.screen, QueryScreen)
        await until(pilot)(lambda: "cve nonsense" in text_of(app).splitlines()[-1])
        await pilot.press("escape", "C")
        await until(pilot)(lambda: isinstance(app.screen, ParametersOverlay))
        await pilot.press(*"log4shell", "enter")
        await until(pilot)(lambda: "log4shell is no CVE." in text_of(app))


def test_patterns_of_several_are_taken() -> None:
    """In any case, with blanks around; a word with a sign is none."""
    assert [cve_wanted(each) for each in ("cve-2026-1234 ", "CVE-2026-*", "cve-*")] == [
        "CVE-2026-1234", "CVE-2026-*", "CVE-*",
    ]  # fmt: skip
    for text in ("", "CVE-2026", "CVE-2026-123", "*", "linux*", "CVE-2026-12345; DROP"):
        with pytest.raises(BadInput):
            cve_wanted(text)
