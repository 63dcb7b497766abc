"""``unnest`` among the columns as a source beside FROM, which every engine has in its own way."""

import json
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from query.dialects.functions.casts import type_named
from query.dialects.functions.spans import MICROSECONDS, Span, elapsed, shift, span_of
from query.dialects.functions.times import as_time
from query.dialects.kinds import Kind, kind, structure_of
from query.dialects.patterns import is_text_list
from query.dialects.saying import Forms, say
from query.dialects.target import Target

_TEXTS: Forms = {
    "spark": "LATERAL VIEW EXPLODE(FROM_JSON({0}, 'ARRAY<STRING>')) {a} AS {a}_value",
    "trino": "CROSS JOIN UNNEST(CAST(JSON_PARSE({0}) AS ARRAY(VARCHAR))) AS {a}({a}_value)",
    "snowflake": "CROSS JOIN LATERAL FLATTEN(INPUT => PARSE_JSON({0})) AS {a}",
    "bigquery": "CROSS JOIN UNNEST(JSON_QUERY_ARRAY({0})) AS {a}",
    "tsql": "CROSS APPLY OPENJSON({0}) AS {a}",
    "postgres": "CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(CAST({0} AS JSONB)) AS {a}({a}_value)",
}
_TEXT: Forms = {
    "snowflake": "CAST({a}.VALUE AS VARCHAR)",
    "bigquery": "JSON_VALUE({a}, '$')",
    "tsql": "{a}.value",
    "postgres": "({a}.{a}_value #>> '{}')",
    "*": "{a}.{a}_value",
}
_OBJECTS: Forms = {
    "spark": "LATERAL VIEW EXPLODE(FROM_JSON({0}, 'ARRAY<STRUCT<{fields}>>')) {a} AS {a}_value",
    "trino": "CROSS JOIN UNNEST(CAST(JSON_PARSE({0}) AS ARRAY(JSON))) AS {a}({a}_value)",
    "snowflake": "CROSS JOIN LATERAL FLATTEN(INPUT => PARSE_JSON({0})) AS {a}",
    "bigquery": "CROSS JOIN UNNEST(JSON_QUERY_ARRAY({0})) AS {a}",
    "tsql": "CROSS APPLY OPENJSON({0}) AS {a}",
    "postgres": "CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(CAST({0} AS JSONB)) AS {a}({a}_value)",
}
_FIELD: Forms = {
    "spark": "{a}.{a}_value.{field}",
    "trino": "JSON_EXTRACT_SCALAR({a}.{a}_value, '$.{field}')",
    "snowflake": "CAST(GET({a}.VALUE, '{field}') AS VARCHAR)",
    "bigquery": "JSON_VALUE({a}, '$.{field}')",
    "tsql": "JSON_VALUE({a}.value, '$.{field}')",
    "postgres": "({a}.{a}_value ->> '{field}')",
}
_NUMBERS: Forms = {
    "spark": "LATERAL VIEW EXPLODE(SEQUENCE(0, GREATEST(CAST({0} AS INT), 0))) {a} AS {a}_value",
    "trino": "CROSS JOIN UNNEST(SEQUENCE(0, GREATEST({0}, 0))) AS {a}({a}_value)",
    "snowflake": "CROSS JOIN LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE(0, {0})) AS {a}",
    "bigquery": "CROSS JOIN UNNEST(GENERATE_ARRAY(0, {0} - 1)) AS {a}",
    "tsql": "CROSS JOIN GENERATE_SERIES(CAST(0 AS BIGINT), GREATEST({0}, CAST(0 AS BIGINT))) AS {a}",
    "postgres": "CROSS JOIN LATERAL GENERATE_SERIES(0, {0} - 1) AS {a}({a}_value)",
}
_NUMBER: Forms = {"snowflake": "CAST({a}.VALUE AS INT)", "bigquery": "{a}", "tsql": "{a}.value", "*": "{a}.{a}_value"}


_SPLIT: Forms = {
    "spark": "LATERAL VIEW EXPLODE(SPLIT({0}, {sign})) {a} AS {a}_value",
    "trino": "CROSS JOIN UNNEST(SPLIT({0}, {sign})) AS {a}({a}_value)",
    "snowflake": "CROSS JOIN LATERAL FLATTEN(INPUT => SPLIT({0}, {sign})) AS {a}",
    "bigquery": "CROSS JOIN UNNEST(SPLIT({0}, {sign})) AS {a}",
    "tsql": "CROSS APPLY STRING_SPLIT({0}, {sign}) AS {a}",
    "postgres": "CROSS JOIN LATERAL UNNEST(CASE WHEN {0} = '' THEN ARRAY[''] ELSE STRING_TO_ARRAY({0}, {sign}) END) "
    "AS {a}({a}_value)",
}
_PART: Forms = {
    "snowflake": "CAST({a}.VALUE AS VARCHAR)",
    "bigquery": "{a}",
    "tsql": "{a}.value",
    "*": "{a}.{a}_value",
}
# Signs of which each stands for itself between quotes and, in brackets, in Spark's patterns.
_PLAIN_SIGNS = frozenset(";,:/|+#= ")


@dataclass(frozen=True, slots=True)
class _Rows:
    """What stands for an ``unnest``: the value of a row, or its fields."""

    value: exp.Expr | None
    fields: dict[str, exp.Expr]


def say_unnests(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` without ``unnest`` among the columns; objects become a column for each field."""
    for number, call in enumerate(list(tree.find_all(exp.Explode)), 1):
        select = call.find_ancestor(exp.Select)
        if (
            select is None
            or len([one for one in select.find_all(exp.Explode) if one.find_ancestor(exp.Select) is select]) > 1
        ):
            target.refuse(call, "Several unnest() in one SELECT")
        if any(select.args.get(part) for part in ("group", "distinct", "having", "limit", "windows")):
            target.refuse(call, "unnest() beside GROUP BY, DISTINCT or LIMIT", "Put it into a SELECT of its own.")
        rows = _rows(call, select, f"item{number}", target)
        if rows.value is not None:
            rows.value.type = call.type
            call.replace(rows.value)
        else:
            _flatten(tree, select, call, rows.fields, target)
    return tree


def _rows(call: exp.Explode, select: exp.Select, alias: str, target: Target) -> _Rows:
    inner = _as_json(call.this)
    if isinstance(inner, exp.FromJson):
        return _json_rows(inner, select, alias, target)
    if isinstance(inner, exp.Split):
        return _Rows(_split_rows(inner, select, alias, target), {})
    if isinstance(inner, exp.GenerateSeries):
        return _Rows(_series(inner, select, alias, target), {})
    return target.refuse(call, "unnest() of anything but from_json(), string_split() and range()")


def _split_rows(call: exp.Split, select: exp.Select, alias: str, target: Target) -> exp.Expr:
    sign = call.expression.name if isinstance(call.expression, exp.Literal) else ""
    if len(sign) != 1 or sign not in _PLAIN_SIGNS:
        target.refuse(call, "unnest() of string_split() at anything but one of ; , : / | + # = and a blank")
    quoted = f"'[{sign}]'" if target.engine.value == "spark" else f"'{sign}'"
    _beside(select, target, {key: form.replace("{sign}", quoted) for key, form in _SPLIT.items()}, alias, call.this)
    return _named(_PART, alias, call, target)


def _json_rows(call: exp.FromJson, select: exp.Select, alias: str, target: Target) -> _Rows:
    structure = structure_of(call)
    element = structure.expressions[0] if structure is not None and structure.expressions else None
    if element is not None and isinstance(element, exp.DataType) and element.this in exp.DataType.TEXT_TYPES:
        _beside(select, target, _TEXTS, alias, call.this)
        return _Rows(_named(_TEXT, alias, call, target), {})
    if element is not None and isinstance(element, exp.DataType) and element.this is exp.DType.STRUCT:
        names = [field.name for field in element.expressions]
        whole = {field.name for field in element.expressions if field.kind.this in exp.DataType.INTEGER_TYPES}
        if all(field.name in whole or field.kind.this in exp.DataType.TEXT_TYPES for field in element.expressions):
            spark = ", ".join(f"{name}: STRING" for name in names)
            _beside(select, target, {k: v.replace("{fields}", spark) for k, v in _OBJECTS.items()}, alias, call.this)
            forms = {name: {k: v.replace("{field}", name) for k, v in _FIELD.items()} for name in names}
            fields = {name: _named(forms[name], alias, call, target) for name in names}
            return _Rows(
                None, {name: _whole(value, target) if name in whole else value for name, value in fields.items()}
            )
    return target.refuse(call, "from_json() of anything but a list of texts or of objects of texts")


def _whole(value: exp.Expr, target: Target) -> exp.Expr:
    said = say(value, target, {"*": f"CAST({{0}} AS {type_named(Kind.INTEGER, target)})"}, value)
    said.type = exp.DataType.build("BIGINT")
    return said


def _as_json(inner: exp.Expr) -> exp.Expr:
    """A CASE between lists of texts, written or read from JSON, as one list read from a CASE between JSON texts."""
    if not isinstance(inner, exp.Case) or inner.args.get("default") is None:
        return inner
    results = [*(branch.args["true"] for branch in inner.args["ifs"]), inner.args["default"]]
    if not all(_is_texts(result) for result in results):
        return inner
    for result in results:
        texts = [item.name for item in result.expressions] if isinstance(result, exp.Array) else []
        result.replace(exp.Literal.string(json.dumps(texts)) if isinstance(result, exp.Array) else result.this)
    call = exp.FromJson(this=inner.copy(), expression=exp.Literal.string('["VARCHAR"]'))
    inner.replace(call)
    return call


def _is_texts(node: exp.Expr) -> bool:
    if isinstance(node, exp.Array):
        return all(isinstance(item, exp.Literal) and item.is_string for item in node.expressions)
    return isinstance(node, exp.FromJson) and is_text_list(node)


def _series(call: exp.GenerateSeries, select: exp.Select, alias: str, target: Target) -> exp.Expr:
    start, end, step = call.args["start"], call.args["end"], call.args.get("step")
    if kind(start) not in (Kind.TIME, Kind.DAY) or step is None or kind(step) is not Kind.SPAN:
        target.refuse(call, "range() of anything but times")
    span = span_of(step, target)
    if span.unit == "MONTH" and span.count.name == "1":
        return _months(call, select, alias, target)
    if span.unit not in MICROSECONDS or not isinstance(span.count, exp.Literal):
        target.refuse(call, "range() in steps of months, or of a computed length")
    seconds = int(span.count.name) * MICROSECONDS[span.unit] // 1_000_000
    first, last = _said_time(start, target), _said_time(end, target)
    between = elapsed(call, first, last, "SECOND", target)
    rounding = f"({{0}} + {seconds - 1})" if call.args.get("is_end_exclusive") else f"({{0}} + {seconds})"
    divide: Forms = {
        "spark": f"{rounding} DIV {seconds}",
        "snowflake": f"FLOOR({rounding} / {seconds})",
        "bigquery": f"DIV({rounding}, {seconds})",
        "*": f"{rounding} / {seconds}",
    }
    count = say(call, target, divide, between)
    _beside(select, target, _NUMBERS, alias, count)
    place = _named(_NUMBER, alias, call, target)
    select.where(say(call, target, {"*": "{0} < {1}"}, place, count), copy=False)
    return _moved(call, first, place, seconds, target)


def _months(call: exp.GenerateSeries, select: exp.Select, alias: str, target: Target) -> exp.Expr:
    """A row for each month: more than there can be, without those that lie beyond the end."""
    first, last = _said_time(call.args["start"], target), _said_time(call.args["end"], target)
    days = elapsed(call, first, last, "DAY", target)
    _beside(select, target, _NUMBERS, alias, say(call, target, {"spark": "{0} DIV 28 + 2", "*": "{0} / 28 + 2"}, days))
    place = _named(_NUMBER, alias, call, target)
    month = shift(call, first, Span(place, "MONTH"), "+", target)
    compared = "<" if call.args.get("is_end_exclusive") else "<="
    select.where(say(call, target, {"*": f"{{0}} {compared} {{1}}"}, month, last), copy=False)
    return month


def _moved(call: exp.Expr, first: exp.Expr, place: exp.Expr, seconds: int, target: Target) -> exp.Expr:
    forms: Forms = {
        "spark": f"{{0}} + MAKE_DT_INTERVAL(0, 0, 0, {{1}} * {seconds})",
        "trino": f"DATE_ADD('SECOND', {{1}} * {seconds}, {{0}})",
        "snowflake": f"DATEADD(SECOND, {{1}} * {seconds}, {{0}})",
        "bigquery": f"DATETIME_ADD({{0}}, INTERVAL {{1}} * {seconds} SECOND)",
        "tsql": f"DATEADD(DAY, {{1}} * {seconds} / 86400, DATEADD(SECOND, {{1}} * {seconds} % 86400, {{0}}))",
        "postgres": f"{{0}} + {{1}} * INTERVAL '{seconds} SECONDS'",
    }
    return say(call, target, forms, first, place)


def _said_time(node: exp.Expr, target: Target) -> exp.Expr:
    """``node`` said already and as a time: a select of its own stands for what lowering would look for."""
    from query.dialects.lowering import lower

    holder = exp.select(node.copy())
    lower(holder, target)
    return as_time(holder.expressions[0].pop(), target)


def _beside(select: exp.Select, target: Target, forms: Forms, alias: str, source: exp.Expr) -> None:
    """Put a source beside FROM; a SELECT without FROM gets one row first."""
    if select.args.get("from_") is None:
        select.from_("(SELECT 1 AS one) AS one", copy=False, dialect="duckdb")
    form = forms[target.engine.value].replace("{a}", alias)
    place = "patchdeck_source"
    text = f"SELECT 1 FROM t {form.replace('{0}', place)}"  # noqa: S608 - our own forms
    read = sqlglot.parse_one(text, read=target.engine.value)
    for part in read.walk():
        part.meta["said"] = True
    for column in list(read.find_all(exp.Column)):
        if column.name == place:
            column.replace(source.copy())
    for name in ("joins", "laterals"):
        for found in read.args.get(name) or []:
            select.append(name, found.pop())


def _named(forms: Forms, alias: str, node: exp.Expr, target: Target) -> exp.Expr:
    said = say(node, target, {key: form.replace("{a}", alias) for key, form in forms.items()})
    said.type = exp.DataType.build("VARCHAR", dialect="duckdb")
    return said


def _flatten(
    tree: exp.Query, select: exp.Select, call: exp.Explode, fields: dict[str, exp.Expr], target: Target
) -> None:
    item = call.parent
    if not isinstance(item, exp.Alias) or item.parent is not select:
        target.refuse(call, "unnest() of objects inside of another expression")
    column = item.alias
    for name, value in fields.items():
        select.append("expressions", exp.alias_(value, f"{column}_{name}", quoted=True))
    item.pop()
    for dot in list(tree.find_all(exp.Dot)):
        if isinstance(dot.this, exp.Column) and dot.this.name == column:
            _point(dot, column, fields, target)
    for left in tree.find_all(exp.Column):
        if left.name == column:
            target.refuse(left, f"The whole object {column}", "Name its fields.")


def _point(dot: exp.Dot, column: str, fields: dict[str, exp.Expr], target: Target) -> None:
    name = dot.expression.name
    if name not in fields:
        target.refuse(dot, f"{column}.{name}")
    flat = exp.column(f"{column}_{name}", dot.this.table, quoted=True)
    flat.type = fields[name].type
    dot.replace(flat)
