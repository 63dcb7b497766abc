"""From the rows of an answer to one measured value for each key of a rule."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean

from fleet.alerts.measured import Instance
from fleet.alerts.records import EVALUATION
from fleet.alerts.rule import Aggregate, AlertRule, RuleKind
from fleet.alerts.wording import number_text
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean, clean_name

# Casefolded: a query may spell them as it likes.
_MACHINE_COLUMNS = ("computer", "sourcecomputerid", "machine")
_NOUNS = {RuleKind.DEPLOYMENT_RUNS: "run", RuleKind.MACHINE_RUNS: "machine run", RuleKind.QUERY: "row"}
# Of the first row, so many values are told beside those of the key.
_TOLD_VALUES = 4
_TOLD_CHARACTERS = 200
# What stands for infinity, which is no number in JSON.
_LARGEST = sys.float_info.max
_Row = Sequence[object]


def measure_rows(rule: AlertRule, columns: Sequence[str], rows: Iterable[_Row], now: datetime) -> tuple[Instance, ...]:
    """What ``rows`` come to by ``rule`` at ``now``: an instance for each key, in the order in which they come.

    A rule that is not split has one instance, also where there are no rows; one that takes a column and finds none of
    its values has none that is known.

    Raises:
        BadInput: a column that the rule names is not there (`UnknownName`), or holds what cannot be measured.
    """
    sheet = _Sheet(rule, columns)
    kept = [row for row in rows if sheet.is_within(row, now)]
    by_key: dict[str, list[_Row]] = {} if rule.split_by else {"": []}
    for row in kept:
        by_key.setdefault(sheet.key(row), []).append(row)
    return tuple(sheet.instance(key, members) for key, members in by_key.items())


def has_machines(rule: AlertRule) -> bool:
    """Whether each alert of ``rule`` is about one machine of the fleet as it is now."""
    return rule.kind is RuleKind.QUERY and _machine_column(rule) is not None


def _machine_column(rule: AlertRule) -> str | None:
    """The column of its key that names a machine, the first of `_MACHINE_COLUMNS`."""
    columns = {column.casefold(): column for column in rule.split_by}
    return next((columns[name] for name in _MACHINE_COLUMNS if name in columns), None)


class _Sheet:
    """Where in a row what stands."""

    def __init__(self, rule: AlertRule, columns: Sequence[str]) -> None:
        self._rule = rule
        self._columns = columns
        measure = rule.measure
        self._keys = [self._place(column) for column in rule.split_by]
        machine = _machine_column(rule)
        self._machine = None if machine is None else self._place(machine)
        self._value = self._place(measure.column) if measure is not None and measure.column else None
        has_time = measure is not None and rule.window_minutes > 0
        self._time = self._place(measure.time_column) if measure is not None and has_time else None

    def _place(self, column: str) -> int:
        for number, name in enumerate(self._columns):
            if name.casefold() == column.casefold():
                return number
        raise UnknownName("column in the answer", column, self._columns)

    def is_within(self, row: _Row, now: datetime) -> bool:
        """Whether the row's time lies in the window; one without a time does not."""
        if self._time is None:
            return True
        at = _time(row[self._time], self._columns[self._time])
        return at is not None and now - timedelta(minutes=self._rule.window_minutes) < at <= now

    def key(self, row: _Row) -> str:
        """What an alert of this row is about."""
        text = " / ".join(clean_name(_text(row[place])) or "(none)" for place in self._keys)
        return f"{text} " if text == EVALUATION else text

    def instance(self, key: str, rows: Sequence[_Row]) -> Instance:
        """What the rows of one key come to."""
        machine = clean_name(_text(rows[0][self._machine])) if rows and self._machine is not None else ""
        if self._value is None:
            return Instance(key, float(len(rows)), self._counted(rows), machine)
        values = {number: _number(row[self._value], self._columns[self._value]) for number, row in enumerate(rows)}
        known = {number: value for number, value in values.items() if value is not None}
        value, told = self._aggregate(known)
        column = self._columns[self._value]
        text = f"{column} {number_text(value)}" if value is not None else f"{column} is not known"
        return Instance(key, value, clean(f"{text}{self._digest(rows[told]) if rows else ''}"), machine)

    def _aggregate(self, known: Mapping[int, float]) -> tuple[float | None, int]:
        """The value, and which row is told with it."""
        if not known or self._rule.measure is None:
            return None, 0
        low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
        match self._rule.measure.aggregate:
            case Aggregate.TOTAL:
                return math.fsum(known.values()), high
            case Aggregate.AVERAGE:
                return fmean(known.values()), high
            case Aggregate.MINIMUM:
                return known[low], low
            case Aggregate.MAXIMUM:
                return known[high], high
            case Aggregate.WORST:
                return self._worst(known, low, high)

    def _worst(self, known: Mapping[int, float], low: int, high: int) -> tuple[float, int]:
        """The value that is nearest to firing: with = one that is equal, if there is any."""
        fitting = next((number for number, value in known.items() if self._rule.finds(value)), None)
        if not self._rule.comparison.is_ordered:
            return (known[high], high) if fitting is None else (known[fitting], fitting)
        return (known[low], low) if self._rule.comparison.is_downward else (known[high], high)

    def _counted(self, rows: Sequence[_Row]) -> str:
        noun = _NOUNS[self._rule.kind]
        count = f"{len(rows):,} {noun}" if len(rows) == 1 else f"{len(rows):,} {noun}s"
        return clean(f"{count}{self._digest(rows[0]) if rows else ''}")

    def _digest(self, row: _Row) -> str:
        """What else the row says, the first few values of it."""
        told = [
            f"{name} {clean(_text(value), 80)}"
            for number, (name, value) in enumerate(zip(self._columns, row, strict=True))
            if number not in self._keys and number != self._value and value is not None and value != ""
        ]
        return f": {clean(', '.join(told[:_TOLD_VALUES]), _TOLD_CHARACTERS)}" if told else ""


def _number(value: object, column: str) -> float | None:
    """A value as a number; None where it is none that is known."""
    if value is None:
        return None
    if isinstance(value, bool | int | float | Decimal):
        number = float(value)
        return None if math.isnan(number) else max(-_LARGEST, min(number, _LARGEST))
    raise BadInput(f"column {column} holds {clean(_text(value), 40)!r}, which is no number to measure.")


def _time(value: object, column: str) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise BadInput(f"column {column} holds {clean(_text(value), 40)!r}, which is no time to hold a window against.")


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return "" if value is None else str(value)
