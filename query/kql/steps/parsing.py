"""``parse`` and ``parse-where``: texts taken apart by a pattern."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import Bound, BoundColumn
from query.kql.coercion import convert
from query.kql.definitions import Context
from query.kql.items import Item
from query.kql.literals_in_sql import null_of, text_literal
from query.kql.names import item
from query.kql.parse_pattern import ParsedColumn, ParsePattern, read_pattern
from query.kql.program import select
from query.kql.rows import Rows
from query.kql.scope import RowScope
from query.kql.steps.projections import with_items
from query.kql.text_forms import text_of
from query.kql.types import KqlType
from query.kql.values import bind


def bind_parse(context: Context, rows: Rows, step: tree.Parse) -> Rows:
    """``parse``: a text that does not fit gives nulls and empty texts; ``parse-where`` drops its row.

    Unless kind is relaxed, a text fits only if what it gives for each column is of the column's type.
    """
    rows = context.program.written(rows, step.span)
    pattern = read_pattern(step)
    value = text_of(bind(step.value, RowScope(context, rows)))
    regex = text_literal(pattern.regex, step.span).sql
    match = BoundColumn("", rows.sql_names.fresh("match"), KqlType.STRING)
    taken = f"regexp_extract({value.sql}, {regex}, [{', '.join(map(_group, range(1, pattern.groups + 1)))}])"
    fits = f"WHERE regexp_matches({value.sql}, {regex})" if step.drops_others else ""
    body = select(["*", item(taken, match.sql_name)], rows.source, fits)
    unseen = rows.unseen | {match.sql_name.casefold()}
    rows = replace(rows, source=context.program.add("matched", body, step.span), unseen=unseen)
    return _filled(context, rows, pattern, match, step)


def _filled(context: Context, rows: Rows, pattern: ParsePattern, match: BoundColumn, step: tree.Parse) -> Rows:
    values = [(column, _value(column, match)) for column in pattern.columns]
    checks = [f"{value.sql} IS NOT NULL" for column, value in values if column.type is not KqlType.STRING]
    if checks and step.kind.lower() != "relaxed":
        condition = " AND ".join(checks)
        if step.drops_others:
            rows = replace(rows, conditions=tuple(checks))
            rows = context.program.written(rows, step.span)
        else:
            values = [(column, _if(condition, value)) for column, value in values]
    items = [Item(column.name.text, value) for column, value in values]
    return with_items(context, rows, items, step.span, "parsed")


def _value(column: ParsedColumn, match: BoundColumn) -> Bound:
    text = Bound(f"struct_extract({match.value.sql}, {_group(column.group)})", KqlType.STRING)
    return convert(text, column.type)


def _if(condition: str, value: Bound) -> Bound:
    return Bound(f"CASE WHEN {condition} THEN {value.sql} ELSE {null_of(value.type).sql} END", value.type)


def _group(number: int) -> str:
    return f"'group_{number}'"
