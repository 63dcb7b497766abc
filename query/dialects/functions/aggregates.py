"""Aggregates: where DuckDB skips nulls every engine does; arg_max skips rows whose value is null too."""

from sqlglot import exp

from query.dialects.filters import JOINED
from query.dialects.functions.casts import type_named
from query.dialects.functions.handler import Handler, kept, spelled
from query.dialects.functions.quantiles import QUANTILE, say_quantile
from query.dialects.functions.spans import elapsed
from query.dialects.functions.times import as_time
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

# Ranked aggregates of T-SQL are made of windows: query.dialects.ranked.
RANKED = (*(f"patchdeck_arg_{which}{null}" for which in ("max", "min") for null in ("", "_null")), JOINED, QUANTILE)

_BY: dict[str, Forms] = {
    "max": {
        "spark": "MAX_BY({0}, {1})",
        "trino": "MAX_BY({0}, {1})",
        "snowflake": "MAX_BY({0}, {1})",
        "bigquery": "MAX_BY({0}, {1})",
        "postgres": "(ARRAY_AGG({0} ORDER BY {1} DESC NULLS LAST))[1]",
    },
    "min": {
        "spark": "MIN_BY({0}, {1})",
        "trino": "MIN_BY({0}, {1})",
        "snowflake": "MIN_BY({0}, {1})",
        "bigquery": "MIN_BY({0}, {1})",
        "postgres": "(ARRAY_AGG({0} ORDER BY {1} ASC NULLS LAST))[1]",
    },
}
_UNORDERED = (Kind.UNKNOWN, Kind.LIST, Kind.STRUCT, Kind.JSON, Kind.SPAN)
_JOINED_ALL: Forms = {
    "spark": "ARRAY_JOIN(SORT_ARRAY(COLLECT_LIST({0})), {1})",
    "trino": "ARRAY_JOIN(ARRAY_SORT(ARRAY_AGG({0}) FILTER(WHERE {0} IS NOT NULL)), {1})",
    "snowflake": "ARRAY_TO_STRING(ARRAY_SORT(ARRAY_AGG({0})), {1})",
    "bigquery": "ARRAY_TO_STRING(ARRAY_AGG({0} IGNORE NULLS ORDER BY {0}), {1})",
    "postgres": "ARRAY_TO_STRING(ARRAY_AGG({0} ORDER BY {0}), {1})",
}
_JOINED_DISTINCT: Forms = {
    "spark": "ARRAY_JOIN(SORT_ARRAY(COLLECT_SET({0})), {1})",
    "trino": "ARRAY_JOIN(ARRAY_SORT(ARRAY_AGG(DISTINCT {0}) FILTER(WHERE {0} IS NOT NULL)), {1})",
    "snowflake": "ARRAY_TO_STRING(ARRAY_SORT(ARRAY_AGG(DISTINCT {0})), {1})",
    "bigquery": "ARRAY_TO_STRING(ARRAY_AGG(DISTINCT {0} IGNORE NULLS ORDER BY {0}), {1})",
    "postgres": "ARRAY_TO_STRING(ARRAY_AGG(DISTINCT {0} ORDER BY {0}), {1})",
}
_JOINED_FIRST: Forms = {
    "spark": "ARRAY_JOIN(SLICE(SORT_ARRAY(COLLECT_LIST({0})), 1, {2}), {1})",
    "trino": "ARRAY_JOIN(SLICE(ARRAY_SORT(ARRAY_AGG({0}) FILTER(WHERE {0} IS NOT NULL)), 1, {2}), {1})",
    "snowflake": "ARRAY_TO_STRING(ARRAY_SLICE(ARRAY_SORT(ARRAY_AGG({0})), 0, {2}), {1})",
    "bigquery": "ARRAY_TO_STRING(ARRAY_AGG({0} IGNORE NULLS ORDER BY {0} LIMIT {2}), {1})",
    "postgres": "ARRAY_TO_STRING((ARRAY_AGG({0} ORDER BY {0}))[1:{2}], {1})",
}
_JOINED_FIRST_DISTINCT: Forms = {
    "spark": "ARRAY_JOIN(SLICE(SORT_ARRAY(COLLECT_SET({0})), 1, {2}), {1})",
    "trino": "ARRAY_JOIN(SLICE(ARRAY_SORT(ARRAY_AGG(DISTINCT {0}) FILTER(WHERE {0} IS NOT NULL)), 1, {2}), {1})",
    "snowflake": "ARRAY_TO_STRING(ARRAY_SLICE(ARRAY_SORT(ARRAY_AGG(DISTINCT {0})), 0, {2}), {1})",
    "bigquery": "ARRAY_TO_STRING(ARRAY_AGG(DISTINCT {0} IGNORE NULLS ORDER BY {0} LIMIT {2}), {1})",
    "postgres": "ARRAY_TO_STRING((ARRAY_AGG(DISTINCT {0} ORDER BY {0}))[1:{2}], {1})",
}
_ROW: Forms = {
    "spark": "NAMED_STRUCT({named})",
    "trino": "ROW({all})",
    "snowflake": "TO_JSON(ARRAY_CONSTRUCT({all}))",
    "bigquery": "TO_JSON_STRING([{all}])",
    "tsql": "CONCAT({all})",
    "postgres": "ROW({all})",
}
_TSQL_PART: Forms = {"*": "COALESCE(CAST(DATALENGTH({0}) AS VARCHAR(20)) + ':' + {0}, 'null')"}


def _joined(node: exp.Expr, target: Target) -> exp.Expr:
    value, limit, separator, is_distinct, row = node.expressions
    if kind(value) is not Kind.TEXT:
        target.refuse(node, "A joined list of what is no text", "Cast it to VARCHAR.")
    if target.engine.value == "tsql":
        return kept(node)
    is_whole = isinstance(limit, exp.Null)
    forms = {
        (True, True): _JOINED_DISTINCT,
        (True, False): _JOINED_FIRST_DISTINCT,
        (False, True): _JOINED_ALL,
        (False, False): _JOINED_FIRST,
    }[is_distinct.this, is_whole]
    return _none_of_none(say(node, target, forms, value, separator, limit), row, target)


def _none_of_none(said: exp.Expr, row: exp.Expr, target: Target) -> exp.Expr:
    """Spark's list of no rows is empty, DuckDB's is NULL; one of nulls alone is empty in DuckDB, NULL elsewhere."""
    empty: Forms = {
        "spark": "CASE WHEN COUNT({1}) > 0 THEN {0} END",
        "*": "CASE WHEN COUNT({1}) > 0 THEN COALESCE({0}, '') END",
    }
    return say(said, target, empty, said, row)


def _by(which: str, *, keeps_null: bool) -> Handler:
    def handle(node: exp.Expr, target: Target) -> exp.Expr:
        value, order = node.expressions if isinstance(node, exp.Anonymous) else (node.this, node.expression)
        keys = [_measured(key, target) for key in (order.expressions if isinstance(order, exp.Tuple) else [order])]
        order = exp.Tuple(expressions=keys) if isinstance(order, exp.Tuple) else keys[0]
        if node.args.get("count") or any(kind(key) in _UNORDERED for key in keys):
            target.refuse(node, f"arg_{which}() by a value of that type")
        if target.engine.value == "tsql":
            name = f"patchdeck_arg_{which}{'_null' if keeps_null else ''}"
            return kept(exp.Anonymous(this=name, expressions=[value.copy(), order.copy()]))
        if isinstance(order, exp.Tuple):
            return _by_several(which, node, target, value, keys, keeps_null=keeps_null)
        # Where the value is null the row does not count: its key is made null, and rows without a key are skipped.
        if not keeps_null:
            order = say(node, target, {"*": "CASE WHEN {0} IS NOT NULL THEN {1} END"}, value, order)
        if target.engine.value == "postgres" and keeps_null:
            value = say(node, target, {"*": "CASE WHEN {1} IS NOT NULL THEN {0} END"}, value, order)
        return say(node, target, _BY[which], value, order)

    return handle


def _measured(key: exp.Expr, target: Target) -> exp.Expr:
    """``key``, a difference of times as microseconds."""
    if kind(key) is not Kind.SPAN or not isinstance(key.unnest(), exp.Sub):
        return key
    difference = key.unnest()
    start, end = (as_time(side, target) for side in (difference.expression, difference.this))
    measured = elapsed(key, start, end, "MICROSECOND", target)
    measured.type = exp.DataType.build("BIGINT")
    return measured


def _by_several(
    which: str, node: exp.Expr, target: Target, value: exp.Expr, keys: list[exp.Expr], *, keeps_null: bool
) -> exp.Expr:
    """By several keys in turn; nulls among them are the largest, as DuckDB has it, so each is preceded by a flag."""
    places = [f"{{{index + 1}}}" for index in range(len(keys))]
    down = " DESC" if which == "max" else ""
    order = ", ".join(f"CASE WHEN {place} IS NULL THEN 1 ELSE 0 END{down}, {place}{down}" for place in places)
    parts = ", ".join(f"'n{index}', {place} IS NULL, 'k{index}', {place}" for index, place in enumerate(places))
    row = f"NAMED_STRUCT({parts})"
    forms: dict[str, str] = {
        "spark": f"{which.upper()}_BY({{0}}, {row if keeps_null else f'CASE WHEN {{0}} IS NOT NULL THEN {row} END'})",
        "trino": f"ELEMENT_AT(ARRAY_AGG({{0}} ORDER BY {order}) FILTER(WHERE {{0}} IS NOT NULL), 1)",
        "postgres": f"(ARRAY_AGG({{0}} ORDER BY CASE WHEN {{0}} IS NULL THEN 1 ELSE 0 END, {order}))[1]",
        "bigquery": f"ARRAY_AGG({{0}} IGNORE NULLS ORDER BY {order} LIMIT 1)[SAFE_OFFSET(0)]",
    }
    type_name = type_named(kind(value), target)
    if type_name:
        forms["snowflake"] = f"CAST(GET(ARRAY_AGG({{0}}) WITHIN GROUP (ORDER BY {order}), 0) AS {type_name})"
    if keeps_null and target.engine.value != "spark":
        target.refuse(node, f"arg_{which}_null() by several keys")
    return say(node, target, forms, value, *keys)


def _count_if(node: exp.Expr, target: Target) -> exp.Expr:
    """The sum of ones: NULL for no rows, as DuckDB 2.0 gives it."""
    ones = say(node, target, {"*": "CASE WHEN {0} THEN 1 ELSE 0 END"}, node.this)
    return say(node, target, {"tsql": "SUM(CAST({0} AS BIGINT))", "*": "SUM({0})"}, ones)


def _sum(node: exp.Expr, target: Target) -> exp.Expr:
    if isinstance(node.this, exp.Distinct) or kind(node.this) not in (Kind.INTEGER, Kind.REAL, Kind.DECIMAL):
        target.refuse(node, "sum() of what is no number", "Cast it.")
    is_whole = kind(node.this) is Kind.INTEGER
    forms: Forms = {"tsql": "SUM(CAST({0} AS BIGINT))", "*": "SUM({0})"} if is_whole else {"*": "SUM({0})"}
    return say(node, target, forms, node.this)


def _average(node: exp.Expr, target: Target) -> exp.Expr:
    if isinstance(node.this, exp.Distinct) or kind(node.this) not in (Kind.INTEGER, Kind.REAL, Kind.DECIMAL):
        target.refuse(node, "avg() of what is no number", "Cast it.")
    return say(
        node, target, {"tsql": "AVG(CAST({0} AS FLOAT))", "*": "AVG(CAST({0} AS DOUBLE))", **_DOUBLE_AVG}, node.this
    )


_DOUBLE_AVG: Forms = {"bigquery": "AVG(CAST({0} AS FLOAT64))", "postgres": "AVG(CAST({0} AS DOUBLE PRECISION))"}


def _extreme(name: str) -> Handler:
    def handle(node: exp.Expr, target: Target) -> exp.Expr:
        if node.expressions or kind(node.this) in (Kind.BOOL, Kind.LIST, Kind.STRUCT, Kind.UNKNOWN, Kind.SPAN):
            target.refuse(node, f"{node.key}() of a value of that type", "Cast it.")
        return say(node, target, {"*": f"{name}({{0}})"}, node.this)

    return handle


def _count(node: exp.Expr, target: Target) -> exp.Expr:
    if isinstance(node.this, exp.Distinct) and len(node.this.expressions) != 1:
        target.refuse(node, "count() of several columns", "Put them between brackets: count(DISTINCT (a, b)).")
    return node


def _row(node: exp.Expr, target: Target) -> exp.Expr:
    """The tuple that ``count(DISTINCT (a, b))`` counts; one with nulls in it counts too."""
    if node.find_ancestor(exp.Count) is None:
        return node
    parts = node.expressions
    if target.engine.value in ("tsql", "bigquery", "snowflake") and any(kind(part) is not Kind.TEXT for part in parts):
        target.refuse(node, "count(DISTINCT (…)) of what is no text", "Cast the parts to VARCHAR.")
    if target.engine.value == "tsql":
        parts = [say(node, target, _TSQL_PART, part) for part in parts]
    places = [f"{{{index}}}" for index in range(len(parts))]
    named = ", ".join(f"'c{index}', {place}" for index, place in enumerate(places))
    form = _ROW[target.engine.value].replace("{all}", ", ".join(places)).replace("{named}", named)
    return say(node, target, {"*": form}, *parts)


def _group_concat(node: exp.Expr, target: Target) -> exp.Expr:
    ordered, separator = node.this, node.args.get("separator") or exp.Literal.string(",")
    if not isinstance(ordered, exp.Order) or len(ordered.expressions) != 1 or isinstance(ordered.this, exp.Distinct):
        target.refuse(node, "string_agg() without an order of its own", "Write string_agg(x, ', ' ORDER BY y).")
    order = ordered.expressions[0]
    direction = "DESC" if order.args.get("desc") else "ASC"
    within = f"WITHIN GROUP (ORDER BY {{2}} {direction})"
    forms: Forms = {
        "spark": f"LISTAGG({{0}}, {{1}}) {within}",
        "trino": f"LISTAGG({{0}}, {{1}}) {within}",
        "tsql": f"STRING_AGG(CAST({{0}} AS VARCHAR(MAX)), {{1}}) {within}",
        "bigquery": f"STRING_AGG({{0}}, {{1}} ORDER BY {{2}} {direction})",
        "postgres": f"STRING_AGG({{0}}, {{1}} ORDER BY {{2}} {direction})",
        "snowflake": f"CASE WHEN COUNT({{0}}) > 0 THEN LISTAGG({{0}}, {{1}}) {within} END",
    }
    if kind(ordered.this) is not Kind.TEXT:
        target.refuse(node, "string_agg() of what is no text", "Cast it to VARCHAR.")
    return say(node, target, forms, ordered.this, separator, order.this)


_OR: Forms = {
    "spark": "BOOL_OR({0})",
    "trino": "BOOL_OR({0})",
    "postgres": "BOOL_OR({0})",
    "snowflake": "BOOLOR_AGG({0})",
    "bigquery": "LOGICAL_OR({0})",
    "tsql": "CAST(MAX(CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END) AS BIT)",
}
_AND: Forms = {
    "spark": "BOOL_AND({0})",
    "trino": "BOOL_AND({0})",
    "postgres": "BOOL_AND({0})",
    "snowflake": "BOOLAND_AGG({0})",
    "bigquery": "LOGICAL_AND({0})",
    "tsql": "CAST(MIN(CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END) AS BIT)",
}

AGGREGATES: dict[type[exp.Expr], Handler] = {
    exp.Count: _count,
    exp.CountIf: _count_if,
    exp.Sum: _sum,
    exp.Avg: _average,
    exp.Min: _extreme("MIN"),
    exp.Max: _extreme("MAX"),
    # Any value will do: the smallest is the same in every engine.
    exp.AnyValue: _extreme("MIN"),
    exp.ArgMax: _by("max", keeps_null=False),
    exp.ArgMin: _by("min", keeps_null=False),
    exp.LogicalOr: spelled(_OR, 1),
    exp.LogicalAnd: spelled(_AND, 1),
    exp.PercentileCont: say_quantile,
    exp.Median: say_quantile,
    exp.GroupConcat: _group_concat,
    exp.Tuple: _row,
}
AGGREGATES_BY_NAME: dict[str, Handler] = {
    JOINED: _joined,
    "arg_max_null": _by("max", keeps_null=True),
    "arg_min_null": _by("min", keeps_null=True),
}
