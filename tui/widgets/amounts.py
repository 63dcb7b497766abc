"""Amounts as cells show them (``1,204``, ``3 d``, ``1.4 MiB``, ``12 of 45``), compared with those of a filter."""

import operator
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Any, NamedTuple

from tui.widgets.grades import age_in, fitting_grades, fitting_versions, grade_of, instant_of


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
# Not where the number goes on as a version, a time or a name would: ``3.0.7-1``, ``2026-11-22``, ``02:31``.
_AMOUNT = re.compile(rf" *(?>{_PART.pattern})(?![.:_+~/-])")
# The lines that may be amounts; quick, since few of a long text are looked at closely.
_LIKELY = re.compile(r"\n( *(?>[\d,]*\.?\d+)(?![.:_+~/-])[^\n]*|just now|never|in future)(?=\n)")
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


def compare_cells(cells: Sequence[str], comparison: Comparison, wanted: str, now: datetime | None = None) -> list[bool]:
    """Whether each of ``cells`` shows what stands so to the lower-case ``wanted``; nothing shown fits only ``=``.

    Without a unit ``wanted`` means days of a time, bytes of a size. A number, or a version, is compared with versions
    as such, a severity with severities, and a time with ages and an age with times where ``now`` says how old they are.
    Where it is nothing of that, cells are compared as texts, as which times in ISO form stand in their order; where it
    is an amount, a cell without fits only by being the same.
    """
    different = list(dict.fromkeys(cells))
    if len(different) < len(cells) // 2:
        verdicts = dict(zip(different, compare_cells(different, comparison, wanted, now), strict=True))
        return [verdicts[cell] for cell in cells]
    # One text for all: a call for each of 100,000 cells would take longer than typing may wait.
    whole = "\n".join(cells).lower()
    texts = whole.split("\n")
    if len(texts) != len(cells):
        texts = [cell.lower() for cell in cells]
    compare, limit, is_same = _OPERATORS[comparison], amount_of(wanted), comparison is Comparison.IS
    if limit is None:
        return _compare_without_amount(texts, comparison, wanted, now)
    fitting = {text for text in set(_LIKELY.findall(f"\n{whole}\n")) if _fits(amount_of(text), compare, limit)}
    if limit.kind == "number" and not is_same:
        fitting |= fitting_versions(whole, compare, wanted)
    if limit.kind == "time" and now is not None:
        ages = {text: age_in(text, now) for text in texts if text[:1].isdigit()}
        fitting |= {text for text, age in ages.items() if age is not None and compare(age, limit.number)}
    if is_same:
        fitting.add(wanted)
    return [text in fitting for text in texts]


def _compare_without_amount(
    texts: Sequence[str], comparison: Comparison, wanted: str, now: datetime | None
) -> list[bool]:
    compare, is_same = _OPERATORS[comparison], comparison is Comparison.IS
    if is_same:
        return [text == wanted for text in texts]
    grade = grade_of(wanted)
    if grade is not None and any(fits := fitting_grades(texts, operator.ge, 0)):
        return [fit and verdict for fit, verdict in zip(fits, fitting_grades(texts, compare, grade), strict=True)]
    fitting = fitting_versions("\n".join(texts), compare, wanted)
    if now is not None and (age := age_in(wanted, now)) is not None:
        shown = {text: amount_of(text) for text in set(_LIKELY.findall("\n".join(["", *texts, ""])))}
        fitting |= {text for text, each in shown.items() if each and each.kind == "time" and compare(age, each.number)}
        texts = ["" if text in shown and text not in fitting else text for text in texts]
    return [text in fitting or (bool(text) and _is_text(text, wanted) and compare(text, wanted)) for text in texts]


def _is_text(text: str, wanted: str) -> bool:
    """Whether they are compared letter by letter: times with times, words with words, and no version with a version."""
    is_time = instant_of(wanted) is not None or "-" in wanted
    return not wanted[:1].isdigit() or (is_time and text[:4].isdigit() and text[4:5] == "-")


def _fits(shown: Amount | None, compare: Callable[[Any, Any], bool], limit: Amount) -> bool:
    if shown is None:
        return False
    if limit.kind == "number":
        return compare(shown.number, limit.number * (_SECONDS["d"] if shown.kind == "time" else 1))
    return shown.kind == limit.kind and compare(shown.number, limit.number)


def amount_of(text: str) -> Amount | None:
    """The amount that the lower-case ``text`` begins with, None where it begins with none: ``3 min 05 s`` is 185 s."""
    found = _AMOUNT.match(text)
    if found is None:
        return _WORDS.get(text.strip())
    kind = _kind(found[2])
    if kind == "number":
        return Amount(_number(found[1]), kind)
    units = _SECONDS if kind == "time" else _BYTES
    return Amount(sum(_number(number) * units[unit] for number, unit in _PART.findall(text) if unit in units), kind)


def _kind(unit: str) -> str:
    return "time" if unit in _SECONDS else "size" if unit in _BYTES else "number"


def _number(digits: str) -> float:
    return float(digits.replace(",", "") or 0)
