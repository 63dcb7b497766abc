"""Which machines the next batch of scheduled assessments has, and when the one after it is. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.machines import Machine
from ops.service.timetable import Timetable, due_at, periods_of, wants_refresh
from ops.state.scheduled import LastAssessed

_NEVER_ASSESSED = LastAssessed()
# A machine that a run works on is looked at again after so long.
_LEFT_ALONE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Round:
    """The machines that are due, apart those whose lists are fetched; and when the next one is due."""

    due: tuple[Machine, ...]
    refreshing: tuple[Machine, ...]
    next_at: datetime | None

    @property
    def machines(self) -> tuple[Machine, ...]:
        """All that are due."""
        return (*self.due, *self.refreshing)


def plan_round(
    machines: Sequence[Machine],
    last: Mapping[str, LastAssessed],
    timetable: Timetable,
    *,
    busy: Collection[str],
    since: datetime,
    now: datetime,
) -> Round:
    """The machines that are due at ``now``; ``busy`` are the ids of those that runs work on."""
    due, refreshing = [], []
    later: list[datetime] = []
    periods = periods_of(machines, timetable)
    for machine in machines:
        if machine.id not in periods:
            continue
        known = last.get(machine.id, _NEVER_ASSESSED)
        at = due_at(machine.id, periods[machine.id], known, since, now)
        if at > now or machine.id in busy:
            later.append(max(at, now + _LEFT_ALONE) if machine.id in busy else at)
        elif wants_refresh(machine.id, timetable.refresh, known, now):
            refreshing.append(machine)
        else:
            due.append(machine)
    return Round(tuple(due), tuple(refreshing), min(later, default=None))
