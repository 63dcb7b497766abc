"""What a Windows machine is handed over standard input: a script of ours, and what it is told, apart from each other.

Nothing that anybody gives stands in the text of a script: parameters go beside it, as JSON. All of it is base64 in
short lines, so that neither code pages nor the length of a command line matter. `bootstrap_command`, which a machine is
told to run, reads the lines, and runs the script where as many came as the last one says: a shell in between may have
taken some, and a script with a hole in it would do anything.

    C NAME MARKER
    P base64 of the parameters' JSON, in as many lines as it takes
    S base64 of the script
    E NUMBER-OF-LINES-BEFORE
"""

import base64
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_LINE_CHARACTERS = 960
_SCRIPTS = "collectors.windows.scripts"
_PRELUDE = "prelude.ps1"
_WITH = re.compile(rb"# with: ([a-z_ ]+)\r?\n")


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One call of a script. ``name`` is that of its file without ``.ps1``, ``marker`` stands around its answer."""

    name: str
    marker: str
    payload: bytes


def call_script(name: str, parameters: Mapping[str, object] | None = None) -> ScriptCall:
    """A call of the script ``name`` with ``parameters``, which JSON can hold."""
    marker = secrets.token_hex(8)
    told = json.dumps(dict(parameters or {}), ensure_ascii=True, separators=(",", ":")).encode("ascii")
    lines = [f"C {name} {marker}", *_wrap("P", told), *_wrap("S", script_text(name))]
    return ScriptCall(name, marker, "".join(f"{line}\r\n" for line in [*lines, f"E {len(lines)}"]).encode("ascii"))


@cache
def script_text(name: str) -> bytes:
    """What runs on the machine for the script ``name``: what all scripts share, the parts that it names, and it; ASCII.

    The first line of a script may name parts, files beside it that hold functions only: ``# with: PART [PART …]``.
    """
    folder = files(_SCRIPTS)
    script = (folder / f"{name}.ps1").read_bytes()
    named = _WITH.match(script)
    parts = named[1].decode("ascii").split() if named else []
    texts = [(folder / f"{part}.ps1").read_bytes() for part in parts]
    return b"".join([(folder / _PRELUDE).read_bytes(), *texts, script])


@cache
def bootstrap_command() -> str:
    """The command line that reads a payload from its standard input, for any shell of Windows; ASCII, below 8191."""
    text = (files(_SCRIPTS) / "bootstrap.ps1").read_text("ascii")
    encoded = base64.b64encode(text.encode("utf-16-le")).decode("ascii")
    return f"powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"


def _wrap(kind: str, content: bytes) -> Iterator[str]:
    encoded = base64.b64encode(content).decode("ascii")
    for start in range(0, len(encoded), _LINE_CHARACTERS):
        yield f"{kind} {encoded[start : start + _LINE_CHARACTERS]}"
