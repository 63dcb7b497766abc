"""The comment that heads a saved query: what it answers, what it takes, what its columns mean, how it is drawn.

    -- title: Security updates that have been missing for long
    -- group: Missing updates
    -- help: One row for each machine and update, the oldest first.
    -- param: days int = 30: at least so many days
    -- param: class string one of (Security Updates, Critical Updates) = Security Updates: the class
    -- column: MissingDays [days]: since the machine was first seen to need it
    -- chart: bar x=Computer y=MissingDays
    SELECT …

In KQL the lines begin with ``//``. ``help`` may stand several times and is joined. A parameter without a default must
be given. Choices are set apart by commas, those that hold one or a bracket in quotes; a chart's column that holds a
blank or a comma is in double quotes.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.errors import BadInput, nearest_name
from fleet.tables import ColumnType
from query.language import QueryLanguage
from query.literals import PARAMETER_TYPES, parse_value

COMMENTS = {QueryLanguage.SQL: "--", QueryLanguage.KQL: "//"}
_LINE = re.compile(r"\s*([A-Za-z]+):\s*(.*)")
_QUOTED = r"'(?:[^']|'')*'"
_CHOICE = rf"(?:\s*{_QUOTED}\s*|[^,()']+)"
_PARAM = re.compile(
    rf"([A-Za-z_]\w*)\s+([A-Za-z]+)(?:\s+one\s+of\s*\(({_CHOICE}(?:,{_CHOICE})*)\))?(?:\s*=\s*({_QUOTED}|.*?))?:\s+(.+)"
)
_COLUMN = re.compile(r"(\S+)(?: \[(.+?)\])?: (.+)")
_NAME = r'(?:"[^"]+"|[^\s,"=]+)'
_CHART = re.compile(rf"(\w+)\s+x=({_NAME})\s+y=({_NAME}(?:\s*,\s*{_NAME})*)")
_WIDTH = 110
_FIELDS = ("title", "group", "help", "param", "column", "chart")


class ChartKind(StrEnum):
    """What a chart is drawn with."""

    BAR = "bar"
    LINE = "line"
    SPARKLINE = "sparkline"


_KINDS = tuple(kind.value for kind in ChartKind)


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter.

    ``default`` is the value it has when none is given, None for one that must be given. ``choices`` are the only
    values that it takes; none where it takes any of its type.
    """

    name: str
    type: ColumnType
    meaning: str
    default: object = None
    choices: tuple[object, ...] = ()

    def check(self, value: object) -> None:
        """Refuses what is not among the choices.

        Raises:
            BadInput: it is not.
        """
        if not self.choices or value in self.choices:
            return
        names = [str(choice) for choice in self.choices]
        near = nearest_name(str(value), names)
        hint = f" Did you mean {near!r}?" if near else ""
        raise BadInput(f"Parameter {self.name} takes one of {', '.join(names)}, and {str(value)!r} is none.{hint}")


@dataclass(frozen=True, slots=True)
class QueryColumn:
    """What a column of the answer means, with its unit where there is one."""

    name: str
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class QueryChart:
    """The chart that the answer is best seen as: the column along it, and the columns that are drawn."""

    kind: ChartKind
    x: str
    y: tuple[str, ...]


@dataclass(slots=True)
class Header:
    """What the comment says."""

    title: str = ""
    group: str = ""
    help: str = ""
    parameters: list[QueryParameter] = field(default_factory=list)
    columns: list[QueryColumn] = field(default_factory=list)
    chart: QueryChart | None = None


def parse_header(text: str, language: QueryLanguage = QueryLanguage.SQL) -> Header:
    """The header of a saved query; the lines up to the first that is no comment.

    Raises:
        BadInput: a line is not understood, or there is no title; carries the line's number.
    """
    header = read_header(text, language)
    if not header.title:
        raise BadInput(f"it has no title: write '{COMMENTS[language]} title: …' as its first line.")
    return header


def read_header(text: str, language: QueryLanguage) -> Header:
    """As `parse_header`, of a text that may have no title yet, or no header at all."""
    header = Header()
    for number, line in _comment_lines(text, COMMENTS[language]):
        match = _LINE.fullmatch(line)
        if match is None:
            continue  # an ordinary comment
        try:
            _take(header, match.group(1).lower(), match.group(2).strip())
        except BadInput as error:
            raise BadInput(f"line {number}: {error}") from error
    return header


def with_header(text: str, language: QueryLanguage, values: Mapping[str, str]) -> str:
    """``text`` with the lines of title, group and help that ``values`` has, in the place of those of before."""
    comment = COMMENTS[language]
    lines = text.removeprefix("\ufeff").splitlines()
    of_header = sum(1 for _ in _comment_lines(text, comment))
    kept = [line for line in lines[:of_header] if _field(line, comment) not in values]
    made = [
        f"{comment} {name}: {line}"
        for name, value in values.items()
        for line in textwrap.wrap(" ".join(value.split()), _WIDTH if name == "help" else len(value) + 1)
    ]
    return "\n".join([*made, *kept, *lines[of_header:]]).rstrip("\n") + "\n"


def _field(line: str, comment: str) -> str:
    match = _LINE.fullmatch(line.removeprefix(comment).rstrip()) if line.startswith(comment) else None
    return match.group(1).lower() if match else ""


def _comment_lines(text: str, comment: str) -> Iterator[tuple[int, str]]:
    """The lines of the comment with their numbers, without what makes them one."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.strip() and not line.startswith(comment):
            return
        yield number, line.removeprefix(comment).rstrip()


def _take(header: Header, name: str, value: str) -> None:
    if name in ("title", "group"):
        setattr(header, name, value)
    elif name == "help":
        header.help = f"{header.help} {value}".strip()
    elif name == "param":
        header.parameters.append(_parse_parameter(value))
        _refuse_second("parameter", [parameter.name for parameter in header.parameters])
    elif name == "column":
        header.columns.append(_parse_column(value))
        _refuse_second("column", [column.name for column in header.columns])
    elif name == "chart":
        _refuse_second("chart", ["chart"] * (2 if header.chart else 1))
        header.chart = _parse_chart(value)
    elif near := nearest_name(name, _FIELDS):
        raise BadInput(f"there is no {name!r} in a header. Did you mean {near!r}?")


def _refuse_second(kind: str, names: list[str]) -> None:
    if names.count(names[-1]) > 1:
        raise BadInput(f"there is a {kind} {names[-1]!r} already." if kind != "chart" else "there is a chart already.")


def _parse_parameter(value: str) -> QueryParameter:
    match = _PARAM.fullmatch(value)
    if match is None:
        raise BadInput(f"{value!r} is no parameter: write 'NAME TYPE = DEFAULT: meaning'.")
    name, type_name, choices, default, meaning = match.groups()
    if type_name not in PARAMETER_TYPES:
        raise BadInput(f"{type_name!r} is no type of a parameter: {_one_of(type_name, PARAMETER_TYPES)}")
    type_ = ColumnType(type_name)
    values = tuple(parse_value(name, type_, text.strip()) for text in re.findall(_CHOICE, choices or ""))
    given = None if default is None else parse_value(name, type_, default)
    parameter = QueryParameter(name, type_, meaning, given, values)
    if given is not None:
        parameter.check(given)
    return parameter


def _parse_column(value: str) -> QueryColumn:
    match = _COLUMN.fullmatch(value)
    if match is None:
        raise BadInput(f"{value!r} is no column: write 'NAME [UNIT]: meaning'.")
    name, unit, meaning = match.groups()
    return QueryColumn(name, meaning, unit or "")


def _parse_chart(value: str) -> QueryChart:
    match = _CHART.fullmatch(value)
    if match is None:
        raise BadInput(f"{value!r} is no chart: write 'KIND x=COLUMN y=COLUMN,COLUMN', KIND {_or(_KINDS)}.")
    kind, x, y = match.groups()
    if kind not in _KINDS:
        raise BadInput(f"{kind!r} is no kind of chart: {_one_of(kind, _KINDS)}")
    return QueryChart(ChartKind(kind), x.strip('"'), tuple(name.strip('"') for name in re.findall(_NAME, y)))


def _one_of(name: str, known: tuple[str, ...]) -> str:
    near = nearest_name(name, known)
    return f"{', '.join(known)}." + (f" Did you mean {near!r}?" if near else "")


def _or(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"
