"""A new deployment: a form that shows while one types which machines are meant and when it would start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.deployments.deployment import Deployment
from fleet.errors import PatchdeckError
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.targets import GroupMembers, select_machines
from ops.cli.values import count_of
from ops.deployments.definition_words import CLASS_WORDS
from tui.composing import compose, compose_schedule, windows_text
from tui.rows.deployment_rows import start_lines
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece

_STARTS = 3
_NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Written:
    """What the form gave, and whether it is only the beginning."""

    deployment: Deployment
    goes_on_in_editor: bool


class NewDeployment(Form[Written]):
    """Gives a deployment; begins with what was refused before, if anything was."""

    TITLE_TEXT = "New deployment"
    TAKES = "adds it"
    DEFAULT_CSS = "NewDeployment .hint { height: 6; max-height: 6; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+e", "go_on", "editor", priority=True, tooltip="Go on in $EDITOR, where everything can be said"),
    ]

    def __init__(
        self,
        machines: Sequence[Machine],
        groups: GroupMembers,
        clock: Callable[[], datetime],
        begun: Deployment | None = None,
    ) -> None:
        super().__init__()
        self._machines = machines
        self._groups = groups
        self._clock = clock
        self._begun = begun

    def fields(self) -> Sequence[Field]:
        """Name, machines, classes, schedule, window, reboot, Windows, who approves and who is told."""
        hints = (
            ("name", "Name", "", "web-security"),
            ("targets", "Targets", "", "tag:role=web group:db web-* all, apart by blanks"),
            ("classes", "Classes", "critical security", "critical security others unclassified all; drivers upgrades"),
            ("first", "First start", "", "2026-12-08 02:30; empty: it runs when asked"),
            ("zone", "Time zone", "", "Europe/Berlin; empty: UTC"),
            ("repeats", "Repeats", "", "once; daily, tue thu, 2nd tue, last fri, or FREQ=…"),
            ("window", "Window, minutes", "120", "120"),
            ("reboot", "Reboot", "if-required", "if-required, always, never or only"),
            ("windows", "Windows", "", "optional licences rounds=3; empty: none of these, rounds as usual"),
            ("approvals", "Approvals", "", "of how many others its plan needs; empty: none"),
            ("channels", "Tells", "", "names of channels, apart by blanks; empty: nobody"),
        )
        begun = _texts_of(self._begun) if self._begun else {}
        return tuple(Field(name, label, begun.get(name, value), hint) for name, label, value, hint in hints)

    def keys(self) -> Sequence[Piece]:
        """The editor is there too."""
        return (*super().keys(), Piece("  ctrl+e", Tone.KEY), Piece(" on in $EDITOR: waves, masks", Tone.DIM))

    def hint(self) -> None:
        """Which machines are meant now, and when it would start."""
        texts = self.texts()
        self.query_one(".hint", Detail).show([self._machines_line(texts["targets"]), *self._start_lines(texts)])

    def changed(self, name: str) -> None:
        """Shows anew what that means."""
        del name
        self.hint()

    def made(self, texts: dict[str, str]) -> Written:
        """The deployment.

        Raises:
            BadInput: a field cannot be used; says which and why.
        """
        return Written(compose(texts, self._clock()), goes_on_in_editor=False)

    def action_go_on(self) -> None:
        """Gives what is written so far, to be gone on with in the editor."""
        try:
            self.dismiss(Written(compose(self.texts(), self._clock()), goes_on_in_editor=True))
        except PatchdeckError as error:
            self.tell(Piece(str(error), Tone.BAD))

    def _machines_line(self, text: str) -> tuple[Piece, ...]:
        if not text:
            return (Piece("On no machine yet.", Tone.DIM),)
        machines: dict[str, Machine] = {}
        for target in text.split():
            try:
                named = select_machines([target], self._machines, self._groups)
                machines |= {each.name: each for each in named if each.enabled}
            except PatchdeckError as error:
                return (Piece(str(error), Tone.PENDING),)
        names = list(machines)
        shown = f"now: {some_of(names, _NAMES_SHOWN)}" if names else "now"
        return Piece(f"On {count_of(len(names), 'machine')}", Tone.STRONG), Piece(shown)

    def _start_lines(self, texts: dict[str, str]) -> list[tuple[Piece, ...]]:
        from fleet.deployments.occurrences import starts_of

        now = self._clock()
        try:
            schedule = compose_schedule(texts, now)
        except PatchdeckError as error:
            return [(Piece(str(error), Tone.PENDING),)]
        if schedule is None:
            return [(Piece("It has no schedule: it runs when asked.", Tone.DIM),)]
        return start_lines(starts_of(schedule, (), now, _STARTS), now)


def _texts_of(deployment: Deployment) -> dict[str, str]:
    schedule = deployment.schedule
    class_words = {classification: word for word, classification in CLASS_WORDS.items()}
    return {
        "name": deployment.name,
        "targets": " ".join(deployment.targets),
        "classes": " ".join(class_words[each] for each in deployment.updates.classes),
        "first": f"{schedule.first:%Y-%m-%d %H:%M}" if schedule else "",
        "zone": schedule.time_zone if schedule else "",
        "repeats": schedule.rule if schedule else "",
        "window": str(deployment.window.minutes),
        "reboot": {"IfRequired": "if-required"}.get(
            deployment.reboot.policy.value, deployment.reboot.policy.value.lower()
        ),
        "windows": windows_text(deployment.updates),
        "approvals": str(deployment.needs_approval or ""),
        "channels": " ".join(deployment.channels),
    }
