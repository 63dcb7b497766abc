"""``mv-apply``: steps over the elements of each row by itself."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import BoundTable, Context
from query.kql.errors import KqlProblem
from query.kql.names import SqlNames, item, quoted
from query.kql.program import select
from query.kql.rows import OrderKey, Rows
from query.kql.steps.expansion import expanded
from query.kql.types import KqlType

# A name that no query writes by chance, for what the steps begin with.
_ELEMENTS = "elements of mv-apply"


def bind_mv_apply(context: Context, rows: Rows, step: tree.MvApply) -> Rows:
    """``mv-apply columns on (steps)``.

    The rows get numbers; the steps run over all elements at once, and keep those of one number apart. What they give
    is put beside the columns of the row that were not expanded.
    """
    if rows.group:
        raise KqlProblem("mv-apply is not translated inside of another, or of partition.", step.span)
    numbered = _numbered(context, context.program.written(rows, step.span), step.span)
    inner = replace(expanded(context, numbered, step), order=(), label="")
    assert numbered.group is not None
    elements = tree.Name(step.span, _ELEMENTS)
    applied = context.pipe(
        context.apart().defined(_ELEMENTS, BoundTable(inner)), tree.Query(step.span, elements, step.operators)
    )
    applied = context.program.written(applied, step.span)
    if applied.group is None:
        raise KqlProblem("A step inside of mv-apply is not translated there: put it before or after.", step.span)
    replaced = {old.name for old in numbered.columns if all(old.sql_name != new.sql_name for new in inner.columns)}
    own = [column for column in numbered.columns if column.name not in replaced]
    return _beside(context, numbered, own, applied, step.span)


def _numbered(context: Context, rows: Rows, span: tree.Span) -> Rows:
    number = BoundColumn("", rows.sql_names.fresh("row_id"), KqlType.LONG)
    over = f"OVER ({rows.order_by})"
    source = context.program.add(
        "numbered", select(["*", item(f"row_number() {over}", number.sql_name)], rows.source), span
    )
    return replace(rows, source=source, group=number, unseen=rows.unseen | {number.sql_name.casefold()})


def _beside(context: Context, numbered: Rows, own: list[BoundColumn], applied: Rows, span: tree.Span) -> Rows:
    """The columns of each row, and those that the steps gave for it; these win where both have a name."""
    assert numbered.group is not None
    assert applied.group is not None
    given = {column.name: column for column in applied.columns}
    names, columns, listed = SqlNames(), [], []
    sided = [("r", given.pop(one.name)) if one.name in given else ("l", one) for one in own]
    rest = [("r", column) for column in given.values()]
    for side, column in (*sided, *rest):
        shown = BoundColumn(column.name, names.fresh(column.name), column.type)
        name = quoted(column.sql_name)
        value = column.value.sql.replace(name, f"{side}.{name}")
        listed.append(value if value == f"{side}.{quoted(shown.sql_name)}" else item(value, shown.sql_name))
        columns.append(shown)
    number = BoundColumn("", names.fresh("row_id"), KqlType.LONG)
    listed.append(item(f"l.{numbered.group.value.sql}", number.sql_name))
    carried = [OrderKey(number, is_ascending=True, nulls_first=False)]
    for key in applied.order:
        column = BoundColumn("", names.fresh("item_order"), key.column.type)
        name = quoted(key.column.sql_name)
        listed.append(item(key.column.value.sql.replace(name, f"r.{name}"), column.sql_name))
        carried.append(replace(key, column=column))
    body = select(
        listed,
        f"{numbered.source} AS l",
        f"JOIN {applied.source} AS r",
        f"ON l.{numbered.group.value.sql} = r.{applied.group.value.sql}",
    )
    unseen = frozenset(key.column.sql_name.casefold() for key in carried)
    source = context.program.add("applied", body, span)
    return Rows(source, tuple(columns), order=tuple(carried), unseen=unseen)
