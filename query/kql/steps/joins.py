"""``join`` of every kind, and ``lookup``."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem, unknown
from query.kql.names import ColumnNames, SqlNames, item, quoted
from query.kql.program import select, spare_of
from query.kql.rows import Rows
from query.kql.types import KqlType

_ALIASES = {
    "": "innerunique",
    "anti": "leftanti",
    "leftantisemi": "leftanti",
    "rightantisemi": "rightanti",
    "semi": "leftsemi",
    "leftouter": "leftouter",
}
_OUTER = {"innerunique": "JOIN", "inner": "JOIN", "leftouter": "LEFT JOIN", "rightouter": "RIGHT JOIN"}
_OUTER["fullouter"] = "FULL JOIN"
_ONE_SIDED = {"leftanti": "ANTI JOIN", "leftsemi": "SEMI JOIN", "rightanti": "ANTI JOIN", "rightsemi": "SEMI JOIN"}

Pair = tuple[BoundColumn, BoundColumn]


def bind_join(context: Context, rows: Rows, step: tree.Join) -> Rows:
    """``join`` and ``lookup``.

    Raises:
        KqlProblem: a kind or a condition that KQL does not know.
    """
    if rows.group:
        raise KqlProblem("join is not translated inside of mv-apply or partition: join before or after it.", step.span)
    kind = _kind(step)
    left = context.program.written(rows, step.span)
    right = context.program.written(context.pipe(context.apart(), step.right), step.right.span)
    pairs = [_pair(condition, left, right) for part in step.conditions for condition in _parts(part)]
    if not pairs:
        raise KqlProblem("A join needs a column that both sides have: on Computer.", step.span)
    if kind in _ONE_SIDED:
        return _one_sided(context, kind, left, right, pairs, step.span)
    if kind == "innerunique":
        left = _unique(context, left, pairs, step.span)
    return _both_sides(context, kind, left, right, pairs, step)


def _kind(step: tree.Join) -> str:
    word = step.kind.lower()
    kind = _ALIASES.get(word, word)
    if step.is_lookup:
        kind = word or "leftouter"
        if kind not in ("leftouter", "inner"):
            raise KqlProblem(f"lookup is leftouter or inner, not {word!r}.", step.span)
    elif kind not in _OUTER and kind not in _ONE_SIDED:
        raise unknown("kind of join", word, (*_OUTER, *_ONE_SIDED, *filter(None, _ALIASES)), step.span)
    return kind


def _parts(condition: tree.Expression) -> list[tree.Expression]:
    if isinstance(condition, tree.Binary) and condition.operator == "and":
        return [*_parts(condition.left), *_parts(condition.right)]
    return [condition]


def _pair(condition: tree.Expression, left: Rows, right: Rows) -> Pair:
    """The two columns that must be equal."""
    if isinstance(condition, tree.Name):
        return _comparable(left.column(condition), right.column(condition), condition)
    if isinstance(condition, tree.Binary) and condition.operator == "==":
        sides = {_side(one): one for one in (condition.left, condition.right)}
        if set(sides) == {"$left", "$right"}:
            one, other = sides["$left"], sides["$right"]
            assert isinstance(one, tree.Path)
            assert isinstance(other, tree.Path)
            return _comparable(left.column(one.name), right.column(other.name), condition)
    raise KqlProblem(
        "A join compares columns: on a name, or on $left.a == $right.b; compute others by extend before it.",
        condition.span,
    )


def _side(expression: tree.Expression) -> str:
    if isinstance(expression, tree.Path) and isinstance(expression.base, tree.Name):
        return expression.base.text
    return ""


def _comparable(left: BoundColumn, right: BoundColumn, condition: tree.Expression) -> Pair:
    one, other = left.type, right.type
    if one is not other and not (one.is_number and other.is_number):
        message = (
            f"{left.name!r} is {one.value} and {right.name!r} is {other.value}: make one of them the other's type."
        )
        raise KqlProblem(message, condition.span)
    if KqlType.DYNAMIC in (one, other):
        raise KqlProblem(
            "A join cannot compare dynamic values: extend a column with tostring(…) before it.", condition.span
        )
    return left, right


def _unique(context: Context, left: Rows, pairs: list[Pair], span: tree.Span) -> Rows:
    """One row of the left for each key, as innerunique takes; any is right, this is the first."""
    keys = ", ".join(dict.fromkeys(column.value.sql for column, _ in pairs))
    source = context.program.add("unique_rows", select([f"DISTINCT ON ({keys}) *"], left.source), span)
    return replace(left, source=source, order=())


def _on(pairs: list[Pair], left: str, right: str) -> str:
    conditions = (f"{_sided(one, left)} = {_sided(other, right)}" for one, other in pairs)
    return "ON " + " AND ".join(conditions)


def _sided(column: BoundColumn, side: str) -> str:
    """The column of one side, as a value."""
    name = quoted(column.sql_name)
    return column.value.sql.replace(name, f"{side}.{name}")


def _one_sided(context: Context, kind: str, left: Rows, right: Rows, pairs: list[Pair], span: tree.Span) -> Rows:
    kept, other = (right, left) if kind.startswith("right") else (left, right)
    turned = [pair[::-1] for pair in pairs] if kept is right else pairs
    body = select(
        ["kept.*"],
        f"{kept.source} AS kept",
        f"{_ONE_SIDED[kind]} {other.source} AS other",
        _on([(one, two) for one, two in turned], "kept", "other"),
    )
    source = context.program.add("joined", body, span)
    return Rows(source, kept.columns, unseen=kept.unseen)


def _both_sides(context: Context, kind: str, left: Rows, right: Rows, pairs: list[Pair], step: tree.Join) -> Rows:
    keys = {other.sql_name for _, other in pairs} if step.is_lookup else set()
    names = ColumnNames(avoided=(column.name for rows in (left, right) for column in rows.columns))
    sql_names = SqlNames()
    columns, listed = [], []
    for side, rows in (("l", left), ("r", right)):
        may_be_missing = kind == "fullouter" or kind == ("rightouter" if side == "l" else "leftouter")
        for column in rows.columns:
            if side == "r" and column.sql_name in keys:
                continue
            name = names.derived(column.name)
            joined = BoundColumn(name, sql_names.fresh(name), column.type)
            value = _sided(column, side)
            if may_be_missing and column.type is KqlType.STRING and not value.startswith("coalesce("):
                value = f"coalesce({value}, '')"
            listed.append(value if value == f"{side}.{quoted(joined.sql_name)}" else item(value, joined.sql_name))
            columns.append(joined)
    label = "looked_up" if step.is_lookup else "joined"
    body = select(listed, f"{left.source} AS l", f"{_OUTER[kind]} {right.source} AS r", _on(pairs, "l", "r"))
    return Rows(context.program.add(label, body, step.span, spare_of(listed, columns)), tuple(columns))
