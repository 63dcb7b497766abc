"""Asking something of a run: pause, resume or cancel, with what that means and, if one likes, a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.deployments.runs import Run
from fleet.errors import BadInput
from ops.cli.values import count_of
from ops.state.runs import RunAction
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_EFFECTS = {
    RunAction.PAUSE: "No machine is begun until it is resumed; those in work go on to their end. The window goes on.",
    RunAction.RESUME: "Machines are begun again, as long as the window lasts.",
    RunAction.CANCEL: "Nothing more is begun, for good. What is being installed goes on to its end, and is told.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """That it is wanted, and why; the audit keeps both."""

    reason: str = ""


class RequestForm(Form[Wish]):
    """Gives the wish that ``action`` be done to ``run``; to cancel, the word must be typed."""

    DEFAULT_CSS = "RequestForm .hint { max-height: 8; }"

    def __init__(self, run: Run, action: RunAction, machines: int) -> None:
        super().__init__()
        self._run = run
        self._action = action
        self._machines = machines
        self.TAKES = f"{action.value}s the run"

    def title_text(self) -> str:
        """What is asked."""
        return f"{self._action.value.capitalize()} the run of {self._run.deployment.name}"

    def fields(self) -> Sequence[Field]:
        """The reason; what cannot be undone needs its word."""
        reason = Field("reason", "Reason", hint="for the audit; may be empty")
        if self._action is not RunAction.CANCEL:
            return (reason,)
        return (Field("sure", "To be sure, type", hint=RunAction.CANCEL.value), reason)

    def hint(self) -> None:
        """What it means for the machines."""
        machines = f"{count_of(self._machines, 'machine')} in it. " if self._machines else ""
        self.tell(Piece(f"Run {self._run.id}, {self._run.status}.", Tone.DIM), Piece(machines + _EFFECTS[self._action]))

    def made(self, texts: dict[str, str]) -> Wish:
        """The wish.

        Raises:
            BadInput: the word was not typed.
        """
        if texts.get("sure", RunAction.CANCEL.value).casefold() != RunAction.CANCEL.value:
            raise BadInput("Type cancel to end the run for good, or press esc to leave it.")
        return Wish(texts["reason"])
