"""Accepting a machine's host key: an act of a person who compared its fingerprint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.machines import Machine
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from collectors.host_keys import HostKey


class AcceptKey(Form[bool]):
    """Gives True once ``yes`` was typed; a key that changed could be somebody in between.

    ``changed_from`` tells which key was trusted before and which one is shown; empty: none was trusted.
    """

    TITLE_TEXT = "Host key"
    TAKES = "takes what is typed"
    DEFAULT_CSS = "AcceptKey .hint { max-height: 10; }"

    def __init__(self, machine: Machine, key: "HostKey", *, changed_from: str = "") -> None:
        super().__init__()
        self._machine = machine
        self._key = key
        self._changed_from = changed_from

    def fields(self) -> Sequence[Field]:
        """The answer."""
        return (Field("answer", "Trust this key?", hint="type yes to trust it; esc leaves it"),)

    def hint(self) -> None:
        """The key and what to compare it with."""
        key = self._key
        pieces = [
            Piece(f"{self._machine.name} at {key.host} port {key.port} shows the {key.algorithm} key"),
            Piece(key.fingerprint, Tone.STRONG),
        ]
        if self._changed_from:
            pieces.append(
                Piece(
                    "This is NOT the key trusted before: the machine was set up anew, or somebody is in between.",
                    Tone.BAD,
                )
            )
            pieces.append(Piece(self._changed_from))
        pieces.append(Piece("Compare it on the machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", Tone.DIM))
        self.tell(*pieces)

    def made(self, texts: dict[str, str]) -> bool:
        """True where ``yes`` was typed.

        Raises:
            BadInput: anything else was.
        """
        if texts["answer"].lower() != "yes":
            raise BadInput("Type yes to trust this key, or press esc to leave it.")
        return True
