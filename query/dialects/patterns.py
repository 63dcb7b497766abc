"""Lists that only stand between two steps, said without them: what is asked of them has a form of its own."""

from sqlglot import exp

from query.dialects.saying import Forms, say
from query.dialects.target import Target

_SIGNS = frozenset("[]\\?")
_JOINED_JSON: Forms = {
    "spark": "ARRAY_JOIN(FROM_JSON({0}, 'ARRAY<STRING>'), {1})",
    "trino": "ARRAY_JOIN(CAST(JSON_PARSE({0}) AS ARRAY(VARCHAR)), {1})",
    "snowflake": "ARRAY_TO_STRING(PARSE_JSON({0}), {1})",
    "bigquery": "ARRAY_TO_STRING(JSON_VALUE_ARRAY({0}), {1})",
    "tsql": "CASE WHEN {0} IS NOT NULL THEN COALESCE((SELECT STRING_AGG(value, {1}) WITHIN GROUP "
    "(ORDER BY CAST([key] AS INT)) FROM OPENJSON({0})), '') END",
    "postgres": "ARRAY_TO_STRING(ARRAY(SELECT JSONB_ARRAY_ELEMENTS_TEXT(CAST({0} AS JSONB))), {1})",
}
_TEXT_LIST = ('["varchar"]',)


def say_patterns(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with the patterns of this file said."""
    for call in list(tree.find_all(exp.ArrayToString)):
        if isinstance(call.this, exp.FromJson) and is_text_list(call.this):
            _replace(call, say(call, target, _null_kept(target), call.this.this, call.expression))
    for compared in list(tree.find_all(exp.GT)):
        if found := _any_of_split(compared):
            _replace(compared, _like_inside(compared, *found, target))
    return tree


def is_text_list(call: exp.FromJson) -> bool:
    """Whether a ``from_json`` asks for a list of texts."""
    return call.expression.name.lower() in _TEXT_LIST


def _null_kept(target: Target) -> Forms:
    form = _JOINED_JSON[target.engine.value]
    return {"*": f"CASE WHEN {{0}} IS NOT NULL THEN {form} END" if target.engine.value == "postgres" else form}


def _any_of_split(compared: exp.GT) -> tuple[exp.Expr, str, str] | None:
    """``len(list_filter(string_split(x, ';'), lambda c: c GLOB '…')) > 0``: the text, the separator, the pattern."""
    length, zero = compared.this, compared.expression
    listed = length.this if isinstance(length, exp.Length) else None
    if not isinstance(listed, exp.ArrayFilter) or zero.name != "0":
        return None
    split, each = listed.this, listed.expression
    glob = each.this if isinstance(each, exp.Lambda) else None
    if (
        not isinstance(split, exp.Split)
        or not isinstance(glob, exp.Glob)
        or not isinstance(glob.expression, exp.Literal)
    ):
        return None
    is_item = isinstance(glob.this, exp.Identifier | exp.Column) and glob.this.name == each.expressions[0].name
    return (split.this, split.expression.name, glob.expression.name) if is_item and split.expression.is_string else None


def _like_inside(node: exp.Expr, text: exp.Expr, separator: str, pattern: str, target: Target) -> exp.Expr:
    """Between separators the pattern stands anywhere; a ``*`` anywhere but at the end could reach over them."""
    stem = pattern.rstrip("*")
    if "*" in stem or _SIGNS & set(pattern) or len(separator) != 1 or separator in stem:
        target.refuse(node, f"A list searched for {pattern!r}", "Only a * at the end is said in other engines.")
    tail = "" if stem != pattern else separator
    sought = exp.Literal.string(f"{separator}{stem}{tail}")
    around: Forms = {
        "spark": "CONTAINS(CONCAT({1}, {0}, {1}), {2})",
        "trino": "STRPOS({1} || {0} || {1}, {2}) > 0",
        "snowflake": "CONTAINS({1} || {0} || {1}, {2})",
        "bigquery": "STRPOS(CONCAT({1}, {0}, {1}), {2}) > 0",
        "tsql": "CHARINDEX({2}, {1} + {0} + {1}) > 0",
        "postgres": "STRPOS({1} || {0} || {1}, {2}) > 0",
    }
    return say(node, target, around, text, exp.Literal.string(separator), sought)


def _replace(node: exp.Expr, said: exp.Expr) -> None:
    said.type = exp.DataType.build("BOOLEAN" if isinstance(node, exp.GT) else "VARCHAR")
    node.replace(said)
