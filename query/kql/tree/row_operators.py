"""Operators that choose, name, sort and count the columns and rows of one table."""

from dataclasses import dataclass

from query.kql.tree.expressions import Expression, Name, Named
from query.kql.tree.names import Wildcard
from query.kql.tree.spans import Span

# Hints and ``kind=…`` pairs as written, names in lower case: (("hint.strategy", "shuffle"), …).
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Where:
    """``where`` or ``filter``."""

    span: Span
    condition: Expression


@dataclass(frozen=True, slots=True)
class Project:
    """``project``."""

    span: Span
    columns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ProjectAway:
    """``project-away``; ``project-keep`` where ``is_kept``."""

    span: Span
    columns: tuple[Name | Wildcard, ...]
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class ProjectRename:
    """``project-rename new = old, …``."""

    span: Span
    columns: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ReorderedColumn:
    """``name``, or ``pattern asc|desc|granny-asc|granny-desc``; ``order`` is empty where none is written."""

    span: Span
    column: Name | Wildcard
    order: str = ""


@dataclass(frozen=True, slots=True)
class ProjectReorder:
    """``project-reorder``."""

    span: Span
    columns: tuple[ReorderedColumn, ...]


@dataclass(frozen=True, slots=True)
class Extend:
    """``extend``."""

    span: Span
    columns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Summarize:
    """``summarize aggregates by keys``; either may be empty, not both. ``has_by`` tells ``by`` with no keys."""

    span: Span
    aggregates: tuple[Expression, ...]
    keys: tuple[Expression, ...]
    has_by: bool
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Distinct:
    """``distinct``; ``*`` is a `Star`."""

    span: Span
    columns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """``value asc nulls first``; None where it is not written."""

    span: Span
    value: Expression
    is_ascending: bool | None = None
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """``sort by`` or ``order by``."""

    span: Span
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """``top count by keys``."""

    span: Span
    count: Expression
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Take:
    """``take`` or ``limit``; ``sample`` where ``is_sample``."""

    span: Span
    count: Expression
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """``count``."""

    span: Span
    column: Name | None = None
