"""The large table: ten thousand rows and more, drawn line by line from plain tuples.

It owns what is shown (filter, sort, marks, cursor) and how; what the rows mean is its screen's affair.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.tones import TONE_CLASSES, TONE_CSS
from tui.widgets.column_layout import ColumnLayout, lay_out, natural_widths
from tui.widgets.filtering import joined_text, matching, parse_filter
from tui.widgets.line import Piece
from tui.widgets.ordering import sort_indexes
from tui.widgets.row_drawing import RowPainter
from tui.widgets.rows import Row, TableColumn


@dataclass(frozen=True, slots=True)
class Sorting:
    """The column that rows are sorted by, and which way."""

    column: int
    is_descending: bool = False


class BigTable(ScrollView, can_focus=True):
    """A table with a frozen first column, a cursor over the whole row, marks, a filter and a sort order."""

    DEFAULT_CSS = f"""
    BigTable {{
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1;
        & > .table--header {{ color: $foreground-muted; text-style: bold; }}
        & > .table--cursor {{ color: $primary; text-style: reverse; }}
        & > .table--cursor-blurred {{ text-style: bold; background: $panel; }}
        {TONE_CSS}
    }}
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cursor", "table--cursor-blurred", "table--header", *TONE_CLASSES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, tooltip="One row up"),
        Binding("down,j", "move(1)", "down", show=False, tooltip="One row down"),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False, tooltip="One screen up"),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False, tooltip="One screen down"),
        Binding("home,g", "jump(0)", "top", show=False, tooltip="First row"),
        Binding("end,G", "jump(-1)", "bottom", show=False, tooltip="Last row"),
        Binding("left,h", "shift(-1)", "columns left", show=False, tooltip="Earlier columns"),
        Binding("right,l", "shift(1)", "columns right", show=False, tooltip="Later columns, the first one stays"),
    ]

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another row; None where there is no row."""

        table: "BigTable"
        row: Row | None

    @dataclass
    class Chosen(Message):
        """Enter, or a second click, on a row."""

        table: "BigTable"
        row: Row

    @dataclass
    class ViewChanged(Message):
        """What is shown of the rows changed: filter, sort, marks, columns or the rows themselves."""

        table: "BigTable"

    cursor: reactive[int] = reactive(0, repaint=False)

    def __init__(self, columns: Sequence[TableColumn] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns: tuple[TableColumn, ...] = tuple(columns)
        self.rows: list[Row] = []
        self.marks: set[str] = set()
        self.sorting: Sorting | None = None
        self.filter_text = ""
        self.skipped_columns = 0
        self.notice: tuple[tuple[Piece, ...], ...] = ()
        self._joined: list[str] = []
        self._index_of: dict[str, int] = {}
        self._shown: list[int] = []
        self._natural: list[int] = [0] * len(self.columns)
        self._layout: tuple[tuple[object, ...], ColumnLayout] | None = None
        self._painter = RowPainter(self)

    # What is in the table

    def set_columns(self, columns: Sequence[TableColumn]) -> None:
        """Other columns and no rows; filter, sort, marks and scrolling begin anew."""
        self.columns, self.skipped_columns, self.sorting, self.filter_text = tuple(columns), 0, None, ""
        self.marks.clear()
        self.rows, self._shown, self.cursor = [], [], 0
        self.set_rows([])

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Other rows. Cursor and marks stay with their rows' keys, filter and sort stay as they are."""
        if rows == self.rows and self._shown:
            return
        key = self._cursor_key
        self.rows = list(rows)
        self._index_of = {each.key: index for index, each in enumerate(self.rows)}
        self._joined = [joined_text(each) for each in self.rows]
        self.marks &= {each.key for each in self.rows}
        self._natural = natural_widths(self.columns, self.rows)
        self._arrange(key)

    def replace_rows(self, rows: Iterable[Row]) -> None:
        """Puts each row in the place of the one with its key. Nothing moves: filter and sort wait for `set_rows`."""
        changed = {self._index_of[row.key]: row for row in rows if row.key in self._index_of}
        for index, row in changed.items():
            self.rows[index], self._joined[index] = row, joined_text(row)
        top = self.scroll_offset.y
        for position, index in enumerate(self._shown[top : top + self.page_rows], start=top):
            if index in changed:
                self._refresh_row(position)
        if (under := self.cursor_row) and self._index_of[under.key] in changed:
            self.post_message(self.CursorMoved(self, under))

    def set_notice(self, *lines: tuple[Piece, ...]) -> None:
        """What is shown in the place of rows where none is shown: what that means, and the key that helps."""
        if lines != self.notice:
            self.notice = lines
            self.refresh()

    @property
    def shown_rows(self) -> list[Row]:
        """The rows that the filter lets through, in the order shown."""
        return [self.rows[index] for index in self._shown]

    @property
    def shown_count(self) -> int:
        """How many rows the filter lets through."""
        return len(self._shown)

    def shown_row(self, position: int) -> Row:
        """The row shown at ``position``, 0 for the first."""
        return self.rows[self._shown[position]]

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, None where no row is shown."""
        return self.rows[self._shown[self.cursor]] if self.cursor < len(self._shown) else None

    @property
    def _cursor_key(self) -> str | None:
        return row.key if (row := self.cursor_row) else None

    @property
    def marked_rows(self) -> list[Row]:
        """The marked rows, those that the filter hides too."""
        return [row for row in self.rows if row.key in self.marks]

    # What is shown of it

    def set_filter(self, text: str) -> None:
        """Shows only the rows that fit ``text``, see `tui.widgets.filtering`."""
        self.filter_text = text
        self._arrange(self._cursor_key)

    def sort_by(self, sorting: Sorting | None) -> None:
        """Sorts by ``sorting``; None is the order in which the rows were given."""
        self.sorting = sorting
        self._arrange(self._cursor_key)

    def toggle_mark(self) -> None:
        """Marks the row under the cursor, or takes its mark away, and goes on to the next row."""
        if row := self.cursor_row:
            self.marks ^= {row.key}
            self._refresh_row(self.cursor)
            self.move_cursor(self.cursor + 1)
            self.post_message(self.ViewChanged(self))

    def toggle_all_marks(self) -> None:
        """Marks every row shown, or takes all marks away where every one has it."""
        keys = {row.key for row in self.shown_rows}
        self.marks = self.marks - keys if keys <= self.marks else self.marks | keys
        self.refresh()
        self.post_message(self.ViewChanged(self))

    def move_cursor(self, position: int) -> None:
        """Puts the cursor on the row shown at ``position``, or the nearest, and scrolls it into view."""
        target = max(0, min(position, len(self._shown) - 1))
        if target != self.cursor:
            old, self.cursor = self.cursor, target
            self._refresh_row(old)
            self._refresh_row(target)
            self.post_message(self.CursorMoved(self, self.cursor_row))
        self._show_cursor()

    def move_cursor_to(self, key: str) -> bool:
        """Puts the cursor on the row with ``key``; whether it is shown at all."""
        for position, index in enumerate(self._shown):
            if self.rows[index].key == key:
                self.move_cursor(position)
                return True
        return False

    @property
    def layout_of_columns(self) -> ColumnLayout:
        """The columns that fit now."""
        given = (tuple(self._natural), self._painter.room, self.skipped_columns)
        if self._layout is None or self._layout[0] != given:
            self._layout = (given, lay_out(self.columns, self._natural, given[1], skip=given[2]))
        return self._layout[1]

    # How it is drawn

    def render_line(self, y: int) -> Strip:
        """The heading at the top, below it the rows from the scroll position on."""
        if not self._shown:
            return self._painter.notice(y)
        if y == 0:
            return self._painter.heading()
        position = self.scroll_offset.y + y - 1
        if position >= len(self._shown):
            return self._painter.blank()
        row = self.rows[self._shown[position]]
        return self._painter.row(row, is_cursor=position == self.cursor, is_marked=row.key in self.marks)

    def _arrange(self, cursor_key: str | None) -> None:
        self._shown = matching(self.rows, self._joined, parse_filter(self.filter_text, self.columns))
        if self.sorting is not None:
            by, down = self.sorting.column, self.sorting.is_descending
            self._shown = sort_indexes(self._shown, self.rows, by, is_descending=down)
        position = next((at for at, index in enumerate(self._shown) if self.rows[index].key == cursor_key), None)
        self.cursor = min(self.cursor, max(0, len(self._shown) - 1)) if position is None else position
        self.virtual_size = Size(self.size.width, len(self._shown) + 1)
        self.refresh()
        self._show_cursor()
        self.post_message(self.ViewChanged(self))
        self.post_message(self.CursorMoved(self, self.cursor_row))

    def _show_cursor(self) -> None:
        page = self.page_rows
        top = self.scroll_offset.y
        wanted = min(max(top, self.cursor - page + 1), self.cursor)
        if wanted != top and page > 0:
            self.scroll_to(y=wanted, animate=False, immediate=True)

    @property
    def page_rows(self) -> int:
        """How many rows fit below the heading."""
        # The scrollable region, not the size: a scroll bar must not hide the last row.
        return max(0, self.scrollable_content_region.height - 1)

    def _refresh_row(self, position: int) -> None:
        self.refresh(Region(0, position - self.scroll_offset.y + 1, self.size.width, 1))

    def on_resize(self) -> None:
        """Lays the columns out anew and keeps the cursor in view."""
        self.virtual_size = Size(self.size.width, len(self._shown) + 1)
        self._show_cursor()
        self.post_message(self.ViewChanged(self))

    # Keys and clicks

    def action_move(self, rows: int) -> None:
        """Moves the cursor by ``rows``."""
        self.move_cursor(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Moves the cursor by ``pages`` screens."""
        self.move_cursor(self.cursor + pages * max(1, self.page_rows))

    def action_jump(self, position: int) -> None:
        """Moves the cursor to the first (0) or the last (-1) row."""
        self.move_cursor(position if position >= 0 else len(self._shown) - 1)

    def action_shift(self, columns: int) -> None:
        """Passes over more or fewer columns after the first one."""
        most = max(0, len(self.columns) - 2)
        skipped = max(0, min(most, self.skipped_columns + columns))
        if columns > 0 and not self.layout_of_columns.dropped:
            return
        if skipped != self.skipped_columns:
            self.skipped_columns = skipped
            self.refresh()
            self.post_message(self.ViewChanged(self))

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a row; a second one chooses it."""
        position = self.scroll_offset.y + event.y - 1
        if event.y > 0 and position < len(self._shown):
            self.move_cursor(position)
            if event.chain > 1 and (row := self.cursor_row):
                self.post_message(self.Chosen(self, row))
