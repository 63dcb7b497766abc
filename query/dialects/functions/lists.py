"""Lists that stand in the text, lists made by splitting, and values out of JSON: said without lists where possible."""

from sqlglot import exp

from query.dialects.functions.handler import Handler, spelled
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

_HOLDS: Forms = {
    "spark": "ARRAY_CONTAINS(SPLIT({0}, {2}), {1})",
    "trino": "CONTAINS(SPLIT({0}, {3}), {1})",
    "snowflake": "ARRAY_CONTAINS(CAST({1} AS VARIANT), SPLIT({0}, {3}))",
    "bigquery": "{1} IN UNNEST(SPLIT({0}, {3}))",
    "tsql": "{1} IN (SELECT value FROM STRING_SPLIT({0}, {3}))",
    "postgres": "({1} = ANY(STRING_TO_ARRAY({0}, {3})) OR ({0} = '' AND {1} = ''))",
}
_MEMBER: Forms = {
    "spark": "TRY_ELEMENT_AT(FROM_JSON({0}, 'MAP<STRING, STRING>'), {1})",
    "trino": "JSON_EXTRACT_SCALAR(ELEMENT_AT(CAST(JSON_PARSE({0}) AS MAP(VARCHAR, JSON)), {1}), '$')",
    "snowflake": "CAST(GET(PARSE_JSON({0}), {1}) AS VARCHAR)",
    "bigquery": "LAX_STRING(PARSE_JSON({0})[{1}])",
    "tsql": "JSON_VALUE({0}, '$.\"' + {1} + '\"')",
    "postgres": "CAST({0} AS JSONB) ->> {1}",
}


def _position(node: exp.Expr, target: Target) -> exp.Expr:
    """The place of a value in a written list, NULL where it is not in it."""
    if len(node.expressions) != 2 or not isinstance(node.expressions[0], exp.Array):
        target.refuse(node, "list_position() in a list that is not written out")
    array, value = node.expressions
    ifs = [
        exp.If(this=exp.EQ(this=value.copy(), expression=item.copy()), true=exp.Literal.number(place))
        for place, item in enumerate(array.expressions, 1)
    ]
    return exp.Case(ifs=ifs)


def _element(node: exp.Expr, target: Target) -> exp.Expr:
    """An element of a written list, NULL where there is none; or what JSON has under a name."""
    inner, index = node.this.unnest(), node.expressions[0]
    if isinstance(inner, exp.Array) and not isinstance(index, exp.Slice):
        # sqlglot counts from 0 here; a written index has been lowered by one already.
        shift = 0 if isinstance(index, exp.Literal) else 1
        ifs = [
            exp.If(this=exp.EQ(this=index.copy(), expression=exp.Literal.number(place + shift)), true=item.copy())
            for place, item in enumerate(inner.expressions)
        ]
        return exp.Case(ifs=ifs)
    return target.refuse(node, node.sql("duckdb")[:80], "Elements are taken of written lists only.")


def member_of(node: exp.Bracket, target: Target) -> exp.Expr:
    """``CAST(Tags AS MAP(VARCHAR, VARCHAR))['env']``, before its cast is said: what the object has under that name."""
    return say(node, target, _MEMBER, node.this.unnest().this, node.expressions[0])


def _contains(node: exp.Expr, target: Target) -> exp.Expr:
    array, value = node.this.unnest(), node.expression
    if isinstance(array, exp.Array):
        return exp.In(this=value.copy(), expressions=[item.copy() for item in array.expressions])
    if isinstance(array, exp.Split) and isinstance(array.expression, exp.Literal) and len(array.expression.name) == 1:
        pattern = exp.Literal.string(f"[{array.expression.name}]")
        if array.expression.name in "[]^\\-":
            target.refuse(node, f"string_split() at {array.expression.name!r}")
        return say(node, target, _HOLDS, array.this, value, pattern, array.expression)
    return target.refuse(node, "list_contains() of a computed list")


def _json_text(node: exp.Expr, target: Target) -> exp.Expr:
    key = node.expression
    if isinstance(key, exp.JSONPath):
        parts = [part for part in key.expressions if not isinstance(part, exp.JSONPathRoot)]
        if len(parts) != 1 or not isinstance(parts[0], exp.JSONPathKey) or not isinstance(parts[0].this, str):
            target.refuse(node, "A path into JSON of more than one name")
        key = exp.Literal.string(parts[0].this)
    elif kind(key) is not Kind.TEXT:
        target.refuse(node, "A computed path into JSON")
    return say(node, target, _MEMBER, node.this, key)


_LENGTH: Forms = {
    "spark": "JSON_ARRAY_LENGTH({0})",
    "trino": "JSON_ARRAY_LENGTH({0})",
    "snowflake": "ARRAY_SIZE(PARSE_JSON({0}))",
    "bigquery": "ARRAY_LENGTH(JSON_QUERY_ARRAY({0}))",
    "tsql": "(SELECT COUNT(*) FROM OPENJSON({0}))",
    "postgres": "JSONB_ARRAY_LENGTH(CAST({0} AS JSONB))",
}

LISTS: dict[type[exp.Expr], Handler] = {
    exp.Bracket: _element,
    exp.ArrayContains: _contains,
    exp.JSONExtractScalar: _json_text,
}
LISTS_BY_NAME: dict[str, Handler] = {
    "list_position": _position,
    "array_position": _position,
    "json_array_length": spelled(_LENGTH, 1),
}
