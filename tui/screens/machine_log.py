"""One log of a machine: its own words, the last page first and earlier ones by a key; nothing in it is interpreted."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from ops.machine_logs import LogKind, LogPage, MachineLog, read_page
from tui.background import in_thread
from tui.rows.ages import describe_bytes
from tui.rows.kept_log_rows import LINE_COLUMNS, line_rows
from tui.run_feed import RunFeed
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row


class MachineLogScreen(DetailedScreen):
    """The lines of ``log`` of the machine with ``machine_id``."""

    COLUMNS = LINE_COLUMNS
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "read_older", "earlier", tooltip="Read the page before what is shown"),
        Binding("o", "open_run", "run", tooltip="The machine's part in the run: steps, updates, remote commands"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, log: MachineLog, machine_id: str, machine_name: str) -> None:
        super().__init__()
        self._log, self._machine_id = log, machine_id
        self.about = (machine_id, log.id)
        self._machine_name = clean_name(machine_name)
        self._pages: list[LogPage] = []
        self._is_reading = False
        self._problem = ""
        self.crumb = log.id

    def on_mount(self) -> None:
        """Reads the last page."""
        self._read(None)

    def _read(self, before: int | None) -> None:
        if self._is_reading:
            return
        self._is_reading = True
        work = lambda: read_page(self._log, before)  # noqa: E731  # used once
        in_thread(self.deck, work, self._take, self._fail, what="reading the log")

    def _take(self, page: LogPage) -> None:
        self._is_reading, self._problem = False, ""
        is_first = not self._pages
        self._pages.insert(0, page)
        if not self.is_up:
            return
        # The table keeps the cursor on its row, by its key.
        self.table.set_rows([row for each in self._pages for row in line_rows(each.lines, each.start)])
        if is_first:
            self.table.action_jump(-1)
        self._show()

    def _fail(self, error: Exception) -> None:
        self._is_reading, self._problem = False, str(error)
        self.deck.say(self._problem, is_error=True)
        if self.is_up:
            self._show()

    def _show(self) -> None:
        self.show_notice()
        self.show_title()
        self.show_detail()

    @property
    def table_title(self) -> str:
        """Whose log, and of what."""
        return f"{self._machine_name} log, lines"

    def title_facts(self) -> list[Piece]:
        """How much of it is shown."""
        if not self._pages:
            return []
        start, size = self._pages[0].start, self._pages[-1].size
        if not start:
            return [Piece(f"all {describe_bytes(size)}", Tone.DIM)]
        return [Piece(f"p reads {describe_bytes(start)} before this", Tone.PENDING)]

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The whole line under the cursor."""
        return [(Piece(row.cells[0]),)]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """It is being read, is empty, or cannot be read."""
        if self._problem:
            return ((Piece(self._problem, Tone.BAD),), (Piece("esc", Tone.KEY), Piece("  goes back")))
        if not self._pages:
            return ((Piece("Reading the log …", Tone.DIM),),)
        return ((Piece("Nothing was printed."),), (Piece("esc", Tone.KEY), Piece("  goes back")))

    def paged_text(self) -> str:
        """What is read of the log so far, all of it and not the row alone."""
        return "\n".join(line for page in self._pages for line in page.lines)

    def action_read_older(self) -> None:
        """Reads the page before the first that is shown."""
        if self._pages and self._pages[0].start:
            self._read(self._pages[0].start)
        else:
            self.deck.say("This is the beginning of the log.")

    def action_open_run(self) -> None:
        """Opens the machine's part in the run."""
        if self._log.kind is not LogKind.RUN:
            self.deck.say("This log is of an assessment, and of no run.")
            return
        from tui.screens.run_machine import RunMachineScreen

        self.app.push_screen(RunMachineScreen(RunFeed(self.deck.home, self._log.id), self._machine_id))
