"""Approving a plan: what it is and what is missing is said, and the count of its machines or the name must be typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.approvals import Standing
from fleet.errors import BadInput
from ops.cli.values import count_of
from tui.rows.approval_rows import barred_text, standing_pieces
from tui.screens.form import Field, Form
from tui.screens.reason_form import Reason
from tui.tones import Tone
from tui.widgets.line import Piece


@dataclass(frozen=True, slots=True)
class PlanToApprove:
    """The plan with ``hash`` of ``deployment``: on how many machines, with how many changes; None: not known here."""

    deployment: str
    hash: str
    machines: int | None = None
    changes: int | None = None


class ApprovalForm(Form[Reason]):
    """Gives the note with which ``plan`` is approved."""

    TAKES = "approves it"
    DEFAULT_CSS = "ApprovalForm .hint { max-height: 12; }"

    def __init__(self, plan: PlanToApprove, standing: Standing) -> None:
        super().__init__()
        self._plan = plan
        self._standing = standing

    def title_text(self) -> str:
        """What is approved."""
        return f"Approve a plan of {self._plan.deployment}"

    def fields(self) -> Sequence[Field]:
        """The confirmation and the note."""
        count = "" if self._plan.machines is None else f"{self._plan.machines} or "
        return (
            Field("sure", "To be sure, type", hint=f"{count}{self._plan.deployment}"),
            Field("note", "Note", hint="for the audit; may be empty"),
        )

    def hint(self) -> None:
        """What it does, what it has, and whose approval does not count."""
        plan, standing = self._plan, self._standing
        pieces = [Piece(f"Plan {plan.hash[:12]}", Tone.KEY)]
        if plan.machines is not None:
            pieces.append(Piece(f"{count_of(plan.changes or 0, 'change')} on {count_of(plan.machines, 'machine')}."))
        pieces += [*standing_pieces(standing), Piece(f"An approval holds for {standing.wanted.hours:g} h.", Tone.DIM)]
        if barred := barred_text(standing):
            pieces.append(Piece(f"Theirs does not count: {barred}.", Tone.DIM))
        if standing.wanted.is_lowered:
            needed, later = count_of(standing.wanted.needed, "approval"), standing.wanted.later or "none"
            pieces.append(Piece(f"It needs {needed} as before; {later} once a run began with them.", Tone.PENDING))
        self.tell(*pieces)

    def made(self, texts: dict[str, str]) -> Reason:
        """The note.

        Raises:
            BadInput: neither the number nor the name was typed.
        """
        plan = self._plan
        counts = () if plan.machines is None else (str(plan.machines), f"{plan.machines:,}")
        if texts["sure"] not in (*counts, plan.deployment):
            raise BadInput(f"Type {' or '.join((*counts[:1], plan.deployment))} to approve it; esc leaves.")
        return Reason(texts["note"])
