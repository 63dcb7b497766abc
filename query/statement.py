"""A question, in whichever language it was put, as the SQL that is checked and run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from fleet.errors import QueryRefused
from fleet.tables import TABLES, ColumnType
from query.columns import view_columns
from query.language import QueryLanguage
from query.limits import MAX_QUERY_CHARACTERS
from query.results import Chart

if TYPE_CHECKING:
    from query.kql.translation import Translation

# Whoever asks again asks the same few; a long one takes a megabyte.
_MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class Statement:
    """One SELECT, and what SQL cannot say of its answer.

    Attributes:
        sql: the text; the user's own unless ``is_translated``.
        values: those of its parameters.
        names: the true names of the answer's columns, where they are not those of ``sql``.
        chart: how the answer asks to be drawn.
        is_translated: whether places in ``sql`` mean nothing to the user.
    """

    sql: str
    values: Mapping[str, object]
    names: tuple[str, ...] | None = None
    chart: Chart | None = None
    is_translated: bool = False


def read_statement(text: str, language: QueryLanguage, parameters: Mapping[str, object]) -> Statement:
    """``text`` as SQL.

    Raises:
        QueryRefused, UnknownName: it is KQL that cannot be read or translated; says where.
        BadInput: a value is not of the type that the query declares.
    """
    if language is QueryLanguage.SQL:
        return Statement(text, parameters)
    from query.kql.declared import declared_values

    values = declared_values(text, parameters)
    translation = translate_kql(text, values)
    chart = Chart(translation.chart, translation.chart_options) if translation.chart else None
    names = tuple(column.name for column in translation.columns)
    return Statement(translation.sql, values, names, chart, is_translated=True)


def translate_kql(text: str, parameters: Mapping[str, object]) -> "Translation":
    """The translation of ``text``, which may name our tables and ``parameters``; raises as `read_statement`."""
    if len(text) > MAX_QUERY_CHARACTERS:
        raise QueryRefused(f"The query has {len(text):,} characters; the limit is {MAX_QUERY_CHARACTERS:,}.")
    return _translation(text, tuple((name, _type_of(value)) for name, value in sorted(parameters.items())))


@lru_cache(_MOST_KEPT)
def _translation(text: str, parameters: tuple[tuple[str, str], ...]) -> "Translation":
    """The translation, with the types of the parameters: it takes longer than most answers."""
    from query.kql.bound import Schema
    from query.kql.translate import translate
    from query.kql.types import KqlType

    def kql_type(type_: ColumnType) -> KqlType:
        return KqlType.DATETIME if type_ is ColumnType.DATE else KqlType(type_.value)

    tables = {table.name: tuple((c.name, kql_type(c.type)) for c in view_columns(table)) for table in TABLES}
    return translate(text, Schema(tables, {name: KqlType(type_) for name, type_ in parameters}))


def _type_of(value: object) -> str:
    return next((name for held, name in _HELD if isinstance(value, held)), "string")


# A bool is an int and a datetime is a date to Python: the narrower ones come first.
_HELD: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "long"),
    (float, "real"),
    (datetime, "datetime"),
    (date, "datetime"),
    (timedelta, "timespan"),
)
