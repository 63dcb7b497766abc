"""The runs that one machine was in."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui.background import read_at_instant
from tui.rows.run_rows import MACHINE_HISTORY_COLUMNS, describe_run, history_of_machine_rows
from tui.run_feed import RunFeed
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.machines import Machine
    from ops.deployments.history import MachineHistory

MOST_RUNS = 500


class MachineRunsScreen(DetailedScreen):
    """A row for each run of ``machine``, the latest first."""

    COLUMNS = MACHINE_HISTORY_COLUMNS
    DEFAULT_ORDER = "time"
    KEEPS_PAST = True
    crumb = "Runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Its part in the run under the cursor: steps, updates, log"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, machine: "Machine") -> None:
        super().__init__()
        self._machine = machine
        self.about = machine.id
        self._entries: dict[str, MachineHistory] | None = None

    def on_mount(self) -> None:
        """Follows the changes of runs."""
        self.deck.work.changed.subscribe(self, lambda _: self._follow())

    def fleet_changed(self) -> None:
        """Reads the runs anew."""
        from ops.deployments.history import history_of_machines

        deck, machine = self.deck, self._machine

        def read(at: datetime | None) -> "Sequence[MachineHistory]":
            if at is None:
                return history_of_machines(deck.home, [machine.name], limit=MOST_RUNS)
            from ops.past.runs import machine_history_at

            return machine_history_at(deck.home, machine.id, at, MOST_RUNS)

        read_at_instant(deck, read, self._take, self.fail_to_read, what="reading the machine's runs")

    def _take(self, found: "Sequence[MachineHistory]") -> None:
        self.problem = ""
        self._entries = {each.run.id: each for each in found}
        if self.is_up:
            self.table.set_rows(history_of_machine_rows(found))
            self.show_notice()
            self.show_title()
            self.show_detail()

    @property
    def table_title(self) -> str:
        """The machine's runs."""
        return f"Runs of {self._machine.name}"

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """What the machine went through, and the run."""
        if (entry := (self._entries or {}).get(row.key)) is None:
            return ()
        error = [(Piece(entry.machine_run.error, Tone.BAD),)] if entry.machine_run.error else []
        return [*error, *describe_run(entry.run, self.deck.clock())]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """It was in none."""
        if self._entries is None:
            return ((Piece("Reading its runs …", Tone.DIM),),)
        return ((Piece("This machine was in no run yet."),), (Piece("esc", Tone.KEY), Piece("  goes back")))

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens its part in the run under the cursor."""
        from tui.screens.run_machine import RunMachineScreen

        if row := self.table.cursor_row:
            self.app.push_screen(RunMachineScreen(RunFeed(self.deck.home, row.key), self._machine.id))
