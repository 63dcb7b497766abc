"""The text of a TOML file: parsed with errors that name file and line, and the line where a key stands."""

import re
import tomllib
from pathlib import Path

from fleet.errors import BadInput

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[+\s*({_NAME})\s*\]+")
_KEY = re.compile(rf"\s*({_NAME})\s*=")


def parse_toml(path: Path, text: str) -> dict[str, object]:
    """The tables of ``text``, which was read from ``path``.

    Raises:
        BadInput: it is not TOML; names file, line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # tomllib of Python 3.11 tells the position in the message only.
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
        message, line, column = found.groups() if found else (str(error), None, None)
        where = f"line {line}, column {column}" if line else f"line {len(text.splitlines()) or 1}"
        raise BadInput(f"{path}, {where}: not TOML: {message}.") from error


def find_line(text: str, name: str) -> int:
    """The number of the line where the key ``name`` (``section.key``) stands, 1 for the first.

    A key inside an inline table stands on the line of the nearest key or section around it; 1 where none is found.
    """
    lines = _lines_of_keys(text)
    while name not in lines and "." in name:
        name = name.rpartition(".")[0]
    return lines.get(name, 1)


def _lines_of_keys(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _plain(header[1]) + "."
            lines.setdefault(section[:-1], number)
        elif key := _KEY.match(line):
            lines.setdefault(section + _plain(key[1]), number)
    return lines


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
