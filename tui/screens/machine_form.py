"""Adding and editing a machine: the connection is tested while one types, what it shows is there to be accepted."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.errors import PatchdeckError
from fleet.machines import Machine, check_name
from ops.enrolment import Definition
from tui.connection_trial import ConnectionTrial
from tui.newest_work import NewestWork
from tui.rows.trial_lines import describe_trial, waiting_lines
from tui.screens.form import Field, Form
from tui.screens.machine_fields import (
    REACHING,
    hidden_fields,
    machine_fields,
    reached_definition,
    whole_definition,
)
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.trial import Trial
    from tui.app import PatchdeckApp
    from tui.machine_words import MachineWords

# Long enough that a name is not tried while it is being typed, short enough to be there when one looks up.
PAUSE_SECONDS = 0.8
_NOT_NAMED = "new-machine"


class MachineForm(Form[Definition]):
    """Gives the definition of a machine.

    ``begun`` is what it begins with, ``machine`` the enrolled one that is edited, ``reason`` why it was refused before.
    """

    DEFAULT_CSS = """
    MachineForm > .box { width: 100; }
    MachineForm .hint { height: 5; max-height: 5; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+k",
            "accept_key",
            "key",
            priority=True,
            tooltip="See the machine's host key or certificate, and accept it",
        ),
        Binding("ctrl+t", "try_now", "test", priority=True, tooltip="Test the connection now, with passwords too"),
    ]

    def __init__(
        self,
        deck: "PatchdeckApp",
        words: "MachineWords",
        begun: Definition | None = None,
        *,
        machine: Machine | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(reason)
        self._deck = deck
        self._words = words
        self._begun = begun or Definition("")
        self._machine = machine
        self._new_id = str(uuid.uuid4())
        self._trial: ConnectionTrial | None = None
        self._tried: tuple[Machine, bool] | None = None
        self._found: Trial | None = None
        self._work: NewestWork[Trial] = NewestWork(
            deck, self, self._take_trial, self._refused, pause_seconds=PAUSE_SECONDS, what="testing the connection"
        )
        self.TAKES = "keeps it" if machine else "adds and assesses it"

    def title_text(self) -> str:
        """What is done."""
        return f"Edit {self._machine.name}" if self._machine else "Add a machine"

    def fields(self) -> Sequence[Field]:
        """How it is called and reached; what is not reached over the network has no address."""
        return machine_fields(self._begun, self._words)

    def on_mount(self) -> None:
        """Shows the fields of the way that it begins with."""
        self._show_fields()

    def keys(self) -> Sequence[Piece]:
        """The test has keys too."""
        keys = (("  ctrl+t", " test now  "), ("ctrl+k", " trust"))
        return (*super().keys(), *(p for k, text in keys for p in (Piece(k, Tone.KEY), Piece(text, Tone.DIM))))

    def hint(self) -> None:
        """How the connection stands."""
        self._look()

    def on_unmount(self) -> None:
        """Ends what is being tried."""
        self._stop()

    def changed(self, name: str) -> None:
        """Tests the connection anew where the way to the machine changed."""
        if name == "transport":
            self._show_fields()
        if name in REACHING:
            self._look()

    def made(self, texts: dict[str, str]) -> Definition:
        """The definition.

        Raises:
            BadInput: a field cannot be used; says which and why.
        """
        return whole_definition(self._begun, texts, check_name(texts["name"]), self._words.profiles)

    def _show_fields(self) -> None:
        hidden = hidden_fields(self.texts().get("transport", ""))
        for field in self.fields():
            row = self.query_one(f"#field-{field.name}").parent
            if row is not None:
                row.display = field.name not in hidden

    # The test

    def _look(self, *, sends_passwords: bool = False) -> None:
        """Tests what is written, after a pause; what was being tested before is ended."""
        from ops.trial import machine_to_try

        texts, profiles = self.texts(), self._words.profiles
        try:
            definition = reached_definition(self._begun, texts, check_name(texts["name"] or _NOT_NAMED), profiles)
            machine = machine_to_try(definition, self._machine.id if self._machine else self._new_id)
        except PatchdeckError as error:
            self._stop()
            self.tell(Piece(str(error), Tone.PENDING))
            return
        if not texts["name"] and not texts.get("address"):
            self._stop()
            self._show(waiting_lines("Name it: the connection is tested while you type."))
            return
        self._try(machine, sends_passwords=sends_passwords)

    def _try(self, machine: Machine, *, sends_passwords: bool) -> None:
        wanted = (replace(machine, created_at=self._deck.clock()), sends_passwords)
        if wanted == self._tried:
            return
        self._stop()
        self._tried = wanted
        trial = self._trial = ConnectionTrial(self._deck.home, machine, sends_passwords=sends_passwords)
        self._work.ask(trial.run)
        self._show(waiting_lines(f"Testing the connection to {machine.address or machine.name} …"))

    def _stop(self) -> None:
        self._work.drop()
        self._found = self._tried = None
        if self._trial is not None:
            self._trial.stop()
            self._trial = None

    def _take_trial(self, trial: "Trial") -> None:
        self._found = trial
        has_passwords = self._tried is not None and self._tried[1]
        self._show(describe_trial(trial, has_passwords=has_passwords))

    def _refused(self, error: PatchdeckError) -> None:
        self._tried = None
        self.tell(Piece(str(error), Tone.BAD))

    def _show(self, lines: Sequence[Sequence[Piece]]) -> None:
        self.query_one(".hint", Detail).show(lines)

    def action_try_now(self) -> None:
        """Tests it, with passwords too: this very machine is meant."""
        self._stop()
        self._look(sends_passwords=True)

    def action_accept_key(self) -> None:
        """Shows the host key or certificate that the test found not to be trusted, and asks."""
        found = self._found
        if found is None or (found.key is None and found.certificate is None):
            self._deck.say("The test did not end at a host key or certificate: there is nothing to accept.")
            return

        def accepted() -> None:
            if self.is_mounted:
                self._stop()
                self._look()

        if found.certificate is not None:
            self._deck.deeds.ask_certificate(found.certificate, accepted)
            return
        if found.key is None:
            return
        changed_from = found.failure.came_back if found.failure and found.has_changed_key else ""
        self._deck.deeds.ask_key(found.machine, found.key, accepted, changed_from=changed_from)
