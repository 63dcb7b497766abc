"""What a translated query is."""

from dataclasses import dataclass

from query.kql.tree import Options
from query.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class KqlColumn:
    """A column of the answer: its name, whose case counts and which may repeat another's in another case, and type."""

    name: str
    type: KqlType


@dataclass(frozen=True, slots=True)
class Translation:
    """A KQL query as SQL of DuckDB.

    Attributes:
        sql: one SELECT over the tables, one CTE a pipe step, explicit columns; its columns are ``columns``, in order,
            under names that differ whatever the case. A timespan comes as its text (``1.02:03:04.5000000``).
        columns: the columns as KQL names and types them.
        parameters: those that it uses, as ``$name``.
        chart: what ``render`` asks for; empty without.
        chart_options: the properties of ``render``.
    """

    sql: str
    columns: tuple[KqlColumn, ...]
    parameters: frozenset[str] = frozenset()
    chart: str = ""
    chart_options: Options = ()
