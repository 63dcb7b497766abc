"""What is known of one fact of many machines, so that it can be compared with thousands of values.

Alike machines are compared once; what has an order is sorted once.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from fleet.globs import find_fitting
from fleet.groups.facts import Fact, FactKind
from fleet.groups.terms import Comparison
from fleet.status import MachineStatus

_PART = re.compile(r"[0-9]+|[^0-9.]+")
_Key = tuple[tuple[int, float, str], ...]
_Sorted = TypeVar("_Sorted", str, _Key)


class FactValues:
    """The values of ``fact`` at ``now``; ``unknown`` are the ids of the machines of which it is not known."""

    def __init__(self, fact: Fact, statuses: Iterable[MachineStatus], now: datetime) -> None:
        self._kind = fact.kind
        self._known: dict[object, list[str]] = {}
        unknown: list[str] = []
        for status in statuses:
            value = fact.read(status, now)
            (unknown if value is None else self._known.setdefault(value, [])).append(status.machine.id)
        self.unknown = frozenset(unknown)

    def fitting(self, comparison: Comparison, wanted: Sequence[str]) -> frozenset[str]:
        """The ids of the machines whose value compares with any of ``wanted``; unequal: with none of them."""
        if comparison is Comparison.EQUAL:
            return self._equal(wanted)
        if comparison is Comparison.UNEQUAL:
            return _union(self._known.values()) - self._equal(wanted)
        return _union(self._in_order(comparison, _key(self._kind, wanted[0])))

    def _equal(self, wanted: Sequence[str]) -> frozenset[str]:
        if self._kind in (FactKind.TEXT, FactKind.VERSION):
            texts, ids = self._texts
            return _union(ids[at] for pattern in wanted for at in find_fitting(texts, pattern.casefold()))
        return _union(self._by_key.get(_key(self._kind, value), ()) for value in wanted)

    def _in_order(self, comparison: Comparison, wanted: _Key) -> Sequence[Sequence[str]]:
        keys, ids = self._sorted
        if comparison is Comparison.LESS:
            return ids[: bisect_left(keys, wanted)]
        if comparison is Comparison.AT_MOST:
            return ids[: bisect_right(keys, wanted)]
        if comparison is Comparison.MORE:
            return ids[bisect_right(keys, wanted) :]
        return ids[bisect_left(keys, wanted) :]

    @cached_property
    def _texts(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        """The values as texts in lower case, sorted, each once, and the ids of the machines of each."""
        by_text: dict[str, list[str]] = {}
        for value, ids in self._known.items():
            by_text.setdefault(str(value).casefold(), []).extend(ids)
        return _unzipped(by_text)

    @cached_property
    def _by_key(self) -> dict[_Key, list[str]]:
        by_key: dict[_Key, list[str]] = {}
        for value, ids in self._known.items():
            by_key.setdefault(_key(self._kind, value), []).extend(ids)
        return by_key

    @cached_property
    def _sorted(self) -> tuple[Sequence[_Key], Sequence[Sequence[str]]]:
        return _unzipped(self._by_key)


def _unzipped(by_key: dict[_Sorted, list[str]]) -> tuple[Sequence[_Sorted], Sequence[Sequence[str]]]:
    keys = sorted(by_key)
    return keys, [by_key[key] for key in keys]


def _union(found: Iterable[Sequence[str]]) -> frozenset[str]:
    return frozenset().union(*found)


def _key(kind: FactKind, value: object) -> _Key:
    """A value that compares with others of its kind."""
    if kind is FactKind.NUMBER:
        return ((0, float(str(value)), ""),)
    if kind is FactKind.DATE:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return ((0, float(day.toordinal()), ""),)
    # Numbers count as numbers: 9.4 comes before 9.10.
    parts = _PART.findall(str(value))
    return tuple((1, float(p), "") if p.isascii() and p.isdigit() else (0, 0.0, p) for p in parts)
