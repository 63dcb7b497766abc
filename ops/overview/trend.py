"""How compliant the fleet was on each of the last days: the saved query compliance-by-day, and nothing else.

DuckDB takes tens of megabytes, which the app does not have before its query pane is opened: there the query is asked by
a process of its own, which is gone again soon afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any  # values of a row, of the types that the query gives

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from ops.config import load_settings
from ops.home import Home
from ops.questions import find_query, open_engine

TREND_DAYS = 30
_QUERY = "compliance-by-day"
_COLUMNS = ("Day", "Machines", "Answered", "Compliant")


class TrendFailed(PatchdeckError):
    """The trend could not be asked for."""


@dataclass(frozen=True, slots=True)
class TrendDay:
    """A day: how many machines were meant, how many of them answered, and how many of those were compliant."""

    day: date
    machines: int
    answered: int
    compliant: int

    @property
    def percent(self) -> float | None:
        """Compliant ones of all; None of a day on which nobody answered: then it is not known."""
        return round(100.0 * self.compliant / self.machines, 1) if self.answered else None


def ask_trend(home: Home, now: datetime, as_of: datetime | None = None) -> list[TrendDay]:
    """The last days until ``now``, the earliest first; days before the first machine was added are left out. Blocking.

    ``as_of``: as it was known at that time.

    Raises:
        UnknownName, BadInput: the home has a query of its own in the place of the predefined one, which does not fit.
        QueryFailed, QueryTimedOut, StoreBusy: it did not come to an end.
    """
    saved = find_query(home, _QUERY)
    values = saved.values({"days": str(TREND_DAYS)})
    with open_engine(home, load_settings(home), now=now, as_of=as_of) as engine:
        result = engine.run(saved.text, values, language=saved.language)
    places = [[column.name for column in result.columns].index(name) for name in _COLUMNS]
    return [_day_of([row[place] for place in places]) for row in result.rows]


def ask_trend_apart(home: Home, now: datetime, as_of: datetime | None = None) -> list[TrendDay]:
    """As `ask_trend`, by a process of its own where that saves memory (`ops.apart.reader`). Blocking.

    Raises:
        TrendFailed: it could not be asked; says why.
    """
    from ops.apart.reader import ask_apart

    try:
        return ask_apart(home, ask_trend, now, as_of)
    except PatchdeckError as error:
        raise TrendFailed(f"The trend cannot be read: {clean(str(error), 300)}") from error


def span_of(days: Sequence[TrendDay]) -> tuple[TrendDay, TrendDay] | None:
    """The first and the last of ``days`` of which it is known how compliant the fleet was; None where none is."""
    known = [each for each in days if each.percent is not None]
    return (known[0], known[-1]) if known else None


def _day_of(values: Sequence[Any]) -> TrendDay:
    return TrendDay(*values)
