"""Removing a deployment: only where its name was typed."""

from collections.abc import Sequence

from fleet.errors import BadInput
from ops.cli.values import count_of
from ops.deployments.overview import DeploymentOverview
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece


class RemoveForm(Form[bool]):
    """Gives True once the name of the deployment was typed."""

    TITLE_TEXT = "Remove a deployment"
    TAKES = "removes it"

    def __init__(self, overview: DeploymentOverview) -> None:
        super().__init__()
        self._overview = overview
        self._called = overview.stored.deployment.name

    def fields(self) -> Sequence[Field]:
        """The confirmation."""
        return (Field("sure", "To be sure, type", hint=self._called),)

    def hint(self) -> None:
        """What goes and what stays."""
        pieces = [Piece(f"The definition of {self._called} goes. Its runs and their history stay.")]
        if self._overview.open_runs:
            going_on = count_of(len(self._overview.open_runs), "run")
            pieces.append(
                Piece(f"{going_on} of it go on: they have their own copy. Cancel them one by one.", Tone.PENDING)
            )
        self.tell(*pieces)

    def made(self, texts: dict[str, str]) -> bool:
        """True.

        Raises:
            BadInput: something else than the name was typed.
        """
        if texts["sure"] != self._called:
            raise BadInput(f"Type {self._called} to remove it, or press esc to leave it.")
        return True
