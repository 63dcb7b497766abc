"""Functions of text. Text is compared by its bytes everywhere: the views see to that where an engine would not."""

import re

from sqlglot import exp

from query.dialects.functions.globs import COMPUTED_GLOB
from query.dialects.functions.handler import Handler, arguments_of, spelled
from query.dialects.kinds import Kind, kind
from query.dialects.saying import Forms, say
from query.dialects.target import Target

_BACKSLASH_ESCAPES = ("spark", "bigquery", "postgres", "snowflake")
_GLOB_SIGN = re.compile(r"[*?\[\]\\]")


def same(name: str, **others: str) -> Handler:
    """Says a call by ``name`` in every engine but those in ``others``."""
    return lambda node, target: say(node, target, {"*": _call(name, node), **others}, *arguments_of(node))


def _call(name: str, node: exp.Expr) -> str:
    return f"{name}({', '.join(f'{{{index}}}' for index in range(len(arguments_of(node))))})"


def _glob(node: exp.Expr, target: Target) -> exp.Expr:
    """A pattern of ``*`` and ``?`` as LIKE, or = where it has no such sign; other signs are refused."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        if kind(pattern) is not Kind.TEXT:
            target.refuse(node, "GLOB with a pattern that is no text")
        return say(node, target, COMPUTED_GLOB, node.this, pattern)
    signs = set(_GLOB_SIGN.findall(pattern.name))
    if signs - {"*", "?"}:
        target.refuse(node, f"GLOB {pattern.name!r}", "Only * and ? are said in other engines.")
    if not signs:
        return exp.EQ(this=node.this, expression=pattern)
    plain = "".join({"*": "%", "?": "_"}.get(sign, _literal_in_like(sign, "|")) for sign in pattern.name)
    return _like_with(node.this, plain, escape="|" if "|" in plain else "")


def _like(node: exp.Expr, target: Target) -> exp.Expr:
    """LIKE with a written pattern: DuckDB's has no escape of its own, others' is a backslash."""
    pattern, parent = node.expression, node.parent
    if isinstance(parent, exp.Escape):
        target.refuse(node, "LIKE with ESCAPE")
    if not isinstance(pattern, exp.Literal):
        target.refuse(node, "LIKE with a pattern that depends on a column")
    text, value = pattern.name, node.this
    if isinstance(node, exp.ILike):
        text, value = text.lower(), say(node, target, {"*": "LOWER({0})"}, node.this)
    needs_escape = any(sign in text for sign in "\\[")
    if needs_escape:
        text = "".join(sign if sign in "%_" else _literal_in_like(sign, "|") for sign in text)
    like = _like_with(value, text, escape="|" if needs_escape else "")
    return exp.Not(this=like) if node.args.get("negate") else like


def _literal_in_like(sign: str, escape: str) -> str:
    return f"{escape}{sign}" if sign in ("%", "_", "[", escape) else sign


def _like_with(value: exp.Expr, pattern: str, *, escape: str) -> exp.Expr:
    like: exp.Expr = exp.Like(this=value, expression=exp.Literal.string(pattern))
    like.meta["said"] = True
    if escape:
        like = exp.Escape(this=like, expression=exp.Literal.string(escape))
        like.meta["said"] = True
    return like


def _concat(node: exp.Expr, target: Target) -> exp.Expr:
    """``||`` is null when a part is, ``concat`` leaves nulls out."""
    is_pipe = isinstance(node, exp.DPipe)
    parts = [node.this, node.expression] if is_pipe else node.expressions
    texts = [_as_text(part, target) for part in parts]
    if not is_pipe:
        texts = [say(part, target, {"*": "COALESCE({0}, '')"}, part) for part in texts]
    said = texts[0]
    for part in texts[1:]:
        said = say(node, target, {"bigquery": "CONCAT({0}, {1})", "tsql": "{0} + {1}", "*": "{0} || {1}"}, said, part)
    return said


def _as_text(node: exp.Expr, target: Target) -> exp.Expr:
    if kind(node) in (Kind.TEXT, Kind.JSON, Kind.NOTHING):
        return node
    if kind(node) is not Kind.INTEGER:
        target.refuse(node, "Text of what is neither a text nor a whole number", "Use strftime() or round() first.")
    return say(node, target, {**_TEXT_TYPE}, node)


_TEXT_TYPE: Forms = {
    "spark": "CAST({0} AS STRING)",
    "trino": "CAST({0} AS VARCHAR)",
    "snowflake": "CAST({0} AS VARCHAR)",
    "bigquery": "CAST({0} AS STRING)",
    "tsql": "CAST({0} AS VARCHAR(50))",
    "postgres": "CAST({0} AS TEXT)",
}


def _format(node: exp.Expr, target: Target) -> exp.Expr:
    """``format`` with plain ``{}`` only."""
    pattern = node.this
    parts = pattern.name.split("{}") if isinstance(pattern, exp.Literal) else []
    if len(parts) != len(node.expressions) + 1 or any(sign in part for part in parts for sign in "{}"):
        target.refuse(node, "format() with anything but plain {}")
    said: exp.Expr | None = None
    for index, text in enumerate(parts):
        pieces = [exp.Literal.string(text)] if text else []
        pieces += [node.expressions[index]] if index < len(node.expressions) else []
        for piece in pieces:
            if piece.type is None:
                piece.type = exp.DataType.build("VARCHAR")
            said = piece if said is None else exp.DPipe(this=said, expression=piece)
            if isinstance(said, exp.DPipe):
                said.type = exp.DataType.build("VARCHAR")
    if said is None:
        return exp.Literal.string("")
    return _chain(said, target)


def _chain(node: exp.Expr, target: Target) -> exp.Expr:
    if isinstance(node, exp.DPipe):
        left = _chain(node.this, target)
        left.type = exp.DataType.build("VARCHAR")
        return _concat(exp.DPipe(this=left, expression=node.expression), target)
    return _as_text(node, target)


def _signs(position: str, name: str) -> Forms:
    standard = f"TRIM({position} {{1}} FROM {{0}})"
    call = f"{name}({{0}}, {{1}})"
    return {"spark": standard, "trino": standard, "tsql": standard, "*": call}


_TRIM_SIGNS = {"LEADING": _signs("LEADING", "LTRIM"), "TRAILING": _signs("TRAILING", "RTRIM")}
_TRIM_SIGNS["BOTH"] = {**_signs("BOTH", "TRIM"), "postgres": "BTRIM({0}, {1})"}


def _trim(node: exp.Expr, target: Target) -> exp.Expr:
    """DuckDB trims blanks only, as these engines do; signs that are given, in any order."""
    position = str(node.args.get("position") or "").upper()
    if node.args.get("collation"):
        target.refuse(node, "trim() with a collation")
    if node.expression is not None:
        return say(node, target, _TRIM_SIGNS[position or "BOTH"], node.this, node.expression)
    name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(position, "TRIM")
    return say(node, target, {"*": f"{name}({{0}})"}, node.this)


_CONTAINS: Forms = {
    "spark": "CONTAINS({0}, {1})",
    "trino": "STRPOS({0}, {1}) > 0",
    "snowflake": "CONTAINS({0}, {1})",
    "bigquery": "STRPOS({0}, {1}) > 0",
    "tsql": "CHARINDEX({1}, {0}) > 0",
    "postgres": "STRPOS({0}, {1}) > 0",
}
_STARTS: Forms = {
    "spark": "STARTSWITH({0}, {1})",
    "trino": "STARTS_WITH({0}, {1})",
    "snowflake": "STARTSWITH({0}, {1})",
    "bigquery": "STARTS_WITH({0}, {1})",
    "tsql": "LEFT({0}, LEN({1} + '|') - 1) = {1}",
    "postgres": "STARTS_WITH({0}, {1})",
}
_LENGTH: Forms = {"tsql": "(LEN({0} + '|') - 1)", "*": "LENGTH({0})"}
_SPLIT_PART: Forms = {
    "spark": "SPLIT_PART({0}, {1}, {2})",
    "trino": "COALESCE(SPLIT_PART({0}, {1}, {2}), CASE WHEN {0} IS NOT NULL THEN '' END)",
    "snowflake": "SPLIT_PART({0}, {1}, {2})",
    "bigquery": "COALESCE(SPLIT({0}, {1})[SAFE_ORDINAL({2})], CASE WHEN {0} IS NOT NULL THEN '' END)",
    "postgres": "SPLIT_PART({0}, {1}, {2})",
}


def _length(node: exp.Expr, target: Target) -> exp.Expr:
    if kind(node.this) is not Kind.TEXT:
        target.refuse(node, "length() of what is no text")
    return say(node, target, _LENGTH, node.this)


def _split_part(node: exp.Expr, target: Target) -> exp.Expr:
    text, delimiter, place = node.this, node.args["delimiter"], node.args["part_index"]
    if (
        not isinstance(place, exp.Literal)
        or place.name == "0"
        or not isinstance(delimiter, exp.Literal)
        or not delimiter.name
    ):
        target.refuse(node, "split_part() with a computed place or separator, or place 0")
    return say(node, target, _SPLIT_PART, text, delimiter, place)


TEXTS: dict[type[exp.Expr], Handler] = {
    exp.Glob: _glob,
    exp.Like: _like,
    exp.ILike: _like,
    exp.DPipe: _concat,
    exp.Concat: _concat,
    exp.Format: _format,
    exp.Trim: _trim,
    exp.Lower: same("LOWER"),
    exp.Upper: same("UPPER"),
    exp.Length: _length,
    exp.StartsWith: spelled(_STARTS, 2),
    exp.Contains: spelled(_CONTAINS, 2),
    exp.SplitPart: _split_part,
}
TEXTS_BY_NAME: dict[str, Handler] = {
    "contains": spelled(_CONTAINS, 2),
    "prefix": spelled(_STARTS, 2),
    "trim": same("TRIM"),
}
