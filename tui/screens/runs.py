"""Runs: of all deployments or of one, the latest first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from tui.background import read_at_instant
from tui.places import push_run
from tui.rows.run_rows import RUN_COLUMNS, describe_run, run_rows
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.errors import PatchdeckError
    from ops.deployments.history import RunSummary

# What anybody scrolls through; `patchdeck deployments history --limit` and the table DeploymentRun have all.
MOST_RUNS = 500


class RunsScreen(DetailedScreen):
    """One row for each run; of ``deployment`` only, where one is given."""

    COLUMNS = RUN_COLUMNS
    DEFAULT_ORDER = "time"
    KEEPS_PAST = True
    STEPS_BY = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Look at the run under the cursor, live while it goes on"),
    ]

    def __init__(self, deployment: str | None = None) -> None:
        super().__init__()
        self._deployment = self.about = deployment
        self._summaries: dict[str, RunSummary] | None = None
        self._is_reading = False
        self._reads_again = False
        self.crumb = f"Runs of {clean_name(deployment)}" if deployment else "Runs"

    def on_mount(self) -> None:
        """Follows the changes of runs."""
        self.deck.work.changed.subscribe(self, lambda _: self._follow())

    def fleet_changed(self) -> None:
        """Reads the runs anew."""
        if self._is_reading:
            self._reads_again = True
            return
        self._is_reading, deck = True, self.deck
        read_at_instant(deck, lambda _: self.find_runs(), self._take, self._fail, what="reading the runs")

    def find_runs(self) -> "Sequence[RunSummary]":
        """The runs that it shows; blocking."""
        from ops.deployments.history import list_runs

        if (instant := self.deck.instant) is not None:
            from ops.past.runs import list_runs_at

            return list_runs_at(self.deck.home, instant, self._deployment, MOST_RUNS)
        return list_runs(self.deck.home, self._deployment, limit=MOST_RUNS)

    def instant_changed(self) -> None:
        """Forgets how runs stood at another instant."""
        self._summaries = None
        if self.is_up:
            self.table.set_rows(())
            self.show_notice()
            self.show_detail()

    def _take(self, found: "Sequence[RunSummary]") -> None:
        self.problem = ""
        self._summaries = {each.run.id: each for each in found}
        if self.is_up:
            self.table.set_rows(run_rows(found, self.deck.clock()))
            self.show_notice()
            self.show_title()
            self.show_detail()
        self._done()

    def _fail(self, error: "PatchdeckError") -> None:
        self.fail_to_read(error)
        self._done()

    def _done(self) -> None:
        again, self._is_reading, self._reads_again = self._reads_again, False, False
        if again and self.is_up:
            self.fleet_changed()

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the run in ``row``."""
        summary = (self._summaries or {}).get(row.key)
        return describe_run(summary.run, self.deck.clock()) if summary else ()

    def title_facts(self) -> list[Piece]:
        """How many go on, and whether there are more."""
        known = (self._summaries or {}).values()
        going_on = sum(not each.run.status.is_over for each in known)
        facts = [Piece(f"{going_on:,} waiting or in progress", Tone.ACCENT)] if going_on else []
        if len(known) == MOST_RUNS:
            facts.append(Piece(f"newest {MOST_RUNS:,} only", Tone.PENDING))
        return facts

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """No run yet, and how one comes about."""
        if self._summaries is None:
            return ((Piece("Reading the runs …", Tone.DIM),),)
        return (
            (Piece(f"{self._deployment or 'No deployment'} has {'not ' if self._deployment else ''}run yet."),),
            (Piece("4", Tone.KEY), Piece("  goes to the deployments: r runs one, its schedule does too")),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the run under the cursor."""
        if row := self.table.cursor_row:
            push_run(self.deck, row.key)
