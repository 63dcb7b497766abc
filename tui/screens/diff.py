"""How the fleet changed between two instants: machines, compliance, updates, reboots, failed assessments."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from fleet.differences.telling import OUTSIDE, Line
from fleet.errors import PatchdeckError
from fleet.hostile import clean
from tui.background import in_thread
from tui.rows.diff_rows import DIFF_COLUMNS, TABS, count_facts, diff_rows, lines_of, span_text, tab_names
from tui.screens.table_screen import TableScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from ops.past.differences import Compared


class DiffScreen(TableScreen):
    """What became of the fleet of ``since`` until ``until``; of the machines that ``targets`` name only."""

    crumb = "Differences"
    COLUMNS = DIFF_COLUMNS
    DEFAULT_ORDER = "subject"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "machine", tooltip="Look at the machine under the cursor"),
        Binding("R", "open_run", "run", tooltip="Look at the run that did it"),
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: machines, compliance, updates, reboots, …"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, since: datetime, until: datetime, targets: Sequence[str] = ()) -> None:
        super().__init__()
        self._since, self._until, self._targets = since, until, targets
        self._found: Compared | None = None
        self._problem = ""
        self._tab = 0

    def body(self) -> ComposeResult:
        """Title, tabs, table."""
        with Vertical(classes="pane"):
            yield TitleRule(id="title")
            yield TabLine()
            yield BigTable(self.COLUMNS)

    def on_mount(self) -> None:
        """Compares."""
        in_thread(self.deck, self._compare, self._take, self._fail, what="comparing two instants")
        self.show_notice()
        self.show_title()

    def _compare(self) -> "Compared":
        from ops.config import load_settings
        from ops.past.differences import compare_instants

        home = self.deck.home
        return compare_instants(home, load_settings(home), self._since, self._until, self._targets)

    def _take(self, found: "Compared") -> None:
        self._found = found
        self._show()
        for note in found.notes:
            self.deck.say(note)

    def _fail(self, error: PatchdeckError) -> None:
        self._problem = str(error)
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        if self._found is not None:
            self.table.set_rows(diff_rows(self._lines))
            self.query_one(TabLine).show_tabs(tab_names(self._found.difference), self._tab)
        self.show_notice()
        self.show_title()

    @property
    def _lines(self) -> Sequence[Line]:
        return lines_of(self._found.difference, self._tab) if self._found else ()

    # What is shown

    @property
    def table_title(self) -> str:
        """The two instants."""
        return span_text(self._since, self._until)

    def title_facts(self) -> list[Piece]:
        """What was, and what is."""
        return count_facts(self._found.difference) if self._found else []

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That it is being compared, that it cannot be, or that nothing differs."""
        if self._problem:
            return ((Piece(clean(self._problem), Tone.BAD),), (Piece("esc", Tone.KEY), Piece("  goes back")))
        if self._found is None:
            return ((Piece("Comparing the fleet of both times …", Tone.DIM),),)
        notes = [(Piece(clean(note), Tone.PENDING),) for note in self._found.notes]
        subject = TABS[self._tab]
        told = f"Nothing of {subject} differs." if subject else "Nothing differs."
        return (
            (Piece(told, Tone.STRONG),),
            *notes,
            (Piece("tab", Tone.KEY), Piece("  shows the rest; "), Piece("esc", Tone.KEY), Piece("  goes back")),
        )

    # Keys

    @property
    def _line(self) -> Line | None:
        row = self.table.cursor_row
        return self._lines[int(row.key)] if row else None

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine under the cursor."""
        if line := self._line:
            self.deck.open_machine(line.machine_id)

    def action_open_run(self) -> None:
        """Opens the run that did what is under the cursor."""
        from tui.places import open_run

        if line := self._line:
            if line.by and line.by != OUTSIDE:
                open_run(self.deck, line.by)
            else:
                self.deck.say("No run did that: it was done outside Patchdeck, or it is no deed.")

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self._tab = (self._tab + step) % len(TABS)
        self._show()
