"""What a user typed after ``:`` and ``/`` in the app: kept in the home, each user's apart, bounded, nothing secret.

The text of queries is not kept here: `ops.asked_queries` keeps that, without what is secret in it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from collectors.handed_down import folder_mode
from collectors.known_hosts_file import only_writer
from ops.asked_queries import file_beside_queries
from ops.home import Home
from ops.permission import refusal

MOST_LINES = 500
MOST_CHARACTERS = 500
_SLACK = 100
_ASKING = frozenset({"query", "sql"})


@dataclass(frozen=True, slots=True)
class TypedLine:
    """What was typed, behind the sign that opened the prompt: ``:`` or ``/``."""

    sign: str
    text: str


def list_typed_lines(home: Home) -> tuple[TypedLine, ...]:
    """What this user typed, the newest last, each text once; what cannot be read is passed over. Blocking, but short.

    Raises:
        OSError: the file cannot be read.
    """
    newest: dict[TypedLine, None] = {}
    for line in _read(home):
        newest.pop(line, None)
        newest[line] = None
    return tuple(newest)[-MOST_LINES:]


def remember_line(home: Home, line: TypedLine) -> None:
    """Keeps ``line`` as the newest of this user. Blocking, but short. Not in a home that is only read.

    Raises:
        OSError: it cannot be written, or another process holds the folder for long.
    """
    if not is_kept(line) or refusal(home.path) is not None:
        return
    path = file_beside_queries(home, ".typed")
    path.parent.mkdir(mode=folder_mode(home.path), exist_ok=True)
    with only_writer(path.parent):
        known = _read(home)
        if len(known) > MOST_LINES + _SLACK:
            aside = path.with_suffix(".typed-new")
            aside.touch(mode=0o600)
            aside.write_text("".join(_line(each) for each in known[-MOST_LINES:]), encoding="utf-8")
            aside.replace(path)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(_line(line) if _ends_whole(path) else f"\n{_line(line)}")


def is_kept(line: TypedLine) -> bool:
    """Whether ``line`` is worth keeping, and may be."""
    name = line.text.strip().partition(" ")[0].lower()
    return 0 < len(line.text.strip()) <= MOST_CHARACTERS and (line.sign != ":" or name not in _ASKING)


def _ends_whole(path: Path) -> bool:
    """Whether the last line is whole: a full disk may have cut it."""
    with path.open("rb") as file:
        return file.seek(0, os.SEEK_END) == 0 or (file.seek(-1, os.SEEK_END) >= 0 and file.read(1) == b"\n")


def _read(home: Home) -> list[TypedLine]:
    path = file_beside_queries(home, ".typed")
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [typed for line in lines if (typed := _parse(line)) is not None]


def _line(line: TypedLine) -> str:
    return json.dumps([line.sign, line.text.strip()], ensure_ascii=False) + "\n"


def _parse(line: str) -> TypedLine | None:
    try:
        sign, text = json.loads(line)
        return TypedLine(sign, text) if sign in (":", "/") and isinstance(text, str) else None
    except (ValueError, TypeError):
        return None
