"""The approvals of plans: who approved what, and whether it still holds; the newest first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from fleet.status import MachineStatus
from ops.cli.values import count_of
from tui import approval_deeds
from tui.rows.approval_rows import APPROVAL_COLUMNS, approval_rows, describe_approval
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from ops.approvals.overview import ShownApproval


class ApprovalsScreen(ReadingScreen["Sequence[ShownApproval]"]):
    """One row for each approval; of ``deployment`` only, where one is given."""

    READS = "the approvals"
    COLUMNS = APPROVAL_COLUMNS
    DEFAULT_ORDER = "time"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "withdraw", "withdraw", tooltip="Take back your own approval; a run that has begun goes on"),
        Binding("H", "copy_hash", "copy hash", tooltip="Copy the plan's hash"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, deployment: str | None = None) -> None:
        super().__init__()
        self._deployment = self.about = deployment
        self.crumb = f"Approvals of {clean_name(deployment)}" if deployment else "Approvals"

    def read(self, statuses: Sequence[MachineStatus]) -> "Sequence[ShownApproval]":
        """The approvals, also those that do not hold any more; blocking."""
        del statuses
        from ops.approvals.overview import list_approvals

        return list_approvals(self.deck.home, self._deployment, past=True, clock=self.deck.clock, at=self.deck.instant)

    def rows_of(self, known: "Sequence[ShownApproval]") -> Sequence[Row]:
        """A row for each approval."""
        return approval_rows(known, self.deck.clock())

    def _shown(self, row: Row | None) -> "ShownApproval | None":
        known = self.known or ()
        return known[int(row.key)] if row and int(row.key) < len(known) else None

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the approval in ``row``."""
        shown = self._shown(row)
        return describe_approval(shown, self.deck.clock()) if shown else ()

    def title_facts(self) -> list[Piece]:
        """How many hold."""
        holding = sum(not each.problem for each in self.known or ())
        return [Piece(f"{count_of(holding, 'approval')} in force", Tone.NORMAL)] if self.known else []

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What an approval is, and where one is given."""
        return (
            (Piece("No plan was approved yet.", Tone.STRONG),),
            (),
            (Piece("A deployment may ask that others approve its plan before it runs: needs_approval.", Tone.DIM),),
            (Piece("4", Tone.KEY), Piece("  goes to the deployments, where p previews one and a there approves")),
        )

    # Keys

    def action_withdraw(self) -> None:
        """Asks whether to take it back."""
        if shown := self._shown(self.table.cursor_row):
            approval_deeds.ask_to_withdraw(self.deck, shown.approval)

    def action_copy_hash(self) -> None:
        """Copies the hash of the plan."""
        if shown := self._shown(self.table.cursor_row):
            self.deck.copy(shown.approval.plan, f"the hash {shown.approval.plan[:12]}")
