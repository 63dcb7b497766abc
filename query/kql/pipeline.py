"""A query as rows: its source, and each step after it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from query.kql import tree
from query.kql.definitions import BoundTable, Context
from query.kql.errors import KqlProblem
from query.kql.rows import Rows
from query.kql.sources import bind_datatable, bind_named_rows, bind_range
from query.kql.steps.conditions import bind_where
from query.kql.steps.expansion import bind_mv_expand
from query.kql.steps.joins import bind_join
from query.kql.steps.mv_apply import bind_mv_apply
from query.kql.steps.orders import bind_serialize, bind_sort, bind_take, bind_top
from query.kql.steps.parsing import bind_parse
from query.kql.steps.partitions import bind_partition
from query.kql.steps.projections import (
    bind_extend,
    bind_print,
    bind_project,
    bind_project_away,
    bind_project_rename,
    bind_project_reorder,
)
from query.kql.steps.refused import bind_evaluate, bind_invoke, bind_unsupported, refuse_source
from query.kql.steps.schema_table import bind_getschema
from query.kql.steps.searches import bind_search, search_tables
from query.kql.steps.series import bind_make_series
from query.kql.steps.summaries import bind_count, bind_distinct, bind_summarize
from query.kql.steps.top_nested import bind_top_nested
from query.kql.steps.unions import bind_union, unite_source

# Any: each step takes its own kind of node, and the mapping pairs them.
Step = Callable[[Context, Rows, Any], Rows]


def bind_query(context: Context, query: tree.Query) -> Rows:
    """The rows of ``query``.

    Raises:
        KqlProblem: KQL does not allow it, or it is not translated; a name in it is unknown.
    """
    rows = bind_source(context, query.source)
    return bind_operators(context, rows, query.operators)


def bind_operators(context: Context, rows: Rows, operators: tuple[tree.Operator, ...]) -> Rows:
    """``rows`` through ``operators``; what ``as`` names, later ones may use."""
    for operator in operators:
        if isinstance(operator, tree.As):
            if rows.group:
                raise KqlProblem("as is not translated inside of mv-apply or partition.", operator.span)
            rows = replace(context.program.written(rows, operator.span), label=operator.name.text)
            context = context.defined(operator.name.text, BoundTable(rows))
        elif isinstance(operator, tree.Composite):
            rows = bind_operators(context, rows, operator.operators)
        elif isinstance(operator, tree.Render):
            context.program.chart, context.program.chart_options = operator.chart, operator.properties
        else:
            rows = _STEPS[type(operator)](context, rows, operator)
    return rows


def bind_source(context: Context, source: tree.Source) -> Rows:
    """The rows that a query begins with."""
    match source:
        case tree.Name() | tree.Call() | tree.Query():
            return bind_named_rows(context, source)
        case tree.Wildcard():
            raise KqlProblem("Several tables are read by union: write 'union' before the pattern.", source.span)
        case _:
            return _SOURCES[type(source)](context, source)


_SOURCES: Mapping[type, Callable[[Context, Any], Rows]] = {
    tree.DataTable: bind_datatable,
    tree.RangeSource: bind_range,
    tree.Print: bind_print,
    tree.Union: unite_source,
    tree.Search: search_tables,
    tree.Unsupported: refuse_source,
}

_STEPS: Mapping[type, Step] = {
    tree.Where: bind_where,
    tree.Project: bind_project,
    tree.ProjectAway: bind_project_away,
    tree.ProjectRename: bind_project_rename,
    tree.ProjectReorder: bind_project_reorder,
    tree.Extend: bind_extend,
    tree.Summarize: bind_summarize,
    tree.Distinct: bind_distinct,
    tree.Count: bind_count,
    tree.Sort: bind_sort,
    tree.Top: bind_top,
    tree.Take: bind_take,
    tree.Serialize: bind_serialize,
    tree.Join: bind_join,
    tree.Union: bind_union,
    tree.MvExpand: bind_mv_expand,
    tree.MvApply: bind_mv_apply,
    tree.Parse: bind_parse,
    tree.MakeSeries: bind_make_series,
    tree.Search: bind_search,
    tree.GetSchema: bind_getschema,
    tree.Invoke: bind_invoke,
    tree.Evaluate: bind_evaluate,
    tree.Partition: bind_partition,
    tree.TopNested: bind_top_nested,
    tree.Unsupported: bind_unsupported,
}
