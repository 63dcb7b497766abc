"""Heads of the audit that were noted before, as they are given back: on the command line, or in a file."""

import sys
from pathlib import Path

from fleet.audit_head import Head, parse_head
from fleet.errors import BadInput
from fleet.hostile import decode

# A head is a line; a file that it was noted in again and again has a line a day.
_MOST_BYTES = 1_000_000
_STANDARD_INPUT = Path("-")


def known_head(text: str) -> Head:
    """The head that was given as an option.

    Raises:
        BadInput: it is none.
    """
    try:
        return parse_head(text)
    except BadInput as error:
        raise BadInput(f"--head: {error}") from error


def read_head_file(path: Path) -> Head:
    """The head in the file at ``path``: the last one, where several were written one below the other.

    Raises:
        BadInput: it cannot be read, or holds none.
    """
    text = _read(path)
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return parse_head(text)
    except BadInput as error:
        whole = error
    try:
        return parse_head(lines[-1])
    except (BadInput, IndexError):
        place = f"{path}, line {len(lines)}" if len(lines) > 1 else str(path)
        raise BadInput(f"{place}: {whole}") from whole


def _read(path: Path) -> str:
    try:
        if path == _STANDARD_INPUT:
            raw = sys.stdin.read(_MOST_BYTES + 1).encode("utf-8", "replace")
        else:
            with path.expanduser().open("rb") as file:
                raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"Cannot read the head from {path}: {error.strerror}.") from error
    if len(raw) > _MOST_BYTES:
        raise BadInput(f"Cannot read the head from {path}: it is longer than {_MOST_BYTES:,} bytes.")
    return decode(raw)
