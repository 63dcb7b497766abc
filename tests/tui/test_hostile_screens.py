"""Hostile text on every screen and pane there is: shown as it is, never obeyed, as wide as its place."""

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any  # screens of every kind of answer, as Textual types them

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

import tui.screens
from fleet.assessments import Assessment
from fleet.edit_conflicts import EditConflict, EditedPlace
from fleet.machines import Machine, TransportKind
from ops.assess_commit import store_batch
from ops.home import Home
from ops.state.database import connect
from ops.state.machines import MachineBook
from tests.tui.conftest import WorkedHome
from tests.tui.hostile_judge import MOST_MARKS, is_seen, marks_in_a_cell, offences, orders_in
from tests.tui.hostile_values import HOSTILE, NOW, PAYLOADS, Maker
from tests.tui.made_hostile import hostile_assessments, spoil_home, spoil_run
from tests.tui.real_terminal import Start
from tests.tui.spoilt_state import spoil_state
from tui.app import PatchdeckApp
from tui.run_feed import RunFeed
from tui.screens.catalogue import CatalogueOverlay
from tui.screens.column_chooser import ColumnChooser
from tui.screens.diff import DiffScreen
from tui.screens.help import HelpOverlay
from tui.screens.jump import JumpOverlay
from tui.screens.machines import MachinesScreen
from tui.screens.palette_screen import PaletteScreen
from tui.screens.query import QueryScreen
from tui.screens.reports import ReportsScreen
from tui.screens.runs import RunsScreen
from tui.screens.saved_queries import SavedQueries
from tui.views import VIEWS
from tui.widgets.line import Piece
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
Until = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


def all_screens() -> list[type[Screen[Any]]]:
    """Every screen and pane of ``tui/screens`` that is shown: not what others only derive from.

    The palette takes no texts, and types of Textual's that cannot be looked at: it is opened among the panes.
    """
    found = []
    for each in pkgutil.iter_modules(tui.screens.__path__):
        module = importlib.import_module(f"tui.screens.{each.name}")
        kinds = [kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, Screen)]
        found += [kind for kind in kinds if kind.__module__ == module.__name__]
    bases = {base for kind in found for base in kind.__mro__[1:]} - {MachinesScreen, RunsScreen}
    return [kind for kind in found if kind not in {*bases, PaletteScreen}]


@pytest.fixture
def hostile_home(
    worked_home: WorkedHome, assessment: Callable[[Machine, int], Assessment], monkeypatch: pytest.MonkeyPatch
) -> WorkedHome:
    for check in ("alerts.check_rule", "channels.check_channel", "report_schedules.check_report_schedule"):
        monkeypatch.setattr(f"ops.state.{check}", lambda _: None)
    spoil_run(worked_home.live)
    with closing(connect(worked_home.home.state_file)) as connection:
        machines = MachineBook(connection).list_machines()
    store_batch(worked_home.home, "batch-1", hostile_assessments(machines, assessment))
    maker = Maker(GIVEN)
    spoil_home(worked_home.home, maker)
    spoil_state(worked_home.home.state_file, maker)
    return worked_home


GIVEN: dict[object, object] = {
    "Machine.transport": TransportKind.SSH,
    "Machine.address": "127.0.0.1",
    "Machine.port": 9,
    "QueryParameter.name": "days",  # the gate of saved queries lets no other name in
    "AuditScreen.machine": "",
    "RecordOverlay.lines": ((Piece(HOSTILE), Piece(HOSTILE)),),
    "SettingNow.value": HOSTILE,
    type: str,
    "CatalogueOverlay.name": None,  # Textual's own arguments
    "CatalogueOverlay.id": None,
    "CatalogueOverlay.classes": None,
    EditConflict: EditConflict(
        HOSTILE, HOSTILE, HOSTILE, HOSTILE, by=HOSTILE, at=NOW,
        places=(EditedPlace(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
    ),
}  # fmt: skip
# They show our own words alone, or what is asked for; the filter at the end guards them too.
QUIET = {
    CatalogueOverlay,
    ColumnChooser,
    DiffScreen,
    HelpOverlay,
    JumpOverlay,
    QueryScreen,
    ReportsScreen,
    SavedQueries,
}
PARTS = 3


def shows_hostile(app: App[int]) -> bool:
    """Whether some of the hostile text is on the screen, its markup as letters."""
    lines = app.screen._compositor.render_strips()
    text = "\n".join("".join(segment.text for segment in line) for line in lines)
    return "[@c" in text or "xxxxxx" in text


def maker_for(app: PatchdeckApp, home: WorkedHome) -> Maker:
    """Makes what screens are called with: the app and a run are real, all else is hostile."""
    machine_id = home.live.machines[1].machine_id
    ids: dict[object, object] = {f"{name}.machine_id": machine_id for name in ("MachineScreen", "RunMachineScreen")}
    feed = lambda: RunFeed(home.home, home.live.run.id)  # noqa: E731  # one expression, used once
    return Maker({**GIVEN, **ids, PatchdeckApp: app, Screen[Any]: app.screen, RunFeed: feed})


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_screen_obeys_what_it_is_given(hostile_home: WorkedHome, deck: Deck, until: Until, part: int) -> None:
    """Each is opened with hostile text in all that it takes; one that is added later, too, or this fails."""
    app = deck(hostile_home.home)
    found: dict[str, list[str]] = {}
    async with app.run_test(size=(120, 30)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        maker = maker_for(app, hostile_home)
        for kind in all_screens()[part::PARTS]:
            try:
                screen = maker.call(kind)
                app.push_screen(screen)
                await wait(lambda: app.screen is screen and (kind in QUIET or shows_hostile(app)))  # noqa: B023
                bad = offences(app)
                await pilot.press("tab", "G")
                if bad := bad + offences(app):
                    found[kind.__name__] = bad
            except BaseException as error:
                error.add_note(f"on {kind.__name__}")
                raise
            while len(app.screen_stack) > 1:
                await app.pop_screen()
    assert found == {}


def has_rows(app: App[int]) -> bool:
    """Whether the table in front has rows."""
    return bool(len(app.screen.query_one(BigTable).contents))


async def note(pilot: Pilot[int], found: dict[str, list[str]], *keys: str) -> None:
    """Presses ``keys``, and keeps in ``found`` what is wrong with the screen then."""
    await pilot.press(*keys)
    if bad := offences(pilot.app):
        found[f"{type(pilot.app.screen).__name__} after {' '.join(keys)}"] = bad


# What brings the row with hostile text into sight; elsewhere it is the last.
FIRST_KEYS = {"reports": "tab", "runs": "g", "audit": "g", "settings": "g"}


async def test_no_view_obeys_what_is_in_the_home(hostile_home: WorkedHome, deck: Deck, until: Until) -> None:
    """Every view, its tabs, and what enter opens there."""
    app = deck(hostile_home.home)
    found: dict[str, list[str]] = {}
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        for view in [each for each in VIEWS if each != "query"]:
            app.action_view(view)
            await wait(lambda: view == app.current_mode and (shows_hostile(app) or has_rows(app)))  # noqa: B023
            await note(pilot, found, FIRST_KEYS.get(view, "G"))
            await wait(lambda: shows_hostile(app))
            for key in ("tab", "G", "enter", "tab"):
                await note(pilot, found, key)
            while len(app.screen_stack) > 1:
                await app.pop_screen()
    assert found == {}
    assert [each.text for each in app.said if "itself failed" in each.text] == []


async def test_no_pane_over_a_screen_obeys(hostile_home: WorkedHome, deck: Deck, until: Until) -> None:
    """Prompt, history, offers, palette, labels, help, what was said, columns, an answer, the past, the tour."""
    app = deck(hostile_home.home)
    found: dict[str, list[str]] = {}
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.say(HOSTILE, is_error=True)
        app.run_command(HOSTILE)
        for keys in (
            (":", "m", "tab"), ("escape",), (":", "up"), ("escape", "escape"), ("/", "up"), ("escape", "escape"),
            ("ctrl+p", "x"), ("escape",), ("apostrophe",), ("escape",), ("exclamation_mark",), ("escape",),
            ("question_mark",), ("escape",), ("G", "at"), ("escape",), ("bar",), ("escape",), ("s",), ("escape",),
        ):  # fmt: skip
            await note(pilot, found, *keys)
        for command in ("tour", "missing", "asof 2026-11-21", "now"):
            app.run_command(command)
            await note(pilot, found)
        app.show_query("SELECT Computer, Product, PackageRepository, NotInstallableDetail FROM Update")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and shows_hostile(app))
        await note(pilot, found, "f6", "enter")
    assert found == {}


def test_judge_finds_what_is_not_text() -> None:
    """Each payload that steers, sent as it is; and nothing in what a terminal is told by the app itself."""
    steering = [each for each in PAYLOADS if not all(map(is_seen, each))]
    assert len(steering) == 7
    assert all([*orders_in(each.encode())] for each in steering)
    assert [*orders_in("\x1b[?1049h\x1b[2;5H\x1b[38;5;222m漢字 e\u0301\x1b[K\r\n".encode())] == []
    assert marks_in_a_cell(HOSTILE) == 200


def test_no_byte_of_it_steers_a_real_terminal(hostile_home: WorkedHome, terminal: Start) -> None:
    """The lists of machines, missing updates, runs, candidates, groups and alerts, as their bytes are sent."""
    assert hostile_home.home.path.exists()
    app = terminal(120, 30)
    app.until(lambda: app.shows("Machines 25") and app.shows("? keys"))
    for key in (b"G", b"2", b"5", b"6", b"7", b"0"):
        app.send(key)
        app.until(lambda: app.shows("[@c"))
        app.read(0.2)
    app.send(b"q")
    app.until(lambda: b"\x1b[?1049l" in app.raw)
    assert [*orders_in(app.raw)] == []
    assert app.screen.title in ("", ";default")  # pyte takes OSC 22, the shape of the pointer, for OSC 2
    assert marks_in_a_cell(app.raw.decode()) <= MOST_MARKS
