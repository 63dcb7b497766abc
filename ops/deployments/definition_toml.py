"""Definitions in TOML: parsed by tomllib, with the line of each key."""

import re
from datetime import date, datetime, time

from fleet.errors import BadInput
from ops.deployments.definition_tree import DEEPEST, Listed, Node, Scalar, Table, refused
from ops.toml_text import NotToml, load_toml

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[{{1,2}})\s*({_NAME})\s*\]{{1,2}}")
_KEY = re.compile(rf"\s*({_NAME})\s*=")

Path = tuple[str | int, ...]


def parse_toml_tree(text: str) -> Table:
    """The tables of ``text``.

    Raises:
        BadInput: it is not TOML; begins with the line.
    """
    tree = _convert(_load(text), (), _find_lines(text), 1)
    assert isinstance(tree, Table)  # a TOML document is one
    return tree


def _load(text: str) -> dict[str, object]:
    try:
        return load_toml(text)
    except NotToml as error:
        raise (refused(error.line, f"{error.words}.") if error.line else BadInput(f"{error.words}.")) from error


def _convert(value: object, path: Path, lines: dict[Path, int], line: int) -> Node:
    line = lines.get(path, line)
    if len(path) > DEEPEST:
        raise refused(line, "it is nested too deep.")
    if isinstance(value, dict):
        entries = {key: _convert(each, (*path, key), lines, line) for key, each in value.items()}
        return Table(entries, {key: lines.get((*path, key), line) for key in entries}, line)
    if isinstance(value, list):
        return Listed(tuple(_convert(each, (*path, at), lines, line) for at, each in enumerate(value)), line)
    assert isinstance(value, str | int | float | bool | date | datetime | time)  # tomllib gives nothing else
    return Scalar(value, line)


def _find_lines(text: str) -> dict[Path, int]:
    """The line of each key and header; what stands within braces or brackets is where its key is."""
    lines: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    section: Path = ()
    inside = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if not inside:
            if header := _HEADER.match(line):
                section = _enter(_parts(header[2]), header[1] == "[[", counts)
                lines.setdefault(section, number)
                if header[1] == "[[":
                    lines.setdefault(section[:-1], number)  # the list itself
            elif key := _KEY.match(line):
                for end in range(1, len(parts := _parts(key[1])) + 1):
                    lines.setdefault((*section, *parts[:end]), number)
        inside = _quotes_after(line, inside)
    return lines


def _enter(parts: list[str], is_list: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for at, part in enumerate(parts, start=1):
        path = (*path, part)
        if at == len(parts) and is_list:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _quotes_after(line: str, inside: str) -> str:
    """The quotes of the text of several lines that goes on after ``line``, empty where none does."""
    for quotes in [inside] if inside else ['"""', "'''"]:
        if line.count(quotes) % 2:
            return "" if inside else quotes
    return inside


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(_PART, name)]
