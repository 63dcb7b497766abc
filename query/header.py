"""The comment that heads a saved query: what it answers, what it takes, what its columns mean.

    -- title: Security updates that have been missing for long
    -- group: Missing updates
    -- help: One row for each machine and update, the oldest first.
    -- param: days int = 30: at least so many days
    -- column: MissingDays [days]: since the machine was first seen to need it
    SELECT …

``help`` may stand several times and is joined. A parameter without a default must be given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fleet.errors import BadInput, nearest_name
from fleet.tables import ColumnType
from query.literals import PARAMETER_TYPES, parse_value

_LINE = re.compile(r"--\s*([a-z]+):\s*(.*)")
_PARAM = re.compile(r"([A-Za-z_]\w*) ([a-z]+)(?: = (.*?))?: (.+)")
_COLUMN = re.compile(r"(\S+)(?: \[(.+?)\])?: (.+)")
_FIELDS = ("title", "group", "help", "param", "column")


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter: ``default`` is the value it has when none is given, None for one that must be given."""

    name: str
    type: ColumnType
    meaning: str
    default: object = None


@dataclass(frozen=True, slots=True)
class QueryColumn:
    """What a column of the answer means, with its unit where there is one."""

    name: str
    meaning: str
    unit: str = ""


@dataclass(slots=True)
class Header:
    """What the comment says."""

    title: str = ""
    group: str = ""
    help: str = ""
    parameters: list[QueryParameter] = field(default_factory=list)
    columns: list[QueryColumn] = field(default_factory=list)


def parse_header(text: str) -> Header:
    """The header of a saved query; the lines up to the first that is no comment.

    Raises:
        BadInput: a line is not understood, or there is no title; carries the line's number.
    """
    header = Header()
    for number, line in _comment_lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            continue  # an ordinary comment
        try:
            _take(header, match.group(1), match.group(2).strip())
        except BadInput as error:
            raise BadInput(f"line {number}: {error}") from error
    if not header.title:
        raise BadInput("it has no title: write '-- title: …' as its first line.")
    return header


def _comment_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.strip() and not line.startswith("--"):
            return
        yield number, line.rstrip()


def _take(header: Header, name: str, value: str) -> None:
    if name == "title":
        header.title = value
    elif name == "group":
        header.group = value
    elif name == "help":
        header.help = f"{header.help} {value}".strip()
    elif name == "param":
        header.parameters.append(_parse_parameter(value))
    elif name == "column":
        header.columns.append(_parse_column(value))
    elif near := nearest_name(name, _FIELDS):
        raise BadInput(f"there is no {name!r} in a header. Did you mean {near!r}?")


def _parse_parameter(value: str) -> QueryParameter:
    match = _PARAM.fullmatch(value)
    if match is None:
        raise BadInput(f"{value!r} is no parameter: write 'NAME TYPE = DEFAULT: meaning'.")
    name, type_name, default, meaning = match.groups()
    if type_name not in PARAMETER_TYPES:
        raise BadInput(f"{type_name!r} is no type of a parameter: {', '.join(PARAMETER_TYPES)}.")
    type_ = ColumnType(type_name)
    return QueryParameter(name, type_, meaning, None if default is None else parse_value(name, type_, default))


def _parse_column(value: str) -> QueryColumn:
    match = _COLUMN.fullmatch(value)
    if match is None:
        raise BadInput(f"{value!r} is no column: write 'NAME [UNIT]: meaning'.")
    name, unit, meaning = match.groups()
    return QueryColumn(name, meaning, unit or "")
