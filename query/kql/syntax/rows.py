"""Steps that choose, name, sort and count; the word of each was read."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import columns, operands, operators, options
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.unsupported import skip_brackets
from query.kql.tokens import TokenKind


def parse_where(cursor: Cursor, start: int) -> tree.Where:
    """``where condition``."""
    options.parse_options(cursor)
    condition = operators.parse_expression(cursor)
    return tree.Where(cursor.span_from(start), condition)


def parse_project(cursor: Cursor, start: int) -> tree.Project:
    """``project a, b = c``; with nothing behind it, no column is left."""
    items = () if _is_over(cursor) else columns.parse_columns(cursor)
    return tree.Project(cursor.span_from(start), items)


def parse_project_away(cursor: Cursor, start: int) -> tree.ProjectAway:
    """``project-away a, b*``."""
    found = _patterns(cursor)
    return tree.ProjectAway(cursor.span_from(start), found)


def parse_project_keep(cursor: Cursor, start: int) -> tree.ProjectAway:
    """``project-keep a, b*``."""
    found = _patterns(cursor)
    return tree.ProjectAway(cursor.span_from(start), found, is_kept=True)


def _patterns(cursor: Cursor) -> tuple[tree.Name | tree.Wildcard, ...]:
    found = [columns.parse_pattern(cursor, "a column")]
    while cursor.accept_mark(","):
        found.append(columns.parse_pattern(cursor, "a column"))
    return tuple(found)


def parse_project_rename(cursor: Cursor, start: int) -> tree.ProjectRename:
    """``project-rename new = old``."""
    items = columns.parse_columns(cursor)
    for item in items:
        if not (isinstance(item, tree.Named) and len(item.names) == 1):
            raise KqlProblem("project-rename takes new = old.", item.span)
    renamed = tuple(item for item in items if isinstance(item, tree.Named))
    return tree.ProjectRename(cursor.span_from(start), renamed)


def parse_project_reorder(cursor: Cursor, start: int) -> tree.ProjectReorder:
    """``project-reorder a, b* desc``."""
    found = [_reordered(cursor)]
    while cursor.accept_mark(","):
        found.append(_reordered(cursor))
    return tree.ProjectReorder(cursor.span_from(start), tuple(found))


def _reordered(cursor: Cursor) -> tree.ReorderedColumn:
    start = cursor.start
    pattern = columns.parse_pattern(cursor, "a column")
    order = ""
    if cursor.token.is_word("granny") and cursor.ahead().is_mark("-") and cursor.ahead(2).is_word("asc", "desc"):
        order = "".join(cursor.next().text for _ in range(3))
    elif word := cursor.accept_word("asc", "desc"):
        order = word.text
    return tree.ReorderedColumn(cursor.span_from(start), pattern, order)


def parse_extend(cursor: Cursor, start: int) -> tree.Extend:
    """``extend a = b``."""
    items = columns.parse_columns(cursor)
    return tree.Extend(cursor.span_from(start), items)


def parse_summarize(cursor: Cursor, start: int) -> tree.Summarize:
    """``summarize a = count() by b``."""
    found = options.parse_options(cursor)
    aggregates: tuple[tree.Expression, ...] = ()
    if not (cursor.token.is_word("by") or _is_over(cursor)):
        aggregates = columns.parse_columns(cursor)
    has_by = cursor.accept_word("by") is not None
    if not has_by and not aggregates:
        raise cursor.unexpected("an aggregate or 'by' is expected", "write summarize count() by Computer, or its like")
    keys = columns.parse_columns(cursor) if has_by else ()
    return tree.Summarize(cursor.span_from(start), aggregates, keys, has_by, options.as_options(found))


def parse_distinct(cursor: Cursor, start: int) -> tree.Distinct:
    """``distinct a, b`` or ``distinct *``."""
    options.parse_options(cursor)
    if star := cursor.accept_mark("*"):
        return tree.Distinct(cursor.span_from(start), (tree.Star(star.span),))
    items = columns.parse_columns(cursor)
    return tree.Distinct(cursor.span_from(start), items)


def parse_sort(cursor: Cursor, start: int) -> tree.Sort:
    """``sort by a asc, b``."""
    options.parse_options(cursor)
    cursor.expect_word("by", "before the columns to sort by")
    keys = columns.parse_sort_keys(cursor)
    return tree.Sort(cursor.span_from(start), keys)


def parse_top(cursor: Cursor, start: int) -> tree.Top:
    """``top 5 by a desc``."""
    options.parse_options(cursor)
    count = operators.parse_expression(cursor)
    cursor.expect_word("by", "after the number of rows")
    keys = columns.parse_sort_keys(cursor)
    return tree.Top(cursor.span_from(start), count, keys)


def parse_take(cursor: Cursor, start: int) -> tree.Take:
    """``take 5``."""
    count = operators.parse_expression(cursor)
    return tree.Take(cursor.span_from(start), count)


def parse_sample(cursor: Cursor, start: int) -> tree.Take:
    """``sample 5``."""
    count = operators.parse_expression(cursor)
    return tree.Take(cursor.span_from(start), count, is_sample=True)


def parse_count(cursor: Cursor, start: int) -> tree.Count:
    """``count``, or ``count as name``."""
    column = None
    if cursor.accept_word("as"):
        column = cursor.expect_name("the name of the column")
    return tree.Count(cursor.span_from(start), column)


def parse_serialize(cursor: Cursor, start: int) -> tree.Serialize:
    """``serialize``, or ``serialize a = row_number()``."""
    items = () if _is_over(cursor) else columns.parse_columns(cursor)
    return tree.Serialize(cursor.span_from(start), items)


def parse_as(cursor: Cursor, start: int) -> tree.As:
    """``as name``."""
    options.parse_options(cursor)
    name = cursor.expect_name("the name to give these rows")
    return tree.As(cursor.span_from(start), name)


def parse_getschema(cursor: Cursor, start: int) -> tree.GetSchema:
    """``getschema``."""
    options.parse_options(cursor, "kind")
    return tree.GetSchema(cursor.span_from(start))


def parse_invoke(cursor: Cursor, start: int) -> tree.Invoke:
    """``invoke function(…)``."""
    call = _call(cursor, "a call", "write invoke f()")
    return tree.Invoke(cursor.span_from(start), call)


def parse_evaluate(cursor: Cursor, start: int) -> tree.Evaluate:
    """``evaluate plugin(…)``; the columns that it is said to give are skipped."""
    options.parse_options(cursor)
    call = _call(cursor, "a plugin", "write evaluate bag_unpack(d), or its like")
    if cursor.accept_mark(":"):
        skip_brackets(cursor)
    return tree.Evaluate(cursor.span_from(start), call)


def _call(cursor: Cursor, what: str, advice: str) -> tree.Call:
    if not (cursor.token.is_name and cursor.ahead().is_mark("(")):
        raise cursor.unexpected(f"{what} is expected", advice)
    token = cursor.next()
    arguments = operands.parse_arguments(cursor, cursor.next())
    return tree.Call(cursor.span_from(token.span.start), tree.Name(token.span, token.text), arguments)


def _is_over(cursor: Cursor) -> bool:
    """Whether the step ends here."""
    return cursor.token.kind is TokenKind.END or cursor.token.is_mark("|", ";", ")", "}")
