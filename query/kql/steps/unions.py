"""``union``: rows of several tables, their columns matched by name and type."""

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import text_literal
from query.kql.names import SqlNames, item, matches
from query.kql.program import select
from query.kql.rows import Rows, StoredColumn
from query.kql.sources import table_rows
from query.kql.types import KqlType
from query.kql.written_step import Lines

Key = tuple[str, KqlType]

# What a search calls rows that are in no table, and a union numbers.
_NAMELESS = ("datatable", "print", "range")


def bind_union(context: Context, rows: Rows, step: tree.Union) -> Rows:
    """``| union tables``: the rows at hand come first."""
    if rows.group:
        raise KqlProblem("union is not translated inside of mv-apply or partition.", step.span)
    return _unite(context, [rows], step)


def unite_source(context: Context, source: tree.Union) -> Rows:
    """``union tables`` at the beginning of a query."""
    return _unite(context, [], source)


def _unite(context: Context, parts: list[Rows], step: tree.Union) -> Rows:
    for one in step.tables:
        parts += _tables(context, one, step)
        context.program.check_count(len(parts), step.span)
    if not parts:
        raise KqlProblem("None of the tables exists.", step.span)
    return united(context, parts, step.span, step.source_column, is_inner=step.kind == "inner")


def _tables(context: Context, one: tree.Query | tree.Wildcard, step: tree.Union) -> list[Rows]:
    if isinstance(one, tree.Wildcard):
        found = [name for name in context.schema.tables if matches(one, name)]
        if not found and not _is_fuzzy(step):
            raise KqlProblem(f"No table is called like {one.pattern!r}.", one.span)
        return [table_rows(context, name) for name in found]
    source = one.source
    is_name = isinstance(source, tree.Name) and context.find(source.text) is None
    if _is_fuzzy(step) and is_name and isinstance(source, tree.Name) and source.text not in context.schema.tables:
        return []
    return [context.pipe(context.apart(), one)]


def _is_fuzzy(step: tree.Union) -> bool:
    return dict(step.options).get("isfuzzy", "").lower() == "true"


def united(
    context: Context, parts: list[Rows], span: tree.Span, source_column: str = "", *, is_inner: bool = False
) -> Rows:
    """The rows of ``parts``; what one of them lacks is null there, or the empty text."""
    parts = [context.program.written(part, span) for part in parts]
    keys = _keys(parts, is_inner=is_inner)
    if not keys and not source_column:
        raise KqlProblem("The tables of this union have no column in common.", span)
    names = SqlNames()
    named = _named(keys)
    sources = [BoundColumn(source_column, names.fresh(source_column), KqlType.STRING)] if source_column else []
    shared = _shared(parts)
    columns = [_column(key, named[key], names.fresh(named[key]), is_everywhere=key in shared) for key in keys]
    body: Lines = []
    for index, part in enumerate(parts):
        has_name = bool(part.label) and part.label not in _NAMELESS
        label = text_literal(part.label if has_name else f"union_arg{index}", span).sql
        listed = [item(label, column.sql_name) for column in sources]
        own = {(column.name, column.type): column for column in part.columns}
        found = [(own[key], column) for key, column in zip(keys, columns, strict=True) if key in own]
        listed += [item(old.value.sql, column.sql_name) for old, column in found]
        body += (["UNION ALL BY NAME"] if index else []) + select(listed or ["NULL AS nothing"], part.source)
    return Rows(context.program.add("united", body, span), (*sources, *columns), unseen=frozenset(("nothing",)))


def _column(key: Key, name: str, sql_name: str, *, is_everywhere: bool) -> BoundColumn:
    """A column of the union; a text that a table lacks is null in SQL."""
    if key[1] is KqlType.STRING and not is_everywhere:
        return StoredColumn(name, sql_name, key[1])
    return BoundColumn(name, sql_name, key[1])


def _keys(parts: list[Rows], *, is_inner: bool) -> list[Key]:
    """Each name with each type that it has: names in the order in which they come, the types of one side by side."""
    types: dict[str, dict[KqlType, None]] = {}
    for part in parts:
        for column in part.columns:
            types.setdefault(column.name, {})[column.type] = None
    found = [(name, type_) for name, each in types.items() for type_ in each]
    if not is_inner:
        return found
    shared = _shared(parts)
    return [key for key in found if key in shared]


def _shared(parts: list[Rows]) -> set[Key]:
    """The columns that all of ``parts`` have."""
    return set.intersection(*({(one.name, one.type) for one in part.columns} for part in parts))


def _named(keys: list[Key]) -> dict[Key, str]:
    """A name that has several types is told apart by them: x_long, x_string."""
    names = [name for name, _ in keys]
    return {(name, type_): f"{name}_{type_.value}" if names.count(name) > 1 else name for name, type_ in keys}
