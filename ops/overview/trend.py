"""How compliant the fleet was on each of the last days: the saved query compliance-by-day, and nothing else.

DuckDB takes tens of megabytes, which the app does not have before its query pane is opened: there the query is asked by
a process of its own, which is gone again afterwards.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any  # values of a row, of the types that the query gives

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from ops.acting_login import acting_login
from ops.config import load_settings
from ops.home import Home
from ops.permission import refusal
from ops.questions import find_query, open_engine

TREND_DAYS = 30
_QUERY = "compliance-by-day"
_COLUMNS = ("Day", "Machines", "Answered", "Compliant")
# The time limit of queries ends it before; this is for a process that hangs.
_DEADLINE_SECONDS = 120.0


class TrendFailed(PatchdeckError):
    """The process that asks for the trend did not answer."""


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
    """As `ask_trend`, in a process of its own unless this one has the query engine already, or may begin none: a
    session over SSH. Blocking.

    Raises:
        TrendFailed: that process did not answer; says why.
    """
    if "duckdb" in sys.modules or acting_login() is not None:
        return ask_trend(home, now, as_of)
    asked = json.dumps(
        {
            "home": str(home.path),
            "now": now.isoformat(),
            "as_of": as_of.isoformat() if as_of else None,
            "read_only": refusal(home.path) is not None,
        }
    )
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ops.overview.trend_process"],
            input=asked.encode(),
            capture_output=True,
            timeout=_DEADLINE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TrendFailed(
            f"The trend cannot be read: {type(error).__name__}. The figures of now are as they are."
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="replace").strip().splitlines() or ["it ended without a word"]
        raise TrendFailed(f"The trend cannot be read: {clean(said[-1], 300)}")
    return read_days(done.stdout)


def write_days(days: Sequence[TrendDay]) -> str:
    """``days`` as `read_days` reads them."""
    return json.dumps([(each.day.isoformat(), each.machines, each.answered, each.compliant) for each in days])


def read_days(text: bytes) -> list[TrendDay]:
    """What `write_days` wrote."""
    return [TrendDay(date.fromisoformat(day), *numbers) for day, *numbers in json.loads(text)]


def span_of(days: Sequence[TrendDay]) -> tuple[TrendDay, TrendDay] | None:
    """The first and the last of ``days`` of which it is known how compliant the fleet was; None where none is."""
    known = [each for each in days if each.percent is not None]
    return (known[0], known[-1]) if known else None


def _day_of(values: Sequence[Any]) -> TrendDay:
    return TrendDay(*values)
