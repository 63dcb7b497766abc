"""One update of a run: what became of it on each machine."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from tui.rows.outcome_rows import (
    OF_MACHINES_COLUMNS,
    UpdateResult,
    describe_outcome,
    machine_outcome_rows,
    results_by_update,
)
from tui.run_feed import RunFeed
from tui.screens.following_screen import FollowingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


class RunUpdateScreen(FollowingScreen):
    """The update with ``key`` (see `results_by_update`) in the run of ``feed``."""

    COLUMNS = OF_MACHINES_COLUMNS
    DEFAULT_ORDER = "status"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The part of the machine under the cursor in this run"),
    ]

    def __init__(self, feed: RunFeed, key: str) -> None:
        super().__init__(feed)
        self._key = key
        self.about = (feed.run_id, key)
        self._result: UpdateResult | None = None
        self.crumb = clean_name(key.partition("\n")[0])

    def fleet_changed(self) -> None:
        """Shows what is known now."""
        if not self.is_up:
            return
        self._result = results_by_update(self.feed.machines).get(self._key)
        self.put_rows(machine_outcome_rows(self._result) if self._result else [])
        self.show_title()
        self.show_notice()
        self.show_detail()

    @property
    def table_title(self) -> str:
        """The update, by machine."""
        return f"{self.crumb} by machine"

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """What became of it on the machine, with the part of the log that shows it."""
        outcomes = self._result.outcomes if self._result else ()
        return next((describe_outcome(each) for machine, each in outcomes if machine.machine_id == row.key), ())

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """It is nowhere any more."""
        return ((Piece("This update has no outcome."),), (Piece("esc", Tone.KEY), Piece("  goes back")))

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine's part in the run."""
        from tui.screens.run_machine import RunMachineScreen

        if row := self.table.cursor_row:
            self.app.push_screen(RunMachineScreen(self.feed, row.key))
