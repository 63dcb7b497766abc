"""What is typed after ``:``: completed by tab, remembered over sessions, kept where it was refused."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import Mock, patch

import pytest
from textual.pilot import Pilot

from ops.asked_queries import file_beside_queries
from ops.home import Home
from ops.typed_lines import MOST_LINES, TypedLine, list_typed_lines, remember_line
from tui import completing
from tui.app import PatchdeckApp
from tui.completing import Vocabulary, offers_of
from tui.screens.deck_screen import DeckScreen
from tui.screens.machine import MachineScreen
from tui.screens.parameters import ParametersOverlay
from tui.widgets.completion_list import CompletionList
from tui.widgets.line import Line
from tui.widgets.prompt import Prompt

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


def typed(app: PatchdeckApp) -> str:
    return app.screen.query_one(Prompt).text


def asking_screen(app: PatchdeckApp) -> DeckScreen:
    """The screen in front, which has a prompt."""
    assert isinstance(app.screen, DeckScreen)
    return app.screen


def test_what_begins_so_is_offered_before_what_only_has_the_letters() -> None:
    """Prefixes first, then letters in order; completed as far as the prefixes agree."""
    offers = offers_of("open web", 5, ["db-web", "web-fra-01", "web-fra-02", "mail"])
    assert offers.words == ("web-fra-01", "web-fra-02", "db-web")
    assert offers.common == "web-fra-0"
    assert offers_of("xyz", 0, ["mail"]).words == ()


def test_no_more_words_are_judged_than_are_offered() -> None:
    """Of ten thousand machines; each that is looked at closely takes a microsecond and more."""
    judged = Mock(wraps=completing.has_in_order)
    with patch.object(completing, "has_in_order", judged):
        offers = offers_of("web", 0, [*(f"db-web-{number}" for number in range(10_000)), "web-1"])
    assert offers.words[:2] == ("web-1", "db-web-0")
    assert judged.call_count < 2 * len(offers.words)


def test_of_a_list_of_targets_the_last_word_is_completed() -> None:
    """``:assess a b`` takes many names, ``:machine a b`` one."""
    vocabulary = Vocabulary({}, {"assess": ["web-1", "all"], "machine": ["web 1"]}, frozenset({"assess"}))
    assert vocabulary.offers("assess all w").start == len("assess all ")
    assert vocabulary.offers("assess all w").words == ("web-1",)
    assert vocabulary.offers("machine web").start == len("machine ")


async def test_tab_completes_the_name_and_then_the_argument(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """As far as all agree; tab again goes through them in a list, shift+tab back, a click to one; enter takes it."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("colon", *"machine", "space", *"web-f", "tab")
        await until(pilot)(lambda: typed(app) == "machine web-fra-0")
        offered = app.screen.query_one("#prompt-offers", CompletionList)
        assert [each.text for each in offered.candidates] == ["web-fra-01", "web-fra-02", "web-fra-03"]
        await pilot.press("tab", "tab", "tab", "shift+tab")
        await until(pilot)(lambda: typed(app) == "machine web-fra-02")
        await pilot.click("#prompt-offers", offset=(3, 2))
        await until(pilot)(lambda: typed(app) == "machine web-fra-03")
        await pilot.press("shift+tab")
        await until(pilot)(lambda: typed(app) == "machine web-fra-02" and offered.chosen == offered.candidates[1])
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and app.screen.crumb == "web-fra-02")


async def test_refused_command_stays_to_be_mended(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """Nobody types a long name twice because of one wrong letter."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("colon", *"macine", "space", "w", "enter")
        await until(pilot)(lambda: app.said and "Did you mean ':machine'" in app.said[-1].text)
        await until(pilot)(lambda: app.screen.query_one(Prompt).is_open)
        assert typed(app) == "macine w"


async def test_typed_lines_come_back_with_up_and_by_search(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """In the next session too; down leads back to what was begun."""
    for text in ("machines web", "missing openssl", "group prod"):
        remember_line(fleet_home, TypedLine(":", text))
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("colon", "m")
        await until(pilot)(lambda: app.words.history(":"))
        await pilot.press("up", "up", "down", "down")
        await until(pilot)(lambda: typed(app) == "m")
        await pilot.press("up", "up")
        await until(pilot)(lambda: typed(app) == "missing openssl")
        await pilot.press(*["down"] * 2, *"ac", "ctrl+r")
        await until(pilot)(lambda: typed(app) == "machines web")


async def test_names_in_tables_complete_once_they_are_read(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Updates, a machine before its update, queries by what they are called, settings."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)

        async def completed(text: str, whole: str) -> None:
            asking_screen(app).ask_command(text)
            await pilot.press("tab")
            await until(pilot)(lambda: typed(app) == whole)
            await pilot.press("escape")

        await completed("about open", "about openssl")
        await completed("why web-fra-01 linu", "why web-fra-01 linux-image-amd64")
        await completed("settings assess.dead", "settings assess.deadline_seconds")
        await completed("saved machines-lacking", "saved machines-lacking-fix")
        app.run_command("queries machines-lacking-fix")
        await until(pilot)(lambda: isinstance(app.screen, ParametersOverlay))


async def test_what_was_typed_is_searched_while_one_types(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """The newest that fits stands in the line, ctrl+r goes to older ones, backspace looks wider, escape gives up."""
    for text in ("machines web", "missing openssl", "machine web-fra-01"):
        remember_line(fleet_home, TypedLine(":", text))
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon", *"ru")
        await until(pilot)(lambda: app.words.history(":"))
        await pilot.press("ctrl+r", "backspace", "backspace", *"WEB")
        await until(pilot)(lambda: typed(app) == "machine web-fra-01")
        assert "search WEB:" in app.screen.query_one(Prompt).query_one(Line).text
        await pilot.press("ctrl+r")
        await until(pilot)(lambda: typed(app) == "machines web")
        await pilot.press("x")
        await until(pilot)(lambda: typed(app) == "WEBx")
        await pilot.press("escape")
        await until(pilot)(lambda: typed(app) == "ru")
        await pilot.press("ctrl+u", "ctrl+r", *"ssl", "end", "2", "backspace", "enter")
        await until(pilot)(lambda: app.current_mode == "missing")


async def test_minus_leads_to_the_view_before(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """And back again, by key and by command."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4", "6", "minus")
        await until(pilot)(lambda: app.current_mode == "deployments")
        await pilot.press("colon", "minus", "enter")
        await until(pilot)(lambda: app.current_mode == "known")


def test_typed_lines_are_the_users_own_and_bounded(empty_home: Home) -> None:
    """The file is for its owner alone, each text stands once, old ones go, and queries are not among them."""
    for number in range(MOST_LINES + 150):
        remember_line(empty_home, TypedLine(":", f"machine m{number}"))
    remember_line(empty_home, TypedLine(":", "query SELECT h'secret'"))
    remember_line(empty_home, TypedLine("/", "web"))
    remember_line(empty_home, TypedLine(":", f"machine m{MOST_LINES}"))
    path: Path = file_beside_queries(empty_home, ".typed")
    assert path.stat().st_mode & 0o777 == 0o600
    lines = list_typed_lines(empty_home)
    assert len(lines) <= MOST_LINES
    assert [line.text for line in lines[-2:]] == ["web", f"machine m{MOST_LINES}"]
    assert "secret" not in path.read_text(encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES + 150


@pytest.mark.parametrize("garbage", ["[", "[1, 2]\n", '[":"]\n', '["x", "y"]\n', "\x00\xff\n", "null\n"])
def test_spoiled_lines_are_passed_over(empty_home: Home, garbage: str) -> None:
    """A full disk or another hand leaves the rest readable."""
    remember_line(empty_home, TypedLine(":", "machines"))
    path = file_beside_queries(empty_home, ".typed")
    path.write_text(path.read_text(encoding="utf-8") + garbage, encoding="utf-8")
    remember_line(empty_home, TypedLine(":", "missing"))
    assert list_typed_lines(empty_home) == (TypedLine(":", "machines"), TypedLine(":", "missing"))
