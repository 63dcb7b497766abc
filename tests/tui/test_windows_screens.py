"""Windows machines in the app: from a KB to the machines that need it, and to what one of them says of itself."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.machines import Machine
from fleet.winrm import WinrmScheme
from ops.assess_commit import store_batch
from ops.home import Home
from tests.tui.windows_samples import make_answer, make_cumulative, make_driver, make_windows
from tui.app import PatchdeckApp

Deck = Callable[[Home], PatchdeckApp]
Enrol = Callable[[Home, list[Machine]], None]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")


@pytest.fixture
def windows_home(empty_home: Home, enrol: Enrol) -> Home:
    """A home of one machine that is reached over HTTP, and misses a cumulative update and a driver."""
    machine = make_windows(scheme=WinrmScheme.HTTP)
    enrol(empty_home, [machine])
    store_batch(empty_home, "b1", [make_answer(machine, make_cumulative(), make_driver())])
    return empty_home


async def test_kb_leads_to_the_machines_that_need_it(
    windows_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80x24 the KB is read, copied, and opened: the screen of the update says all of it."""
    app = deck(windows_home)
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)  # the terminal's side, which a test lacks
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: "KB5044284 2026-11 Cumul" in text_of(app))
        await pilot.press("Y")
        await until(pilot)(lambda: copied == ["KB5044284 KB5044285"])
        await pilot.press("enter")
        await until(pilot)(lambda: "MSRC Critical" in text_of(app) and "dc-01" in text_of(app))
        assert "always restarts" in " ".join(text_of(app).split())


async def test_machine_shows_facts_of_windows_and_its_mark(
    windows_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The list marks HTTP; the facts are those of the agent."""
    app = deck(windows_home)
    async with app.run_test(size=(160, 60)) as pilot:
        await until(pilot)(lambda: "yes, http!" in text_of(app))
        await pilot.press("enter", "tab")
        await until(pilot)(lambda: "Automatic updates" in text_of(app))
        assert "answers are not authenticated" in text_of(app)
        assert "Kernel" not in text_of(app)


async def test_hostile_updates_are_shown_as_text(
    empty_home: Home, enrol: Enrol, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Markup and control characters in a title, an article and a product steer no screen."""
    payload = "[@click=app.boom]x[/] [/foo] \x1b]0;title\x07 \x1b[6n a\x00b\rc host\u202egnp.exe zero\u200bwidth 漢字"
    known = make_cumulative().windows
    assert known is not None
    spoilt = replace(known, kb=(payload,), product=payload, approval_source=payload, severity=payload)
    machine = make_windows()
    enrol(empty_home, [machine])
    update = replace(make_cumulative(), name=payload, offered_version=payload, windows=spoilt)
    store_batch(empty_home, "b1", [make_answer(machine, update)])
    app = deck(empty_home)
    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        for keys in (("2",), ("enter",), ("1", "enter")):
            await pilot.press(*keys)
            await until(pilot)(lambda: "@click=app.boom" in text_of(app))
            assert not [line for line in text_of(app).split("\n") if STEERING.search(line)]
