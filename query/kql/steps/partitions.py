"""``partition``: steps over the rows of each value of a column by themselves."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import BoundTable, Context
from query.kql.errors import KqlProblem
from query.kql.names import item
from query.kql.program import select
from query.kql.rows import Rows

# A name that no query writes by chance, for what the steps begin with.
_ROWS = "rows of partition"


def bind_partition(context: Context, rows: Rows, step: tree.Partition) -> Rows:
    """``partition by key (steps)``: the steps run over all rows at once, and keep those of one value apart.

    The parts come one after the other, each in its own order, if it has one.
    """
    if rows.group:
        raise KqlProblem("partition is not translated inside of another, or of mv-apply.", step.span)
    _check_summaries(step)
    rows = context.program.written(rows, step.span)
    key = rows.column(step.key)
    group = BoundColumn("", rows.sql_names.fresh("partition_key"), key.type)
    source = context.program.add("parted", select(["*", item(key.value.sql, group.sql_name)], rows.source), step.span)
    unseen = rows.unseen | {group.sql_name.casefold()}
    parted = replace(rows, source=source, group=group, unseen=unseen, label="")
    inner = context.apart().defined(_ROWS, BoundTable(parted))
    found = context.pipe(inner, tree.Query(step.span, tree.Name(step.span, _ROWS), step.operators))
    if found.group is None:
        raise KqlProblem("A step inside of partition is not translated there: put it before or after.", step.span)
    return replace(found, group=None, unseen=found.unseen | {found.group.sql_name.casefold()})


def _check_summaries(step: tree.Partition) -> None:
    """Refuse a summary without keys of rows that were filtered: it has a row for a value that none is left of."""
    is_filtered = False
    for operator in step.operators:
        is_filtered = is_filtered or isinstance(operator, tree.Where | tree.Search | tree.Join | tree.MvExpand)
        is_whole = isinstance(operator, tree.Count) or (isinstance(operator, tree.Summarize) and not operator.keys)
        if is_filtered and is_whole:
            raise KqlProblem("Filter before partition: a summary of no rows would be left out.", operator.span)
