"""The large table: ten thousand rows and more, drawn line by line from plain tuples.

It owns what is shown (filter, sort, marks, cursor) and how; what the rows mean is its screen's affair.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.tones import TONE_CLASSES, TONE_CSS
from tui.widgets.column_layout import ColumnLayout, lay_out
from tui.widgets.contents import Contents, Place, Sorting, Tail, shown_now_of
from tui.widgets.line import Piece
from tui.widgets.row_drawing import RowPainter
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table_keys import TableKeys

_LAYOUT_TRIES, _LAYOUT_SECONDS = 10, 0.05


class BigTable(TableKeys, ScrollView, can_focus=True):
    """A table with a frozen first column, a cursor over the whole row, marks, a filter and a sort order."""

    DEFAULT_CSS = f"""
    BigTable {{
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1;
        scrollbar-color: $text-disabled; scrollbar-background: $background; scrollbar-color-hover: $primary;
        scrollbar-background-hover: $background; scrollbar-background-active: $background;
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
        self.contents = Contents(columns, shown_now_of(self))
        self.skipped_columns = 0
        self.chosen_columns: tuple[int, ...] = ()
        self.notice: tuple[tuple[Piece, ...], ...] = ()
        self._layout: tuple[tuple[object, ...], ColumnLayout] | None = None
        self._painter = RowPainter(self)
        self.kept_place: Place | None = None  # comes back with the next rows

    # What is in the table

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """All columns, shown or not."""
        return self.contents.columns

    @property
    def sorting(self) -> Sorting | None:
        """The order; None is the one in which the rows were given."""
        return self.contents.sorting

    @property
    def filter_text(self) -> str:
        """The filter as typed."""
        return self.contents.filter_text

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, None where no row is shown."""
        return self.contents[self.cursor] if self.cursor < len(self.contents) else None

    def set_columns(self, columns: Sequence[TableColumn]) -> None:
        """Other columns and no rows; filter, sort, marks and scrolling begin anew."""
        self.contents = Contents(columns, shown_now_of(self))
        self.skipped_columns, self.cursor, self.chosen_columns = 0, 0, ()
        self._arranged(None)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Other rows. Cursor and marks stay with their rows' keys, filter and sort stay as they are."""
        if rows == self.contents.rows and len(self.contents) and self.kept_place is None:
            return
        key, before = self._cursor_key, self._in_view()
        self.contents.set_rows(rows)
        if rows and self.kept_place is not None:
            (marks, key), self.kept_place = self.kept_place, None
            self.contents.take_back(marks)
        self._arranged(key, before)

    def append_rows(self, rows: Sequence[Row], tail: Tail | None = None) -> None:
        """More rows behind those that there are; ``tail`` are those behind them that are not kept. Nothing moves."""
        before = len(self.contents)
        self.contents.tail = tail
        if rows:
            self.contents.append(rows)
        if len(self.contents) != before:
            self.virtual_size = Size(self.size.width, len(self.contents) + 1)
            self.refresh()
            self.post_message(self.ViewChanged(self))
            if not before:
                self.post_message(self.CursorMoved(self, self.cursor_row))

    def replace_rows(self, rows: Iterable[Row]) -> None:
        """Puts each row in the place of the one with its key. Nothing moves: filter and sort wait for `set_rows`."""
        natural, contents = self.contents.natural, self.contents
        changed = contents.replace(rows)
        if contents.natural != natural:
            self.refresh()
        top = self.scroll_offset.y
        for position in range(top, min(top + self.page_rows, len(contents))):
            if contents[position].key in changed:
                self._refresh_row(position)
        if self._cursor_key in changed:
            self.post_message(self.CursorMoved(self, self.cursor_row))

    def set_notice(self, *lines: tuple[Piece, ...]) -> None:
        """What is shown in the place of rows where none is shown: what that means, and the key that helps."""
        if lines != self.notice:
            self.notice = lines
            self.refresh()

    @property
    def place(self) -> Place:
        """Which rows are marked, and the one under the cursor, by their keys."""
        return frozenset(self.contents.marks), self._cursor_key

    @property
    def _cursor_key(self) -> str | None:
        return row.key if (row := self.cursor_row) else None

    # What is shown of it

    def set_filter(self, text: str) -> None:
        """Shows only the rows that fit ``text``, see `tui.widgets.filtering`."""
        key = self._cursor_key
        self.contents.filter_text = text
        self.contents.arrange()
        self._arranged(key)

    def choose_columns(self, chosen: tuple[int, ...]) -> None:
        """Shows only these columns after the first, in this order; none are all, as they fit."""
        if chosen != self.chosen_columns:
            self.chosen_columns = chosen
            self.skipped_columns = 0
            self.refresh()
            self.post_message(self.ViewChanged(self))

    def sort_by(self, sorting: Sorting | None) -> None:
        """Sorts by ``sorting``; None is the order in which the rows were given."""
        key = self._cursor_key
        self.contents.sorting = sorting
        self.contents.arrange()
        self._arranged(key)

    def toggle_mark(self) -> None:
        """Marks the row under the cursor, or takes its mark away, and goes on to the next row."""
        if row := self.cursor_row:
            self.contents.marks ^= {row.key}
            self._refresh_row(self.cursor)
            self.move_cursor(self.cursor + 1)
            self.post_message(self.ViewChanged(self))

    def toggle_all_marks(self) -> None:
        """Marks every row shown, or takes all marks away where every one has it."""
        keys, marks = {row.key for row in self.contents.shown}, self.contents.marks
        self.contents.marks = marks - keys if keys <= marks else marks | keys
        self.refresh()
        self.post_message(self.ViewChanged(self))

    def mark(self, keys: Iterable[str]) -> None:
        """Marks the rows with ``keys``, and no other."""
        self.contents.mark(keys)
        self.refresh()
        self.post_message(self.ViewChanged(self))

    def clear_marks(self) -> None:
        """Takes every mark away."""
        self.contents.marks.clear()
        self.refresh()
        self.post_message(self.ViewChanged(self))

    def move_cursor(self, position: int) -> None:
        """Puts the cursor on the row shown at ``position``, or the nearest, and scrolls it into view."""
        target = max(0, min(position, len(self.contents) - 1))
        if target != self.cursor:
            old, self.cursor = self.cursor, target
            self._refresh_row(old)
            self._refresh_row(target)
            self.post_message(self.CursorMoved(self, self.cursor_row))
        self._show_cursor()

    @property
    def layout_of_columns(self) -> ColumnLayout:
        """The columns that fit now."""
        given = (tuple(self.contents.natural), self._painter.room, self.skipped_columns, self.chosen_columns)
        if self._layout is None or self._layout[0] != given:
            natural, room, skipped, chosen = given
            self._layout = (given, lay_out(self.columns, natural, room, skip=skipped, chosen=chosen))
        return self._layout[1]

    # How it is drawn

    def render_line(self, y: int) -> Strip:
        """The heading at the top, below it the rows from the scroll position on."""
        if not len(self.contents):
            return self._painter.notice(y)
        if y == 0:
            return self._painter.heading()
        position = self.scroll_offset.y + y - 1
        if position >= len(self.contents):
            return self._painter.blank()
        row = self.contents[position]
        is_marked = row.key in self.contents.marks
        return self._painter.row(row, is_cursor=position == self.cursor, is_marked=is_marked)

    def _in_view(self) -> tuple[object, ...]:
        """What decides how the rows in view are drawn, but for where they are scrolled to."""
        top, contents = self.scroll_offset.y, self.contents
        rows = [contents[position] for position in range(top, min(top + self.page_rows, len(contents)))]
        return rows, len(contents), self.cursor, contents.natural, contents.marks & {row.key for row in rows}

    def _arranged(self, cursor_key: str | None, before: tuple[object, ...] = ()) -> None:
        position = self.contents.position_of(cursor_key)
        self.cursor = min(self.cursor, max(0, len(self.contents) - 1)) if position is None else position
        self.virtual_size = Size(self.size.width, len(self.contents) + 1)
        if self._in_view() != before:
            self.refresh()
        self._show_cursor()
        self.post_message(self.ViewChanged(self))
        self.post_message(self.CursorMoved(self, self.cursor_row))

    def _show_cursor(self, *, tries: int = _LAYOUT_TRIES) -> None:
        page = self.page_rows
        top = self.scroll_offset.y
        wanted = min(max(top, self.cursor - page + 1), self.cursor)
        if wanted == top or page <= 0:
            return
        # Forced: the scroll bar of rows that were few until now is not there yet.
        self.scroll_to(y=wanted, animate=False, immediate=True, force=True)
        if self.scroll_offset.y != wanted and tries and self.is_mounted:
            # Textual scrolls no further than it knows, and a layout begun before the newest rows came knows fewer.
            self.virtual_size = Size(self.size.width, len(self.contents) + 1)
            self.set_timer(_LAYOUT_SECONDS, partial(self._show_cursor, tries=tries - 1))

    @property
    def page_rows(self) -> int:
        """How many rows fit below the heading."""
        # The scrollable region, not the size: a scroll bar must not hide the last row.
        return max(0, self.scrollable_content_region.height - 1)

    def _refresh_row(self, position: int) -> None:
        self.refresh(Region(0, position - self.scroll_offset.y + 1, self.size.width, 1))

    def watch_show_vertical_scrollbar(self) -> None:
        """Its cell is one less for columns: another one may not fit, which the title tells."""
        self.post_message(self.ViewChanged(self))

    def on_resize(self) -> None:
        """Lays the columns out anew and keeps the cursor in view."""
        self.virtual_size = Size(self.size.width, len(self.contents) + 1)
        self._show_cursor()
        self.post_message(self.ViewChanged(self))
