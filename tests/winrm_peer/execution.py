"""What runs on a peer when a command line and its standard input come in: the bootstrap, and the handler of a script.

Nothing here reads PowerShell. The command line must be our bootstrap's, and the text of the script must be the one in
the package: then the Python handler of its name (`scripts/NAME.py`) answers in its place.
"""

import base64
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from collectors.windows.script_call import bootstrap_command, script_text
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import ScriptRun
from tests.winrm_peer.raising import ScriptThrew

Say = Callable[[Mapping[str, object]], None]
Handler = Callable[[PeerMachine, Mapping[str, object], Say], None]
_LINE = 960


@dataclass(frozen=True, slots=True)
class Piece:
    """Some output, and how many seconds after the script began it comes. ``stream`` is stdout or stderr."""

    after: float
    stream: str
    content: bytes


@dataclass(slots=True)
class Execution:
    """All that a command prints, and how it ends: ``exit_code`` after ``ends_after`` seconds."""

    pieces: list[Piece] = field(default_factory=list)
    exit_code: int = 0
    ends_after: float = 0.0

    @classmethod
    def saying(cls, text: str, exit_code: int = 1) -> "Execution":
        """One that writes ``text`` to its error stream, and ends."""
        return cls([Piece(0.0, "stderr", text.encode("utf-8"))], exit_code)


def refuse_program(command: str) -> Execution | None:
    """What cmd.exe says of a command line that is not our bootstrap's, None if it is."""
    if " ".join(command.split()) == " ".join(bootstrap_command().split()):
        return None
    program = command.strip().strip('"').split(" ")[0][:100]
    words = f"'{program}' is not recognized as an internal or external command"
    return Execution.saying(f"{words},\r\noperable program or batch file.\r\n")


def run_at_once(machine: PeerMachine) -> Execution | None:
    """What the bootstrap answers before it has read anything, None where it goes on to read."""
    if machine.language_mode == "FullLanguage":
        return None
    return Execution([Piece(0.0, "stdout", f"patchdeck-language {machine.language_mode}\r\n".encode("ascii"))], 3)


def run_payload(machine: PeerMachine, payload: bytes, user: str = "") -> Execution:
    """What the bootstrap prints for ``payload``: its standard input, read to the end."""
    try:
        call = _read_call(payload)
    except (ValueError, OSError) as error:
        return _threw(Execution(), str(error))
    if call is None:
        return Execution([Piece(0.0, "stdout", b"patchdeck-input-cut\r\n")], 4)
    return _answer(machine, *call, user=user)


def _answer(machine: PeerMachine, name: str, marker: str, told: Mapping[str, object], user: str) -> Execution:
    execution = Execution()
    machine.begin_script(ScriptRun(name, told, user))

    def say(answer: Mapping[str, object]) -> None:
        execution.pieces.append(Piece(machine.take_spent(), "stdout", write_answer(marker, answer)))

    try:
        find_handler(name)(machine, told, say)
    except ScriptThrew as error:
        _threw(execution, str(error), error.exit_code)
    except Exception as error:  # noqa: BLE001 - a handler's mistake is shown where its output is looked for
        _threw(execution, f"the handler of {name} failed: {type(error).__name__}: {error}")
    execution.ends_after = machine.take_spent()
    return execution


def find_handler(name: str) -> Handler:
    """What answers for the script ``name``."""
    found: Handler = importlib.import_module(f"tests.winrm_peer.scripts.{name}").answer
    return found


def write_answer(marker: str, answer: Mapping[str, object]) -> bytes:
    """An answer as Write-PatchdeckAnswer prints it."""
    text = base64.b64encode(json.dumps(answer, ensure_ascii=False).encode("utf-8")).decode("ascii")
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "".join(f"{line}\r\n" for line in (f"<<<patchdeck {marker}", *lines, f"patchdeck>>> {marker}")).encode()


def _threw(execution: Execution, text: str, exit_code: int = 1) -> Execution:
    execution.pieces.append(Piece(execution.ends_after, "stderr", f"{text}\r\n".encode()))
    execution.exit_code = exit_code
    return execution


def _read_call(payload: bytes) -> tuple[str, str, Mapping[str, object]] | None:
    """Name, marker and parameters of a payload; None where its end, or a line of it, is missing.

    Raises:
        ValueError: it is no payload, or carries a script that is not the package's.
    """
    lines = [line.strip() for line in payload.decode("ascii").splitlines() if line.strip()]
    if not any(line == f"E {at}" for at, line in enumerate(lines)):
        return None
    _, name, marker = next((line for line in lines if line.startswith("C ")), "").split(" ")
    told = _joined(lines, "P ")
    if sha256(_joined(lines, "S ")).digest() != sha256(script_text(name)).digest():
        raise ValueError(f"the text of {name} is not that of the package")
    return name, marker, json.loads(told)


def _joined(lines: list[str], kind: str) -> bytes:
    return base64.b64decode("".join(line[2:] for line in lines if line.startswith(kind)), validate=True)
