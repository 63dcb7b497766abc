"""Forms of engines as text with places for arguments: ``MAX_BY({0}, {1})``, read in the engine's own dialect."""

from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from query.dialects.engines import Engine
from query.dialects.target import Target

# A form for each engine that has one; "*" for all that are not named.
Forms = Mapping[str, str]

PLACE = "patchdeck_argument_"
_LOOSE = (exp.Binary, exp.Not, exp.Neg, exp.Between, exp.In, exp.Is, exp.Like)
_TIGHT = (exp.Func, exp.Paren, exp.Alias, exp.Select, exp.Distinct, exp.Ordered, exp.Where, exp.Tuple, exp.Array)


def say(node: exp.Expr, target: Target, forms: Forms, *arguments: exp.Expr) -> exp.Expr:
    """The form of the target's engine with ``arguments`` in their places; refuses where it has none.

    An argument that stands in a form several times is copied.
    """
    form = forms.get(target.engine.value, forms.get("*", ""))
    if not form:
        target.refuse(node, construct_of(node))
    said = _parsed(target.engine, form).copy()
    for part in said.walk():
        part.meta.clear()
        part.meta["said"] = True
    for place in list(said.find_all(exp.Column, exp.Identifier)):
        if place.name.startswith(PLACE) and not isinstance(place.parent, exp.Column):
            argument = arguments[int(place.name.removeprefix(PLACE))].copy()
            said = _put(said, place, argument)
    said = exp.paren(said, copy=False) if isinstance(said, _LOOSE) else said
    said.meta["said"] = True
    return said


def is_said(node: exp.Expr) -> bool:
    """Whether ``node`` is part of a form, not of the text that was given."""
    return bool(node.meta.get("said"))


def construct_of(node: exp.Expr) -> str:
    """What a user calls ``node``: a function's name, else DuckDB's text of it."""
    if isinstance(node, exp.Anonymous):
        return f"{node.name.lower()}()"
    return node.sql("duckdb")


def _put(said: exp.Expr, place: exp.Expr, argument: exp.Expr) -> exp.Expr:
    if isinstance(argument, _LOOSE) and not isinstance(place.parent, _TIGHT):
        argument = exp.paren(argument, copy=False)
    if place is said:
        return argument
    place.replace(argument)
    return said


@cache
def _parsed(engine: Engine, form: str) -> exp.Expr:
    text = form
    for index in range(9):
        text = text.replace("{" + str(index) + "}", f"{PLACE}{index}")
    return sqlglot.parse_one(text, read=engine.value, error_level=sqlglot.ErrorLevel.RAISE)
