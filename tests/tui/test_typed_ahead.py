"""Keys that come many at once, as over a slow line or from a paste: each does what it was typed for, once."""

from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from textual import events
from textual.pilot import Pilot

from ops.home import Home
from ops.state.database import connect
from ops.state.runs import RunBook
from tests.tui.conftest import WorkedHome
from tests.tui.test_hostile_screens import all_screens, maker_for
from tui.app import PatchdeckApp
from tui.screens.confirm import Confirm
from tui.screens.deployments import DeploymentsScreen
from tui.screens.form import Form
from tui.screens.help import HelpOverlay
from tui.screens.machine import MachineScreen
from tui.screens.machines import MachinesScreen
from tui.screens.missing import MissingScreen
from tui.screens.name_form import NameForm
from tui.screens.overlay import AnsweredOnce
from tui.screens.query import QueryScreen
from tui.screens.run import RunScreen
from tui.screens.sort_picker import SortPicker
from tui.widgets.prompt import Prompt
from tui.widgets.query_editor import QueryEditor

Deck = Callable[[Home], PatchdeckApp]
Until = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


def send(app: PatchdeckApp, *keys: str, later: float = 0.0) -> None:
    """Types ``keys`` faster than anything can be drawn."""
    for key in keys:
        event = events.Key(key, {"enter": "\r", "space": " "}.get(key))
        event.time += later
        app.post_message(event)


async def settle(app: PatchdeckApp, pilot: Pilot[int], wait: Callable[[Callable[[], object]], Awaitable[None]]) -> None:
    """Waits until all that was typed was taken."""
    for _ in range(2):
        await wait(lambda: app.screen.is_mounted and not app._held and not app._late and app._message_queue.empty())
        await pilot.pause()


async def test_no_pane_answers_twice_or_lets_a_key_fall_through(
    worked_home: WorkedHome, deck: Deck, until: Until
) -> None:
    """Every form, question, picker and pane there is: a paste of lines, enter and y held, before it stands."""
    app = deck(worked_home.home)
    async with app.run_test(size=(100, 30)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        maker = maker_for(app, worked_home)
        below = list(app.screen_stack)
        kinds = [kind for kind in all_screens() if issubclass(kind, AnsweredOnce)]
        assert len(kinds) > 40
        for kind in kinds:
            answers: list[object] = []
            try:
                app.push_screen(maker.call(kind), answers.append)
                app.post_message(events.Paste("two\nlines\n"))
                for key in ("enter",) if issubclass(kind, Form) else ("enter", "y"):
                    if app.screen not in below:
                        send(app, *[key] * 4)
                        await settle(app, pilot, wait)
                above = [type(screen) for screen in app.screen_stack[len(below) :]]
                assert app.screen_stack[: len(below)] == below
                # Enter in the help does what a key does, which opens a screen.
                assert kind is HelpOverlay or all(issubclass(each, AnsweredOnce) for each in above)
                assert len(set(above)) == len(above) <= 2
                assert len(answers) <= 1
            except BaseException as error:
                error.add_note(f"on {kind.__name__}")
                raise
            while len(app.screen_stack) > 1:
                await app.pop_screen()


async def test_a_pane_behind_another_one_closes_nothing(fleet_home: Home, deck: Deck, until: Until) -> None:
    """Its answer comes too late: the one in front stays, and nothing is answered; in front again, it is."""
    app = deck(fleet_home)
    answers: list[bool | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        form, question = NameForm("Remove", "web", "It goes.", takes="removes it"), Confirm("Sure?", "", yes="yes")
        await app.push_screen(form, answers.append)
        await app.push_screen(question)
        form.dismiss(True)
        await pilot.pause()
        assert (app.screen, answers) == (question, [])
        await pilot.press("n")
        form.dismiss(True)
        await until(pilot)(lambda: answers == [True] and isinstance(app.screen, MachinesScreen))


async def test_a_run_is_asked_for_in_one_go(worked_home: WorkedHome, deck: Deck, until: Until) -> None:
    """The key, the name and two enters before the form is there: one run, and no letter was taken for a key."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_view("deployments")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen) and app.screen.table.cursor_row)
        name = app.screen.query_one("BigTable").cursor_row.cells[0]  # type: ignore[attr-defined]
        with closing(connect(worked_home.home.state_file)) as connection:
            before = len(RunBook(connection).list())
            send(app, "r", *name, "enter", "enter", "enter")
            await until(pilot)(lambda: isinstance(app.screen, RunScreen))
            await pilot.pause()
            assert len(RunBook(connection).list()) == before + 1
        assert [type(screen) for screen in app.screen_stack] == [DeploymentsScreen, RunScreen]


async def test_a_held_enter_ends_with_the_pane(fleet_home: Home, deck: Deck, until: Until) -> None:
    """What closed the pane does nothing below while it is held; pressed again, or another key, it does."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        send(app, "s", "enter", "enter", "enter")
        await settle(app, pilot, wait)
        await wait(lambda: isinstance(app.screen, MachinesScreen))
        send(app, "enter", later=1.0)
        await wait(lambda: isinstance(app.screen, MachineScreen))
        send(app, "escape", "s", "enter", "s")
        await wait(lambda: isinstance(app.screen, SortPicker))


async def test_a_command_and_what_follows_it_come_in_order(worked_home: WorkedHome, deck: Deck, until: Until) -> None:
    """`:run NAME`, the name and enter, typed on the machines without looking: the run, and no other screen."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        send(app, "colon", *"run", "space", *"caches", "enter", *"caches", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen))
        assert [type(screen) for screen in app.screen_stack] == [MachinesScreen, RunScreen]


async def test_what_was_typed_for_something_that_does_not_open_is_forgotten(
    worked_home: WorkedHome, deck: Deck, until: Until
) -> None:
    """A name that is none, and what its form was to get, in one go: no machine is disabled, nothing is opened, and the
    command stands there to be mended.
    """
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        for command in ("run", "preview", "group", "watch", "queries", "why", "about", "diff", "machine"):
            told = len(app.said)
            send(app, "colon", *command, "space", *"nosuch", "enter", *"nosuch", "enter")
            await wait(lambda: app.screen.query_one(Prompt).is_open and len(app.said) > told)  # noqa: B023  # awaited here
            assert [type(screen) for screen in app.screen_stack] == [MachinesScreen], command
            assert app.screen.query_one(Prompt).text.startswith(f"{command} nosuch")
            await pilot.press("escape")


async def test_a_view_that_is_gone_to_gets_what_was_typed_behind(fleet_home: Home, deck: Deck, until: Until) -> None:
    """A command for another view, a filter there and enter in it: the view before is left alone."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.action_view("overview")
        await until(pilot)(lambda: app.current_mode == "overview" and app.screen.is_mounted)
        name = app.fleet.statuses[3].machine.name
        send(app, "colon", *"machines", "enter", "slash", *name, "enter", "enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
        assert app.current_mode == app.DEFAULT_MODE


async def test_a_line_to_type_in_opens_on_the_view_of_the_key_before(
    fleet_home: Home, deck: Deck, until: Until
) -> None:
    """The key of a view, a filter, the key of another view and a command, in one go: each where it was meant."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        send(app, "2", "slash", *"openssl", "enter", "5", "colon", *"machines", "space", *"web", "enter", "s", "escape")
        await settle(app, pilot, wait)
        await wait(lambda: app.current_mode == app.DEFAULT_MODE and not app._held)
        assert isinstance(app.screen, MachinesScreen)
        assert app.screen.table.filter_text == "web"
        send(app, "2")
        await wait(lambda: isinstance(app.screen, MissingScreen) and app.screen.table.filter_text == "openssl")


async def test_of_too_many_keys_the_last_are_lost(
    fleet_home: Home, deck: Deck, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept begins where it was typed: no piece out of the middle of a text is taken for keys."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        monkeypatch.setattr("tui.key_order._MOST_HELD", 200)
        hand_over = app.keep_keys()
        send(app, "slash", *["w"] * 400)
        await pilot.pause()
        hand_over(True)
        await until(pilot)(lambda: set(app.screen.query_one(Prompt).text) == {"w"} and not app._held)
        assert isinstance(app.screen, MachinesScreen)
        assert len(app.screen_stack) == 1


async def test_a_query_typed_behind_its_key_goes_into_the_editor(fleet_home: Home, deck: Deck, until: Until) -> None:
    """The key of the query view, and a text in which letters are keys of other screens, in one go."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        text = "select17asa" * 100
        send(app, "3", *text)
        await wait(lambda: isinstance(app.screen, QueryScreen) and app.screen.editor.text.startswith(text))
        assert app.scan is None
        send(app, "f6", "f6", *"b")
        await wait(lambda: "b" in app.screen.query_one(QueryEditor).text[len(text)])
