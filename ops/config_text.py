"""The text of a TOML file: parsed with errors that name file and line, and the line where a key stands."""

import re
from pathlib import Path

from fleet.errors import BadInput
from ops.toml_text import NotToml, load_toml

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
        return load_toml(text)
    except NotToml as error:
        column = f", column {error.column}" if error.column else ""
        where = f"{path}, line {error.line}{column}" if error.line else str(path)
        raise BadInput(f"{where}: {error.words}.") from error


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
