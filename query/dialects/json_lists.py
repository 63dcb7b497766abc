"""Lists of texts that were read from JSON, as the JSON text that they are: read where something is asked of them.

Engines differ in what lists they have and where they take them, but all of them hold a text in a column.
"""

from sqlglot import exp

from query.dialects.functions.handler import kept
from query.dialects.kinds import Kind, kind
from query.dialects.patterns import is_text_list
from query.dialects.saying import Forms, say
from query.dialects.target import Target

ITEM = "patchdeck_item"
_MEMBER: Forms = {
    "spark": "NULLIF(GET_JSON_OBJECT({0}, '$.{key}'), 'null')",
    "trino": "NULLIF(JSON_FORMAT(JSON_EXTRACT({0}, '$.{key}')), 'null')",
    "snowflake": "NULLIF(TO_JSON(GET(PARSE_JSON({0}), '{key}')), 'null')",
    "bigquery": "NULLIF(JSON_QUERY({0}, '$.{key}'), 'null')",
    "postgres": "NULLIF(CAST(CAST({0} AS JSONB) -> '{key}' AS TEXT), 'null')",
}
_HOLDS: Forms = {
    "spark": "ARRAY_CONTAINS(FROM_JSON({0}, 'ARRAY<STRING>'), {1})",
    "trino": "CONTAINS(CAST(JSON_PARSE({0}) AS ARRAY(VARCHAR)), {1})",
    "snowflake": "ARRAY_CONTAINS(CAST({1} AS VARIANT), CAST(PARSE_JSON({0}) AS ARRAY))",
    "bigquery": "CASE WHEN {0} IS NOT NULL THEN {1} IN UNNEST(JSON_VALUE_ARRAY({0})) END",
    "postgres": "CASE WHEN {0} IS NOT NULL THEN {1} = ANY(ARRAY(SELECT JSONB_ARRAY_ELEMENTS_TEXT(CAST({0} AS JSONB)))) "
    "END",
}
_ANY: Forms = {
    "spark": f"EXISTS(FROM_JSON({{0}}, 'ARRAY<STRING>'), {ITEM} -> COALESCE({{1}}, FALSE))",
    "trino": f"ANY_MATCH(CAST(JSON_PARSE({{0}}) AS ARRAY(VARCHAR)), {ITEM} -> COALESCE({{1}}, FALSE))",
    "snowflake": f"ARRAY_SIZE(FILTER(CAST(PARSE_JSON({{0}}) AS ARRAY), {ITEM} -> COALESCE({{1}}, FALSE))) > 0",
    "bigquery": f"EXISTS(SELECT 1 FROM UNNEST(JSON_VALUE_ARRAY({{0}})) AS {ITEM} WHERE {{1}})",  # noqa: S608 - our own forms
    "postgres": "EXISTS(SELECT 1 FROM JSONB_ARRAY_ELEMENTS_TEXT(CAST({0} AS JSONB)) "  # noqa: S608 - our own forms
    f"AS patchdeck_items({ITEM}) WHERE {{1}})",
}
_AS_TEXT: Forms = {"snowflake": "CAST({0} AS VARCHAR)", "*": "{0}"}


def point_into_json(tree: exp.Query) -> exp.Query:
    """``tree`` with ``from_json(Settings -> 'x', …)`` read as DuckDB does: sqlglot takes the arrow for a lambda's."""
    for call in tree.find_all(exp.FromJson):
        arrow = call.this
        if isinstance(arrow, exp.Lambda) and isinstance(arrow.this, exp.Literal) and len(arrow.expressions) == 1:
            path = exp.JSONPath(expressions=[exp.JSONPathRoot(), exp.JSONPathKey(this=arrow.this.name)])
            column = exp.Column(this=arrow.expressions[0].copy())
            call.set("this", exp.JSONExtract(this=column, expression=path))
    return tree


def say_json_lists(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with columns of such lists as texts, and what is asked of them in forms that read these."""
    made = [select_item.unalias() for select in tree.find_all(exp.Select) for select_item in select.expressions]
    lists = [value for value in made if kind(value) is Kind.LIST]
    if not lists or not all(_is_json(value) for value in lists):
        return tree
    _check_uses(tree, target)
    for asked in list(tree.find_all(exp.ArrayContains, exp.GT, exp.EQ)):
        if (said := _said(asked, target)) is not None:
            said.type = exp.DataType.build("BOOLEAN")
            asked.replace(said)
    for value in list(tree.find_all(exp.Column, exp.Coalesce, exp.FromJson)):
        if kind(value) is Kind.LIST and _is_json(value):
            text = _text_of(value, target)
            text.type = exp.DataType.build("VARCHAR")
            if text is not value:
                value.replace(text)
    return tree


def _is_json(value: exp.Expr) -> bool:
    if isinstance(value, exp.Coalesce):
        rest = value.expressions
        return _is_json(value.this) and len(rest) == 1 and isinstance(rest[0], exp.Array) and not rest[0].expressions
    return isinstance(value, exp.Column) or (isinstance(value, exp.FromJson) and is_text_list(value))


def _check_uses(tree: exp.Query, target: Target) -> None:
    """Refuse what is asked of a list but whether it holds a value, or one of which a condition is true."""
    for column in tree.find_all(exp.Column):
        if kind(column) is not Kind.LIST:
            continue
        user = column.parent
        is_alone = isinstance(user, exp.Alias | exp.Select | exp.Coalesce) or (
            isinstance(user, exp.ArrayContains | exp.ArrayFilter) and user.this is column
        )
        if not is_alone:
            target.refuse(column, "A list that is compared, sorted or counted")
    if any(kind(item) is Kind.LIST for item in tree.selects):
        target.refuse(tree, "A list as a column of the answer", "Join it to a text with array_to_string().")


def _said(asked: exp.Expr, target: Target) -> exp.Expr | None:
    if isinstance(asked, exp.ArrayContains):
        if kind(asked.this) is Kind.LIST and _is_json(asked.this):
            return say(asked, target, _HOLDS, _text_of(asked.this.copy(), target), asked.expression)
        return None
    found = asked.this.this if isinstance(asked.this, exp.Length) and asked.expression.name == "0" else None
    if not isinstance(found, exp.ArrayFilter) or not _is_json(found.this):
        return None
    each = found.expression
    if not isinstance(each, exp.Lambda) or len(each.expressions) != 1:
        return None
    text = _text_of(found.this.copy(), target)
    any_of = say(asked, target, _ANY, text, _condition(each, target))
    given = "CASE WHEN {0} IS NOT NULL THEN {1} END" if isinstance(asked, exp.GT) else _NONE
    return say(asked, target, {"*": given}, text, any_of)


_NONE = "CASE WHEN {0} IS NOT NULL THEN NOT ({1}) END"


def _condition(each: exp.Lambda, target: Target) -> exp.Expr:
    """What is asked of an item, which gets a name of ours."""
    name = each.expressions[0].name
    condition: exp.Expr = each.this.copy()
    for part in list(condition.find_all(exp.Identifier)):
        if part.name == name and not isinstance(part.parent, exp.Column):
            column = kept(exp.column(kept(exp.to_identifier(ITEM))))
            said = say(column, target, _AS_TEXT, column)
            said.type = exp.DataType.build("VARCHAR")
            part.replace(said)
    return condition


def _text_of(value: exp.Expr, target: Target) -> exp.Expr:
    if isinstance(value, exp.Coalesce):
        empty = exp.Literal.string("[]")
        return exp.Coalesce(this=_text_of(value.this.copy(), target), expressions=[empty])
    if isinstance(value, exp.FromJson):
        return _member(value.this, target)
    return value


def _member(json: exp.Expr, target: Target) -> exp.Expr:
    if not isinstance(json, exp.JSONExtract):
        return json.copy()
    path = json.expression
    keys = [part for part in path.expressions if not isinstance(part, exp.JSONPathRoot)]
    if len(keys) != 1 or not isinstance(keys[0].this, str) or not keys[0].this.isidentifier():
        target.refuse(json, "A path into JSON of more than one plain name")
    forms = {engine: form.replace("{key}", keys[0].this) for engine, form in _MEMBER.items()}
    return say(json, target, forms, json.this)
