"""Which columns a table shows, and in which order."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.line import Line, Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class ColumnChooser(Overlay[tuple[str, ...]]):
    """Gives the names of the chosen columns in their order, none where they are to be as by default."""

    DEFAULT_CSS = """
    ColumnChooser > .box { width: 52; }
    ColumnChooser BigTable { height: auto; max-height: 18; }
    ColumnChooser .keys { background: $surface; }
    """
    TITLE_TEXT = "Columns"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", tooltip="Show these columns, also in later sessions"),
        Binding("space", "switch", "show or hide", tooltip="Show the column, or hide it"),
        Binding("less_than_sign", "shift(-1)", "earlier", tooltip="Put the column before the one above it"),
        Binding("greater_than_sign", "shift(1)", "later", tooltip="Put the column behind the one below it"),
        Binding("d", "default", "default", tooltip="As Patchdeck shows them"),
    ]

    def __init__(self, columns: Sequence[TableColumn], chosen: Sequence[int]) -> None:
        super().__init__()
        self._columns = columns
        known = [index for index, column in enumerate(columns) if column.most and index]
        shown = [index for index in chosen if index in known]
        self._order = [*shown, *(index for index in known if index not in shown)] if shown else known
        self._shown = set(shown or known)

    def content(self) -> ComposeResult:
        """The columns, and the keys."""
        yield BigTable(
            (
                TableColumn("shown", "", most=5, least=5, priority=0),
                TableColumn("column", "Column", most=36, priority=0),
            )
        )
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Lists the columns."""
        self._list()
        keys = (("space", " show/hide  "), ("< >", " move  "), ("d", " default  "), ("enter", " take"))
        pieces = [piece for key, label in keys for piece in (Piece(key, Tone.KEY), Piece(label, Tone.DIM))]
        self.query_one(".keys", Line).show(pieces)

    def action_switch(self) -> None:
        """Shows the column under the cursor, or hides it."""
        if (index := self._under_cursor) is not None:
            self._shown ^= {index}
            self._list()

    def action_shift(self, step: int) -> None:
        """Moves the column under the cursor."""
        index = self._under_cursor
        if index is None:
            return
        at = self._order.index(index)
        other = max(0, min(len(self._order) - 1, at + step))
        self._order.insert(other, self._order.pop(at))
        self._list()

    def action_default(self) -> None:
        """Gives none: as by default."""
        self.dismiss(())

    def action_take(self) -> None:
        """Gives those that are shown."""
        self.dismiss(tuple(self._columns[index].name for index in self._order if index in self._shown))

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click shows or hides."""
        event.stop()
        self.action_switch()

    @property
    def _under_cursor(self) -> int | None:
        row = self.query_one(BigTable).cursor_row
        return int(row.key) if row is not None else None

    def _list(self) -> None:
        table = self.query_one(BigTable)
        rows = []
        for index in self._order:
            is_shown = index in self._shown
            tone = Tone.NORMAL if is_shown else Tone.OFFLINE
            rows.append(Row(str(index), ("[x]" if is_shown else "[ ]", self._columns[index].heading), (tone, tone)))
        table.set_rows(rows)
        table.styles.height = len(rows) + 1
