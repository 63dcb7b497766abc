"""Asking something of a run: pause, resume or cancel, with what that means and, if one likes, a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.deployments.runs import Run
from fleet.errors import BadInput
from ops.cli.values import count_of
from ops.state.runs import RunAction
from tui.rows.run_rows import Standing
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece

_EFFECTS = {
    RunAction.PAUSE: "No machine is begun until it is resumed; those in work go on to their end. The window goes on.",
    RunAction.RESUME: "Machines are begun again, as long as the window lasts.",
    RunAction.CANCEL: "Nothing more is begun, for good. What is being installed goes on to its end, and is told.",
}
_MEANS = {
    RunAction.PAUSE: "wait until it is resumed",
    RunAction.RESUME: "may be begun",
    RunAction.CANCEL: "are never begun in this run",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """That it is wanted, and why; the audit keeps both."""

    reason: str = ""


class RequestForm(Form[Wish]):
    """Gives the wish that ``action`` be done to ``run``; to cancel, the word or its number of machines is typed."""

    DEFAULT_CSS = "RequestForm .hint { max-height: 8; }"

    def __init__(self, run: Run, action: RunAction, standing: Standing) -> None:
        super().__init__()
        self._run = run
        self._action = action
        self._standing = standing
        self.TAKES = f"{action.value}s the run"

    def title_text(self) -> str:
        """What is asked."""
        return f"{self._action.value.capitalize()} the run of {self._run.deployment.name}"

    def fields(self) -> Sequence[Field]:
        """The reason; what cannot be undone needs its word."""
        reason = Field("reason", "Reason", hint="for the audit; may be empty")
        if self._action is not RunAction.CANCEL:
            return (reason,)
        hint = f"{RunAction.CANCEL.value}, or {self._count}" if self._standing.machines else RunAction.CANCEL.value
        return (Field("sure", "To be sure, type", hint=hint), reason)

    def hint(self) -> None:
        """What it means for the machines."""
        standing = self._standing
        lines = [
            (Piece(f"Run {self._run.id}, {self._run.status}.", Tone.DIM), Piece(_EFFECTS[self._action])),
            (
                Piece(count_of(standing.in_work, "machine"), Tone.STRONG),
                Piece(f"in work now, {standing.over:,} over;"),
                Piece(f"{standing.not_begun:,} not begun {_MEANS[self._action]}.", Tone.PENDING),
            ),
        ]
        self.query_one(".hint", Detail).show(lines[: 2 if standing.machines else 1])

    @property
    def _count(self) -> str:
        return f"{self._standing.machines}"

    def made(self, texts: dict[str, str]) -> Wish:
        """The wish.

        Raises:
            BadInput: the word was not typed.
        """
        known = (RunAction.CANCEL.value, *([self._count] if self._standing.machines else []))
        if texts.get("sure", RunAction.CANCEL.value).casefold() not in known:
            raise BadInput(f"Type {' or '.join(known)} to end the run for good, or press esc to leave it.")
        return Wish(texts["reason"])
