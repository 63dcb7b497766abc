"""The coming starts of everything that has a schedule, in one order; which of their windows meet on a machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from fleet.deployments.occurrences import Start


class Scheduled(StrEnum):
    """What starts."""

    DEPLOYMENT = "deployment"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Another start whose window is open at the same time, on ``machines`` of the same machines."""

    name: str
    at: datetime
    machines: int


@dataclass(frozen=True, slots=True)
class CalendarStart:
    """One start of one schedule.

    Args:
        kind: what starts; ``name`` what it is called, ``zone`` that of its schedule.
        start: when, in UTC and in words of its zone; one that a blackout skips says so, and opens no window.
        closes_at: when its window ends; of a report its start.
        machines: how many machines it means now; None: not known, or not a thing of machines.
        meetings: other starts, or others of its own, whose windows meet this one on the same machine.
    """

    kind: Scheduled
    name: str
    zone: str
    start: Start
    closes_at: datetime
    machines: int | None = None
    meetings: tuple[Meeting, ...] = ()

    @property
    def day(self) -> date:
        """The day on which it starts, in UTC: the calendar of all zones."""
        return self.start.at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which ``day`` lies."""
        return cls(day.year, day.month)

    def moved(self, months: int) -> "Month":
        """So many months later; earlier, where it is negative."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.moved(1).first - timedelta(days=1)

    @property
    def weeks(self) -> tuple[tuple[date, ...], ...]:
        """Its weeks from Monday to Sunday, whole: with days of the months beside it."""
        monday = self.first - timedelta(days=self.first.weekday())
        count = ((self.last - monday).days // 7) + 1
        return tuple(tuple(monday + timedelta(days=7 * week + day) for day in range(7)) for week in range(count))


def arrange(starts: Iterable[CalendarStart], machines: Mapping[str, frozenset[str]]) -> tuple[CalendarStart, ...]:
    """``starts`` by time and name, each with its meetings; ``machines`` are those of each deployment, by its name.

    Windows are [opens, closes): one that opens as another closes does not meet it. Where nobody knows the machines of a
    deployment, nothing is said.
    """
    ordered = sorted(starts, key=lambda each: (each.start.at, each.kind, each.name))
    found: dict[int, list[Meeting]] = {}
    shared: dict[tuple[str, str], int] = {}
    is_open: list[int] = []
    for index, each in enumerate(ordered):
        if not _takes_machines(each):
            continue
        is_open = [other for other in is_open if ordered[other].closes_at > each.start.at]
        for other in is_open:
            names = ordered[other].name, each.name
            if names not in shared:
                shared[names] = len(machines.get(names[0], frozenset()) & machines.get(names[1], frozenset()))
            if count := shared[names]:
                found.setdefault(other, []).append(Meeting(each.name, each.start.at, count))
                found.setdefault(index, []).append(Meeting(names[0], ordered[other].start.at, count))
        is_open.append(index)
    return tuple(replace(each, meetings=tuple(found.get(index, ()))) for index, each in enumerate(ordered))


def by_day(starts: Sequence[CalendarStart]) -> Mapping[date, Sequence[CalendarStart]]:
    """The starts of each day in UTC that has any, in their order."""
    days: dict[date, list[CalendarStart]] = {}
    for each in starts:
        days.setdefault(each.day, []).append(each)
    return days


def _takes_machines(each: CalendarStart) -> bool:
    return each.kind is Scheduled.DEPLOYMENT and not each.start.skipped
