"""The approvals of plans: who approved what, and whether it still holds; the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.approvals import Approval, why_over
from fleet.hostile import clean_name
from fleet.status import MachineStatus
from ops.cli.values import count_of
from tui import approval_deeds
from tui.rows.approval_rows import APPROVAL_COLUMNS, approval_rows, describe_approval
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row


@dataclass(frozen=True, slots=True)
class ApprovalsNow:
    """The approvals, and for how many hours one holds."""

    approvals: tuple[Approval, ...]
    hours: float


class ApprovalsScreen(ReadingScreen[ApprovalsNow]):
    """One row for each approval; of ``deployment`` only, where one is given."""

    READS = "the approvals"
    COLUMNS = APPROVAL_COLUMNS
    DEFAULT_ORDER = "time"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "withdraw", "withdraw", tooltip="Take back your own approval; a run that has begun goes on"),
        Binding("H", "copy_hash", "copy hash", tooltip="Copy the plan's hash"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, deployment: str | None = None) -> None:
        super().__init__()
        self._deployment = deployment
        self.crumb = f"Approvals of {clean_name(deployment)}" if deployment else "Approvals"

    def read(self, statuses: Sequence[MachineStatus]) -> ApprovalsNow:
        """The approvals; blocking."""
        del statuses
        from ops.config import load_settings
        from ops.state.approvals import ApprovalBook
        from ops.state.database import opened

        with opened(self.deck.home.state_file) as connection:
            found = ApprovalBook(connection).given(self._deployment)
        return ApprovalsNow(tuple(reversed(found)), load_settings(self.deck.home).approvals_hours)

    def rows_of(self, known: ApprovalsNow) -> Sequence[Row]:
        """A row for each approval."""
        return approval_rows(known.approvals, known.hours, self.deck.clock())

    def _approval(self, row: Row | None) -> Approval | None:
        known = self.known
        return known.approvals[int(row.key)] if row and known and int(row.key) < len(known.approvals) else None

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the approval in ``row``."""
        approval = self._approval(row)
        return describe_approval(approval, self.known.hours, self.deck.clock()) if approval and self.known else ()

    def title_facts(self) -> list[Piece]:
        """How many hold, and for how long one does."""
        if self.known is None:
            return []
        hours, now = self.known.hours, self.deck.clock()
        holding = sum(not why_over(each, hours, now) for each in self.known.approvals)
        return [Piece(f"{count_of(holding, 'approval')} in force, each for {hours:g} h", Tone.NORMAL)]

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
        if approval := self._approval(self.table.cursor_row):
            approval_deeds.ask_to_withdraw(self.deck, approval)

    def action_copy_hash(self) -> None:
        """Copies the hash of the plan."""
        if approval := self._approval(self.table.cursor_row):
            self.deck.copy(approval.plan, f"the hash {approval.plan[:12]}")
