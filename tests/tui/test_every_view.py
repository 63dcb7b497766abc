"""What holds for every view, also for one that is added later: rows, labels, bytes, sizes. One app goes through all."""

import asyncio
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual._wait import wait_for_idle
from textual.pilot import Pilot
from textual.widgets import Input

from ops.demo import find_sample_data
from ops.home import Home, open_home
from tests.tui.conftest import screen_text
from tui.app import PatchdeckApp
from tui.cells.screen import CellScreen, Placed
from tui.screens.deck_screen import DeckScreen
from tui.screens.folding_screen import TABLE_ROWS
from tui.screens.help import HelpOverlay
from tui.screens.palette_screen import PaletteScreen
from tui.views import VIEWS
from tui.widgets.detail import Detail
from tui.widgets.line import Line
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SMALL, USUAL = (80, 24), (120, 40)
SIZES = ((200, 60), (40, 12), (20, 5), (63, 17), (132, 43))
MANY = 60
# What each may send at 120x40. A pane takes what it shows, and what it covered when it closes.
MOST = {
    "first paint": 10_000,
    "step": 400,
    "scrolled row": 400,
    "page": 3_500,
    "typed": 400,
    "help": 3_500,
    "help closed": 3_500,
    "palette": 3_500,
    "palette closed": 3_500,
    "detail": 3_500,
    "detail closed": 3_500,
}
# A word that ends with the sign that something was cut away.
CUT = re.compile(r"\w…")


@dataclass(slots=True)
class Seen:
    """What the walk saw: rows of each view, labels that were cut, bytes by view and deed, what a size changed, and keys
    that help does not tell.
    """

    rows: dict[str, int] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    sent: dict[tuple[str, str], int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


class Counted(CellScreen):
    """The cells of a terminal with all colours, and how many bytes were sent to it."""

    sent = 0

    def draw(self, placed: Iterable[Placed], colours: ColorSystem, width: int, height: int) -> str:
        """As for any terminal."""
        del colours
        text = super().draw(placed, ColorSystem.TRUECOLOR, width, height)
        self.sent += len(text.encode())
        return text


class Walk:
    """Goes from view to view of ``app`` and notes what it sees."""

    def __init__(self, app: PatchdeckApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot, self.seen = app, pilot, Seen()
        self.cells = Counted(erases_in_colour=True)

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits for ``condition``."""
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, screen_text(self.app)
            await self.pilot.pause(0.01)

    @property
    def table(self) -> BigTable:
        """The table in front."""
        return self.app.screen.query_one(BigTable)

    async def resize(self, size: tuple[int, int]) -> None:
        """Gives the terminal another size, until the screen has it."""
        await self.pilot.resize_terminal(*size)
        await self.until(lambda: self.app.screen.size == size)
        await self.pilot.pause()

    async def go_to(self, view: str) -> None:
        """Brings ``view`` to the front, with all that it reads."""
        await self.app.switch_mode(view)
        await self.until(lambda: isinstance(self.app.screen, DeckScreen) and self.app.screen.is_up)
        await self.until(lambda: not re.search("[Rr]eading ", screen_text(self.app)))
        await self.until(lambda: self.table.contents.rows or self.table.notice or self.app.screen.focused)
        if view == "query":
            await self.pilot.press("escape")
        await self.pilot.pause()

    def look_for_cuts(self, view: str) -> None:
        """Notes labels that are cut: titles, tabs, keys, path, headings and lines of details."""
        lines = screen_text(self.app).splitlines()
        screen = self.app.screen
        shown = [each.region for each in (*screen.query(Line), *screen.query(Detail)) if each.display]
        labels = [line for region in shown for line in lines[region.y : region.bottom]]
        if self.table.contents.rows:
            labels.append(lines[self.table.region.y])
        self.seen.cut += [f"{view}: {line}" for line in labels if CUT.search(line)]

    async def count_rows(self, view: str) -> None:
        """Notes how many rows are seen of many, whatever the home has."""
        if not self.table.columns:
            self.table.set_columns((TableColumn("made", "Made"),))
        columns = len(self.table.columns)
        with self.table.prevent(BigTable.CursorMoved):
            self.table.set_rows([Row(f"made {number}", ("made",) * columns) for number in range(MANY)])
        await self.pilot.pause()
        await self.pilot.pause()
        self.seen.rows[view] = self.table.page_rows
        with self.table.prevent(BigTable.CursorMoved):
            self.table.set_rows(())

    async def try_sizes(self, view: str) -> None:
        """Notes what of cursor, marks and filter does not outlast other sizes."""
        table = self.table
        if len(table.contents.rows) > 2:
            table.set_filter("e")
            table.move_cursor(1)
            table.toggle_mark()
            await self.pilot.pause()
        before = (table.cursor_row, table.filter_text, set(table.contents.marks))
        for size in SIZES:
            await self.resize(size)
            if (self.table.cursor_row, self.table.filter_text, self.table.contents.marks) != before:
                self.seen.lost.append(f"{view} at {size}")
            top, page = table.scroll_offset.y, table.page_rows
            if page and len(table.contents) and not top <= table.cursor < top + page:
                self.seen.lost.append(f"{view} at {size}: the cursor is not in view")
        table.clear_marks()
        table.set_filter("")
        table.move_cursor(0)

    async def note(self, view: str, deed: str, do: Callable[[], Awaitable[object]]) -> None:
        """Notes what ``do`` makes the app send."""
        await self.pilot.pause()
        self.cells.sent = 0
        await do()
        await self.pilot.pause()
        self.seen.sent[view, deed] = self.cells.sent

    async def count_bytes(self, view: str) -> None:
        """Notes what the first paint and each key of the table sends."""
        press, table = self.pilot.press, self.table

        async def paint() -> None:
            self.app.action_redraw()

        await self.note(view, "first paint", paint)
        if len(table.contents) <= 2:
            return
        await self.note(view, "step", partial(press, "down"))
        if len(table.contents) > 2 * table.page_rows:
            await press("pagedown")
            await self.note(view, "scrolled row", partial(press, "down"))
            await self.note(view, "page", partial(press, "pagedown"))
            await press("home")
        await press("slash")
        if isinstance(self.app.focused, Input):
            await self.note(view, "typed", partial(press, "e"))
            await press("escape", "escape")

    async def count_panes(self, view: str) -> None:
        """Notes what help, palette and detail send, opened and closed."""
        press = self.pilot.press

        async def open_pane(key: str, kind: type) -> None:
            await press(key)
            await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.is_mounted)
            if kind is PaletteScreen:
                await self.until(lambda: self.app.screen.query_one("CommandList").display)

        async def close_pane() -> None:
            await press("escape")
            await self.until(lambda: isinstance(self.app.screen, DeckScreen))

        told = {each.tooltip for those in self.app.screen._bindings.key_to_bindings.values() for each in those}
        for key, deed, kind in (("question_mark", "help", HelpOverlay), ("ctrl+p", "palette", PaletteScreen)):
            await self.note(view, deed, partial(open_pane, key, kind))
            if kind is HelpOverlay:
                meanings = "\n".join(row.cells[1] for row in self.table.contents.rows)
                self.seen.untold += [f"{view}: {each}" for each in told if each not in meanings]
            await self.note(view, f"{deed} closed", close_pane)
        await self.note(view, "detail", partial(press, "z"))
        await self.note(view, "detail closed", partial(press, "z"))

    async def see(self) -> Seen:
        """Goes through all views."""
        await self.until(lambda: self.app.fleet.statuses)
        for view in VIEWS:
            await self.resize(SMALL)
            await self.go_to(view)
            self.look_for_cuts(view)
            await self.try_sizes(view)
            await self.resize(USUAL)
            self.app._driver.cells = self.cells  # type: ignore[union-attr]  # that of a terminal has them
            await self.count_bytes(view)
            await self.count_panes(view)
            self.app._driver.cells = None  # type: ignore[union-attr]  # as before
            await self.resize(SMALL)
            await self.count_rows(view)
        return self.seen


def copy_sample(folder: Path) -> Home:
    """A home with the sample fleet."""
    source = find_sample_data()
    for name in ("version", "state.db", "tables", "feeds"):
        copy = shutil.copytree if (source / name).is_dir() else shutil.copyfile
        copy(source / name, folder / name)
    return open_home(folder)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    home = copy_sample(tmp_path_factory.mktemp("sample"))

    async def walk() -> Seen:
        app = PatchdeckApp(home, clock=lambda: NOW, theme="patchdeck-dark")
        async with app.run_test(size=SMALL) as pilot:
            return await Walk(app, pilot).see()

    with pytest.MonkeyPatch.context() as patch:
        for module in ("app", "pilot"):
            patch.setattr(f"textual.{module}.wait_for_idle", partial(wait_for_idle, max_sleep=0.1))
        # The detail of a row follows once the cursor rests, which it does not here.
        patch.setattr("tui.screens.detailed_screen.REST_SECONDS", 30)
        # Ages are shown anew once a minute, which would be counted with whatever key comes then.
        patch.setattr("tui.app.TICKS_BETWEEN_AGES", 1_000_000)
        return asyncio.run(walk())


def test_every_view_shows_many_rows_on_a_small_screen(seen: Seen) -> None:
    """At 80x24 it is 19 at least, whatever stands beside the table."""
    assert set(seen.rows) == set(VIEWS)
    assert {view: rows for view, rows in seen.rows.items() if rows < TABLE_ROWS} == {}


def test_no_label_is_cut_on_a_small_screen(seen: Seen) -> None:
    """Titles, tabs, keys, headings and details leave words out rather than cut them; only data end with an ellipsis."""
    assert seen.cut == []


def test_cursor_marks_and_filter_outlast_every_size(seen: Seen) -> None:
    """From 20x5 to 200x60, on every view, with the cursor in view."""
    assert seen.lost == []


def test_help_tells_every_key_of_the_view(seen: Seen) -> None:
    """Each with its words, also those that no row of keys has room for."""
    assert seen.untold == []


def test_no_view_sends_more_than_the_bars(seen: Seen) -> None:
    """First paint, step, scrolled row, page, typed character, and help, palette and detail opened and closed."""
    worst = {deed: max((size, view) for (view, each), size in seen.sent.items() if each == deed) for deed in MOST}
    print(*(f"{deed}: {size:,} ({view})" for deed, (size, view) in worst.items()), sep="\n")
    over = {at: size for at, size in seen.sent.items() if size > MOST[at[1]]}
    assert over == {}
