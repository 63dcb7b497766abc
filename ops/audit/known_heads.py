"""Heads of the audit that were noted before, as they are given back: on the command line, or in a file."""

import sys
from contextlib import suppress
from pathlib import Path

from fleet.audit_head import Head, parse_head
from fleet.errors import BadInput
from fleet.hostile import decode

# A head is a line; a file that it was noted in again and again has a line a day.
_MOST_BYTES = 1_000_000
_STANDARD_INPUT = Path("-")
# Around each head that was printed as JSON.
_BRACKETS = ("", "[", "]", "[]")


def known_head(text: str) -> Head:
    """The head that was given as an option.

    Raises:
        BadInput: it is none.
    """
    try:
        return parse_head(text)
    except BadInput as error:
        raise BadInput(f"--head: {error}") from error


def read_head_file(path: Path) -> tuple[Head, ...]:
    """The heads in the file at ``path``, in their order: as text one a line, as JSON as it was printed.

    Raises:
        BadInput: it cannot be read, holds none, or holds something else too.
    """
    text = _read(path)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    told = [(number, line.rstrip(",")) for number, line in lines if line not in _BRACKETS]
    try:
        return tuple(_of_line(line, number) for number, line in told) or (parse_head(text),)
    except BadInput as error:
        if text.lstrip().startswith(("[", "{")):  # perhaps the JSON of one head on several lines
            with suppress(BadInput):
                return (parse_head(text),)
        raise BadInput(f"{path}: {error}") from error


def _of_line(line: str, number: int) -> Head:
    try:
        return parse_head(line)
    except BadInput as error:
        raise BadInput(f"line {number}: {error}") from error


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
