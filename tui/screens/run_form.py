"""Running a deployment: says on how many machines, and begins only where that number or the name was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.name_lists import some_of
from ops.cli.values import count_of
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class RunOrder:
    """That it is to run, and when its window opens; None: now."""

    opens_at: datetime | None


class RunForm(Form[RunOrder]):
    """Gives the order to run ``deployment`` on ``machines``."""

    TITLE_TEXT = "Run a deployment"
    TAKES = "has it run"
    DEFAULT_CSS = "RunForm .hint { max-height: 10; }"

    def __init__(
        self, deployment: Deployment, machines: Sequence[Machine], now: datetime, required_plan: str = ""
    ) -> None:
        super().__init__()
        self._deployment = deployment
        self._machines = machines
        self._now = now
        self._required_plan = required_plan

    def fields(self) -> Sequence[Field]:
        """The confirmation, and when."""
        return (
            Field("sure", "To be sure, type", hint=f"{len(self._machines)} or {self._deployment.name}"),
            Field("at", "Window opens", hint="now; or 02:30, or 2026-12-08 02:30"),
        )

    def hint(self) -> None:
        """What will happen to how many machines."""
        deployment = self._deployment
        names = [machine.name for machine in self._machines]
        pieces = [
            Piece(f"Installs updates by {deployment.name} on"),
            Piece(count_of(len(names), "machine"), Tone.STRONG),
            Piece(f"({some_of(names, _NAMES_SHOWN)});"),
            Piece(f"window {deployment.window.minutes} min, reboot {deployment.reboot.policy}."),
        ]
        if self._required_plan:
            pieces.append(Piece(f"Only if the plan is still {self._required_plan[:12]}.", Tone.ACCENT))
        self.tell(*pieces)

    def made(self, texts: dict[str, str]) -> RunOrder:
        """The order.

        Raises:
            BadInput: neither the number nor the name was typed; the time cannot be used.
        """
        from ops.cli.run_time import read_start

        if texts["sure"] not in (str(len(self._machines)), f"{len(self._machines):,}", self._deployment.name):
            machines = count_of(len(self._machines), "machine")
            raise BadInput(
                f"Type {len(self._machines)} or {self._deployment.name} to run it on {machines}; esc leaves."
            )
        if texts["at"].casefold() in ("", "now"):
            return RunOrder(None)
        try:
            return RunOrder(read_start(texts["at"], self._deployment, self._now))
        except BadInput as error:
            raise BadInput(str(error).removeprefix("--at: ")) from error
