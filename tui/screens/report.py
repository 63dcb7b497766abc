"""A report that was made: what it comes to, and its tables; to be read, paged and written."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from fleet.hostile import clean
from fleet.reports.report import Report
from tui import report_deeds
from tui.rows.report_rows import REPORT_TABLE_COLUMNS, report_table_rows, section_text
from tui.screens.folding_screen import Beside, FoldingScreen
from tui.tones import Tone
from tui.widgets.detail import Detail, labelled
from tui.widgets.line import Piece
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule


class ReportScreen(FoldingScreen):
    """The tables of ``report``, a row each, under what it comes to."""

    COLUMNS = REPORT_TABLE_COLUMNS
    KEEPS_PAST = True  # what it shows does not change
    DEFAULT_ORDER = "place"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The rows of the table under the cursor, and the query they are from"),
        Binding("v", "view", "pager", tooltip="All of the report in $PAGER, as Markdown"),
        Binding("w", "write", "write", tooltip="Write it to a file: HTML, Markdown or CSV by its name"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self.crumb = clean(report.title, 40)

    def body(self) -> ComposeResult:
        """What it comes to, over its tables."""
        with Vertical(classes="pane"):
            yield TitleRule(id="title")
            yield Detail(id="summary")
            yield BigTable(self.COLUMNS)

    def beside(self) -> Sequence[Beside]:
        """What it comes to."""
        summary = self.query_one("#summary", Detail)
        return (Beside(summary, min(self.app.size.height * 6 // 10, summary.count_lines(self.app.size.width))),)

    def on_mount(self) -> None:
        """Shows the report, which never changes."""
        self.query_one("#summary", Detail).show(self._summary())
        self.share_room()
        self.table.set_rows(report_table_rows(self._report))
        self.show_title()

    def _summary(self) -> Sequence[Sequence[Piece]]:
        report = self._report
        lines: list[tuple[Piece, ...]] = [(Piece(clean(text), Tone.STRONG),) for text in report.summary]
        lines += [(Piece(clean(note), Tone.PENDING),) for note in report.notes]
        return lines + [labelled(clean(name), clean(value)) for name, value in report.facts if value]

    @property
    def table_title(self) -> str:
        """What the rows are."""
        return "Tables"

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the rows of the table under the cursor."""
        from tui.screens.full_text import FullText

        if row := self.table.cursor_row:
            table = self._report.table(row.key)
            self.app.push_screen(FullText(table.title, section_text(table)))

    def action_view(self) -> None:
        """Opens all of it in the user's pager."""
        report_deeds.page(self.deck, self._report)

    def action_write(self) -> None:
        """Asks for a file, and writes it there."""
        from tui.screens.file_form import FileForm

        meaning = "The report: HTML (one file, prints well), Markdown or CSV (the table of the detail) by its name."
        form = FileForm("Write the report", f"{self._report.kind.value}.html", meaning)
        self.app.push_screen(form, self._write)

    def _write(self, path: Path | None) -> None:
        if path is not None:
            report_deeds.write(self.deck, self._report, path)
