"""A query in the SQL of another engine: passes over sqlglot's tree of its DuckDB SQL, each in a file of its own."""

from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp

from query.dialects.booleans import say_conditions
from query.dialects.check import check_said, check_text
from query.dialects.clock import write_clock
from query.dialects.constants import fold_constants
from query.dialects.engines import Engine
from query.dialects.filters import fold_filters, join_lists
from query.dialects.joins import say_joins
from query.dialects.json_lists import point_into_json, say_json_lists
from query.dialects.kusto import say_kusto
from query.dialects.literals import fill_parameters, fold_patterns
from query.dialects.lowering import lower
from query.dialects.names import Spelling, fold_case, mark_stored, spell_names
from query.dialects.nulls import type_nulls
from query.dialects.ordering import settle_groups, settle_order
from query.dialects.patterns import say_patterns
from query.dialects.printing import print_query
from query.dialects.ranked import say_ranked
from query.dialects.resolve import resolve
from query.dialects.source import Source, empty_database, read_source
from query.dialects.source_names import rename_sources
from query.dialects.target import Target
from query.dialects.unions import align_unions
from query.dialects.unnesting import say_unnests
from query.dialects.windows import group_windows


def translate(
    sql: str,
    engine: Engine,
    *,
    parameters: Mapping[str, object],
    title: str = "",
    now: datetime | None = None,
    table_prefix: str = "",
) -> str:
    """``sql``, DuckDB's, for ``engine``; a comment on top says how to use it and what is not proved.

    Args:
        parameters: values for the ``$name`` in ``sql``; they are written into the text.
        title: what the query answers.
        now: what now() means; None for the engine's own clock, in UTC.
        table_prefix: what goes before each of our tables' names, with its dots.

    Raises:
        QueryRefused, UnknownName, BadInput: it is no query over our tables, as `QueryEngine.run` says it.
        CannotSay: something in it has no exact form in that engine; with its place.
    """
    target = Target(engine, sql)
    with empty_database() as connection:
        source = read_source(connection, sql, parameters)
        tree = point_into_json(say_kusto(fill_parameters(source.tree, source.values)))
        tree = fold_patterns(connection, tree)
        spelling = fold_case(tree, source.columns)
        tree = _write_out(tree, now, target)
        tree = fold_constants(connection, tree)
    tree = _say(tree, target)
    text = print_query(_named(tree, source, spelling, target), target, table_prefix, title)
    check_text(text, target)
    return text


def _write_out(tree: exp.Query, now: datetime | None, target: Target) -> exp.Query:
    tree = write_clock(tree, now, target)
    tree = say_joins(align_unions(tree, target), target)
    return mark_stored(resolve(tree, target))


def _say(tree: exp.Query, target: Target) -> exp.Query:
    tree = settle_groups(tree)
    tree = say_json_lists(say_patterns(tree, target), target)
    tree = fold_filters(join_lists(group_windows(tree, target), target), target)
    tree = say_unnests(tree, target)
    tree = settle_order(tree, target)
    tree = type_nulls(lower(tree, target), target)
    tree = say_ranked(tree, target)
    tree = rename_sources(say_conditions(tree, target))
    check_said(tree, target)
    return tree


def _named(tree: exp.Query, source: Source, spelling: Spelling, target: Target) -> exp.Query:
    """``tree`` with names as they are spelled, those of the answer as DuckDB gives them."""
    tree = spell_names(tree, spelling)
    selects = tree.selects
    if len(selects) != len(source.columns):
        target.refuse(tree, "The query", "Its columns could not be worked out.")
    for item, name in zip(selects, source.columns, strict=True):
        if isinstance(item, exp.Alias) and item.alias.casefold() != name.casefold():
            item.set("alias", exp.to_identifier(name, quoted=True))
    return tree
