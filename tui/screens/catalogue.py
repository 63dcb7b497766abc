"""The tables and their columns, with types and meanings; what a query may name."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.prompt import Prompt
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class CatalogueOverlay(Overlay[str]):
    """Gives the chosen name. ``/`` filters: ``table:Update reboot``."""

    DEFAULT_CSS = """
    CatalogueOverlay > .box { width: 120; height: 92%; }
    CatalogueOverlay Detail { height: 2; }
    """
    TITLE_TEXT = "Tables and columns"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "insert", tooltip="Put the name into the editor"),
        Binding("slash", "filter", "filter", priority=True, tooltip="Filter the names and meanings"),
    ]

    def content(self) -> ComposeResult:
        """The names, and the meaning of the one under the cursor."""
        yield BigTable(
            (
                TableColumn("name", "Name", most=36, least=20, priority=0),
                TableColumn("type", "Type", most=10, least=8, priority=2),
                TableColumn("meaning", "Meaning", most=120, least=20, priority=1),
                TableColumn("table", "Table", most=20, least=8, priority=3),
            )
        )
        yield Detail()
        yield Prompt()

    def on_mount(self) -> None:
        """Lists the catalogue."""
        from query.catalogue import list_catalogue

        rows: list[Row] = []
        for table in list_catalogue():
            cells = (table.name, "table", table.meaning, table.name)
            rows.append(Row(table.name, cells, (Tone.KEY, Tone.DIM, Tone.STRONG, Tone.DIM)))
            for column in table.columns:
                unit = f" [{column.unit}]" if column.unit else ""
                cells = (f"  {column.name}", column.type, column.meaning + unit, table.name)
                tones = (Tone.NORMAL, Tone.DIM, Tone.NORMAL, Tone.DIM)
                rows.append(Row(f"{table.name}.{column.name}", cells, tones))
        self.query_one(BigTable).set_rows(rows)

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the whole meaning."""
        event.stop()
        self.query_one(Detail).show([(Piece(event.row.cells[2]),)] if event.row else ())

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click chooses too."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Gives the name under the cursor."""
        if row := self.query_one(BigTable).cursor_row:
            self.dismiss(row.cells[0].strip())

    def action_filter(self) -> None:
        """Asks for a filter."""
        self.query_one(Prompt).open("/", self.query_one(BigTable).filter_text)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_cancelled(self) -> None:
        """Clears the filter."""
        self.query_one(BigTable).set_filter("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where the filter is typed, a slash is a letter, and enter takes the filter."""
        del parameters
        return action not in ("filter", "choose") or not self.query_one(Prompt).is_open
