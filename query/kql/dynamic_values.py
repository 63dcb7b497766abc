"""Members and elements of dynamic values: ``d.name``, ``d["name"]``, ``d[0]``, ``d[-1]``."""

import re

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import quoted
from query.kql.text_forms import JSON_PATH
from query.kql.tree import Name, Span
from query.kql.types import KqlType

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def member_of(base: Bound, name: Name) -> Bound:
    """``base.name``; null where there is none.

    Raises:
        KqlProblem: ``base`` is not dynamic.
    """
    return _step(_dynamic(base, name.span), _key(name.text), name.text, name.span)


def element_of(base: Bound, index: Bound, span: Span, index_span: Span) -> Bound:
    """``base[index]``: a member where ``index`` is a text, else an element, from the end where it is negative.

    Raises:
        KqlProblem: ``base`` is not dynamic, or ``index`` is neither a text nor a whole number.
    """
    base = _dynamic(base, span)
    if index.is_literal and isinstance(index.literal, str):
        return _step(base, _key(index.literal), index.literal, index_span)
    if index.is_literal and isinstance(index.literal, int) and not isinstance(index.literal, bool):
        return _step(base, f"[{index.literal}]", "", index_span)
    if index.type in (KqlType.INT, KqlType.LONG):
        return Bound(f"{base.operand} -> {index.operand}", KqlType.DYNAMIC, is_atom=False)
    if index.type in (KqlType.STRING, KqlType.DYNAMIC):
        key = index.sql if index.type is KqlType.STRING else f"({index.sql} ->> '$')"
        return Bound(f"kql_member({base.sql}, {key})", KqlType.DYNAMIC)
    raise KqlProblem(f"An element is named by a whole number or a text, not by a {index.type.value}.", index_span)


def _dynamic(base: Bound, span: Span) -> Bound:
    if base.type is KqlType.DYNAMIC:
        return base
    raise KqlProblem(f"A {base.type.value} has no members: write parse_json(…) around it first.", span)


def _key(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return f".{name}"
    return '."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _step(base: Bound, step: str, name: str, span: Span) -> Bound:
    """One more step of a path: ``d -> '$.a'`` and ``.b`` are ``d -> '$.a.b'``."""
    if "*" in name or step == '.""':
        # DuckDB takes a star in a path for all members, even in quotes, and no empty name.
        return Bound(f"kql_member({base.sql}, {quoted(name, span)})", KqlType.DYNAMIC)
    match = JSON_PATH.fullmatch(base.sql)
    if match and not base.is_atom:
        path = quoted(match["path"].replace("''", "'") + step, span)
        return Bound(f"{match['base']} -> {path}", KqlType.DYNAMIC, is_atom=False)
    return Bound(f"{base.operand} -> {quoted('$' + step, span)}", KqlType.DYNAMIC, is_atom=False)
