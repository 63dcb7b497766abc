"""Steps that choose, name and compute columns: project and its kin, extend, print."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.items import Item, bind_items
from query.kql.names import ColumnNames, SqlNames, item, matches, quoted
from query.kql.program import select
from query.kql.rows import Rows, renamed
from query.kql.scope import RowScope
from query.kql.steps.windows import with_windows, without_values


def bind_project(context: Context, rows: Rows, step: tree.Project) -> Rows:
    """``project``."""
    rows = context.program.written(rows, step.span)
    rows, listed = with_windows(context, rows, step.columns, step.span)
    items = bind_items(listed, RowScope(context, rows), ColumnNames())
    return projected(context, rows, items, step.span)


def projected(context: Context, rows: Rows, items: list[Item], span: tree.Span, label: str = "projected") -> Rows:
    """The columns ``items`` of ``rows``, whose order and group go on."""
    names = SqlNames()
    columns = tuple(BoundColumn(one.name, names.fresh(one.name), one.value.type) for one in items)
    listed = [item(one.sql, column.sql_name) for one, column in zip(items, columns, strict=True)]
    carried: dict[str, BoundColumn] = {}
    for old in rows.carried:
        same = next((new for one, new in zip(items, columns, strict=True) if one.value.sql == old.value.sql), None)
        if same is None:
            same = BoundColumn(old.name, names.fresh(old.sql_name), old.type)
            listed.append(item(old.value.sql, same.sql_name))
        carried[old.sql_name] = same
    source = context.program.add(label, select(listed, rows.source), span)
    unseen = {column.sql_name for column in carried.values()} - {column.sql_name for column in columns}
    return replace(
        rows,
        source=source,
        columns=columns,
        order=tuple(replace(key, column=carried[key.column.sql_name]) for key in rows.order),
        group=carried[rows.group.sql_name] if rows.group else None,
        unseen=frozenset(name.casefold() for name in unseen),
        label="",
    )


def bind_extend(context: Context, rows: Rows, step: tree.Extend) -> Rows:
    """``extend``: a column that is there already keeps its place."""
    return extended(context, rows, step.columns, step.span)


def extended(
    context: Context, rows: Rows, expressions: tuple[tree.Expression, ...], span: tree.Span, label: str = "extended"
) -> Rows:
    """``rows`` with the columns that ``expressions`` give."""
    rows = context.program.written(rows, span)
    rows, listed = with_windows(context, rows, expressions, span)
    items = bind_items(listed, RowScope(context, rows), ColumnNames())
    return without_values(with_items(context, rows, items, span, label))


def with_items(context: Context, rows: Rows, items: list[Item], span: tree.Span, label: str = "extended") -> Rows:
    """``rows`` with ``items``, each in the place of the column of its name, or at the end."""
    names = rows.sql_names
    columns, unseen = list(rows.columns), set(rows.unseen)
    replaced, added = [], []
    carried = {column.sql_name for column in rows.carried}
    for one in items:
        place = next((index for index, column in enumerate(columns) if column.name == one.name), None)
        old = columns[place] if place is not None else None
        if old is not None and old.value.sql == one.value.sql:
            continue
        if old is not None and old.sql_name not in carried:
            replaced.append(item(one.sql, old.sql_name) + _always_named(one, old))
            columns[place or 0] = BoundColumn(one.name, old.sql_name, one.value.type)
            continue
        column = BoundColumn(one.name, names.fresh(one.name), one.value.type)
        added.append(item(one.sql, column.sql_name))
        if old is None:
            columns.append(column)
        else:
            columns[place or 0] = column
            unseen.add(old.sql_name.casefold())
    if not replaced and not added:
        return rows
    star = f"* REPLACE ({', '.join(replaced)})" if replaced else "*"
    source = context.program.add(label, select([star, *added], rows.source), span)
    return replace(rows, source=source, columns=tuple(columns), unseen=frozenset(unseen), label="")


def _always_named(one: Item, column: BoundColumn) -> str:
    """REPLACE wants the name even where the value is a column of that name."""
    return f" AS {quoted(column.sql_name)}" if one.value.sql == quoted(column.sql_name) else ""


def bind_print(context: Context, source: tree.Print) -> Rows:
    """``print``: one row."""
    items = bind_items(source.columns, RowScope(context), ColumnNames(), lambda index, _: f"print_{index}")
    names = SqlNames()
    columns = tuple(BoundColumn(one.name, names.fresh(one.name), one.value.type) for one in items)
    listed = [item(one.sql, column.sql_name) for one, column in zip(items, columns, strict=True)]
    return Rows(context.program.add("printed", select(listed, ""), source.span), columns, label="print")


def bind_project_away(context: Context, rows: Rows, step: tree.ProjectAway) -> Rows:
    """``project-away`` and ``project-keep``: the columns that stay keep their order."""
    rows = context.program.written(rows, step.span)
    meant = {column.sql_name for one in step.columns for column in _meant(rows, one)}
    kept = [column for column in rows.columns if (column.sql_name in meant) is step.is_kept]
    if not kept:
        raise KqlProblem("No column stays.", step.span)
    if len(kept) == len(rows.columns):
        return rows
    items = [Item(column.name, column.value) for column in kept]
    return projected(context, rows, items, step.span, "kept")


def _meant(rows: Rows, one: tree.Name | tree.Wildcard) -> list[BoundColumn]:
    if isinstance(one, tree.Name):
        return [rows.column(one)]
    return [column for column in rows.columns if matches(one, column.name)]


def bind_project_rename(_context: Context, rows: Rows, step: tree.ProjectRename) -> Rows:
    """``project-rename new = old``: only the name that KQL knows changes; SQL keeps its own until the end."""
    columns = list(rows.columns)
    for named in step.columns:
        new, old = named.names[0], named.value
        if not isinstance(old, tree.Name):
            raise KqlProblem("project-rename takes names: new = old.", named.span)
        place = columns.index(rows.column(old))
        columns[place] = renamed(columns[place], new.text)
    taken: set[str] = set()
    for column in columns:
        if column.name in taken:
            raise KqlProblem(f"Two columns would be called {column.name!r}.", step.span)
        taken.add(column.name)
    return replace(rows, columns=tuple(columns))


def bind_project_reorder(_context: Context, rows: Rows, step: tree.ProjectReorder) -> Rows:
    """``project-reorder``: what it names comes first; a pattern gives its columns as they stand, or sorted."""
    first: list[BoundColumn] = []
    for one in step.columns:
        found = [column for column in _meant(rows, one.column) if column not in first]
        if one.order:
            found.sort(key=lambda column: _sort_key(column.name, one.order), reverse=one.order.endswith("desc"))
        first += found
    rest = [column for column in rows.columns if column not in first]
    return replace(rows, columns=(*first, *rest))


def _sort_key(name: str, order: str) -> tuple[tuple[int, int | str], ...]:
    """By text; ``granny`` reads numbers in names as numbers."""
    if not order.startswith("granny"):
        return ((1, name),)
    parts: list[tuple[int, int | str]] = []
    text = ""
    for character in (*name, ""):
        if text and (not character or character.isdecimal() != text[-1].isdecimal()):
            parts.append((0, int(text)) if text.isdecimal() else (1, text))
            text = ""
        text += character
    return tuple(parts)
