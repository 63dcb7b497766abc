"""The pattern of ``parse`` as a regular expression."""

import re
from dataclasses import dataclass

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.types import KqlType

_SPECIAL = re.compile(r"([\\.+*?()\[\]{}^$|])")
# Groups that take text: an opening bracket that is not escaped and not (?…), but for the named (?P<…>.
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|(\((?!\?)|\(\?P?<(?![=!]))", re.DOTALL)
_WHOLE = r"([-+]?\d+)"
_REAL = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_WRITTEN = {
    KqlType.INT: _WHOLE,
    KqlType.LONG: _WHOLE,
    KqlType.REAL: _REAL,
    KqlType.DECIMAL: _REAL,
    KqlType.BOOL: "(true|false|0|1)",
    KqlType.GUID: "([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})",
}


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """A column of the pattern, and the group of the regular expression that takes its text."""

    name: tree.Name
    type: KqlType
    group: int


@dataclass(frozen=True, slots=True)
class ParsePattern:
    """A regular expression of RE2 with ``groups`` groups, and the columns that they fill."""

    regex: str
    groups: int
    columns: tuple[ParsedColumn, ...]


def read_pattern(step: tree.Parse) -> ParsePattern:
    """The pattern of ``step``.

    Raises:
        KqlProblem: it has no text and no column, or a column whose end nothing tells.
    """
    is_regex = step.kind.lower() == "regex"
    lazy = "" if is_regex and "U" not in step.flags else "?"
    parts: list[str] = []
    columns: list[ParsedColumn] = []
    groups = 0
    for index, piece in enumerate(step.pattern):
        after = step.pattern[index + 1] if index + 1 < len(step.pattern) else None
        if isinstance(piece, tree.ParseText):
            parts.append(piece.text if is_regex else _SPECIAL.sub(r"\\\1", piece.text))
            groups += len([group for group in _GROUP.findall(piece.text) if group]) if is_regex else 0
        elif piece.name is None:
            parts.append(f".*{lazy}")
        else:
            groups += 1
            columns.append(ParsedColumn(piece.name, piece.type, groups))
            parts.append(_column(piece, after, lazy, is_regex=is_regex))
    if not columns:
        raise KqlProblem("The pattern has no column to fill.", step.span)
    flags = _flags(step) if is_regex else "(?s)"
    end = "" if is_regex else "$"
    return ParsePattern(f"{flags}^{''.join(parts)}{end}", groups, tuple(columns))


def _column(
    piece: tree.ParseColumn, after: tree.ParseText | tree.ParseColumn | None, lazy: str, *, is_regex: bool
) -> str:
    """What a column takes: up to the text after it, or as much as its type can be written with."""
    is_open = isinstance(after, tree.ParseColumn)
    if piece.type in _WRITTEN and (is_regex or is_open):
        return _WRITTEN[piece.type]
    if is_open:
        raise KqlProblem("Nothing tells where this column ends: put a text after it.", piece.span)
    return f"(.*{lazy})"


def _flags(step: tree.Parse) -> str:
    for flag in step.flags:
        if flag not in "Umsi":
            raise KqlProblem(f"The flag {flag!r} is not known: U, m, s and i are.", step.span)
    kept = "".join(flag for flag in step.flags if flag in "msi")
    return f"(?{kept})" if kept else ""
