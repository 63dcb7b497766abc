"""Amounts as cells show them (``1,204``, ``3 d``, ``1.4 MiB``, ``12 of 45``), compared with those of a filter."""

import operator
import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from math import inf
from typing import Any, NamedTuple


class Comparison(StrEnum):
    """How an amount is compared."""

    AT_LEAST = ">="
    AT_MOST = "<="
    MORE = ">"
    LESS = "<"
    IS = "="


class Amount(NamedTuple):
    """An amount in seconds, in bytes or of things, ``kind`` says of which."""

    number: float
    kind: str


_SECONDS = {"ms": 0.001, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}
_BYTES = {"b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}
_PART = re.compile(r"([\d,]*\.?\d+)\s*([a-z%]*)")
# What `describe_age` says in the place of a number.
_WORDS = {"just now": Amount(0, "time"), "never": Amount(inf, "time"), "in future": Amount(-1, "time")}
# Any: two numbers or two texts.
_OPERATORS: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.LESS: operator.lt,
    Comparison.IS: operator.eq,
}


def fits_amount(cell: str, comparison: Comparison, wanted: str) -> bool:
    """Whether what the lower-case ``cell`` shows stands so to ``wanted``; what shows nothing fits nothing but ``=``.

    Without a unit ``wanted`` means days of a time, bytes of a size. Where one of both is no amount they are compared
    as texts, as which times in ISO form stand in their order.
    """
    compare = _OPERATORS[comparison]
    limit = _limit_of(wanted)
    if limit is None:
        return compare(cell, wanted) if cell or comparison is Comparison.IS else False
    shown = amount_of(cell)
    if shown is None:
        return comparison is Comparison.IS and cell == wanted
    if limit.kind == "number" and shown.kind == "time":
        limit = Amount(limit.number * _SECONDS["d"], "time")
    if limit.kind not in ("number", shown.kind):
        return False
    return compare(shown.number, limit.number)


def amount_of(text: str) -> Amount | None:
    """The amount that the lower-case ``text`` begins with, None where it begins with none: ``3 min 05 s`` is 185 s."""
    text = text.strip()
    if text in _WORDS:
        return _WORDS[text]
    found = _PART.match(text)
    if found is None or _is_of_more(text, found.end()):
        return None
    kind = _kind(found[2])
    if kind == "number":
        return Amount(_number(found), kind)
    units = _SECONDS if kind == "time" else _BYTES
    parts = [part for part in _PART.finditer(text) if part[2] in units]
    return Amount(sum(_number(part) * units[part[2]] for part in parts), kind)


@lru_cache(maxsize=16)
def _limit_of(wanted: str) -> Amount | None:
    """`amount_of` what a filter wants, which is asked once for each different cell."""
    return amount_of(wanted)


def _kind(unit: str) -> str:
    return "time" if unit in _SECONDS else "size" if unit in _BYTES else "number"


def _number(part: re.Match[str]) -> float:
    return float(part[1].replace(",", "") or 0)


def _is_of_more(text: str, end: int) -> bool:
    """Whether the number goes on as a version, a time or a name would: ``3.0.7-1``, ``2026-11-22``, ``02:31``."""
    return text[end : end + 1] in tuple(".-:_+~/")
