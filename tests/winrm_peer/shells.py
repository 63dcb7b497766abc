"""The shells of a peer and the commands in them: what WinRS keeps on a machine."""

import base64
import uuid
from dataclasses import dataclass, field

from tests.winrm_peer.envelope import ABORTED, SHELL_GONE, WsmanFault
from tests.winrm_peer.execution import Execution, Piece, refuse_program, run_at_once, run_payload
from tests.winrm_peer.machine import PeerMachine


@dataclass(slots=True)
class Command:
    """One command. ``execution`` is there once its input has ended; ``begun`` is the second on the clock of that."""

    machine: PeerMachine
    user: str
    line: str
    command_id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    fed: bytearray = field(default_factory=bytearray)
    execution: Execution | None = None
    begun: float = 0.0
    was_stopped: bool = False
    _waiting: list[Piece] = field(default_factory=list)

    def start(self, refused: Execution | None = None) -> None:
        """Starts it: whatever needs no input runs at once. ``refused`` is what its shell says instead of cmd.exe."""
        self._run(refused or refuse_program(self.line) or run_at_once(self.machine))

    def feed(self, content: bytes, is_last: bool) -> None:
        """Takes some standard input; with the last of it, it runs."""
        self.fed += content
        if is_last and self.execution is None:
            self._run(run_payload(self.machine, bytes(self.fed), self.user))

    def take(self, most_bytes: int) -> tuple[list[Piece], int | None]:
        """What it has printed by now and nobody took, at most so many bytes; and its exit code once that is all.

        Raises:
            WsmanFault: it was stopped meanwhile.
        """
        if self.was_stopped:
            raise WsmanFault(
                ABORTED, "The I/O operation has been aborted because of either a thread exit or a request."
            )
        if self.execution is None:
            return [], None
        gone = self.machine.clock.seconds() - self.begun
        taken: list[Piece] = []
        while most_bytes > 0 and self._waiting and self._waiting[0].after <= gone:
            piece = self._waiting.pop(0)
            taken.append(Piece(piece.after, piece.stream, piece.content[:most_bytes]))
            if rest := piece.content[most_bytes:]:
                self._waiting.insert(0, Piece(piece.after, piece.stream, rest))
            most_bytes -= len(taken[-1].content)
        is_over = not self._waiting and self.execution.ends_after <= gone
        return taken, self.execution.exit_code if is_over else None

    def next_output(self) -> float | None:
        """The second on the clock at which there is something to take next, None while it waits for input."""
        if self.execution is None:
            return None
        after = self._waiting[0].after if self._waiting else self.execution.ends_after
        return self.begun + after

    def _run(self, execution: Execution | None) -> None:
        if execution is not None:
            self.execution, self.begun = execution, self.machine.clock.seconds()
            self._waiting = list(execution.pieces)


@dataclass(slots=True)
class Shell:
    """One shell of one user, with its commands by their ids."""

    user: str
    shell_id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    commands: dict[str, Command] = field(default_factory=dict)
    operations: int = 0
    used_at: float = 0.0

    def find(self, command_id: str) -> Command:
        """The command ``command_id``.

        Raises:
            WsmanFault: there is none.
        """
        if command_id not in self.commands:
            words = "The request for the Windows Remote Shell failed because the command was not found on the server."
            raise WsmanFault(SHELL_GONE, words, "w:InvalidSelectors")
        return self.commands[command_id]


def encode(pieces: list[Piece]) -> list[tuple[str, str]]:
    """Pieces as they stand in an answer: those of one stream that follow each other in one element."""
    joined: list[tuple[str, bytes]] = []
    for piece in pieces:
        if joined and joined[-1][0] == piece.stream:
            joined[-1] = (piece.stream, joined[-1][1] + piece.content)
        else:
            joined.append((piece.stream, piece.content))
    return [(name, base64.b64encode(content).decode("ascii")) for name, content in joined]
