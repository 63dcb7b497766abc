"""The calendar of a home: the coming starts of its deployments and reports, and where their windows meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.occurrences import MOST_BETWEEN, starts_between
from fleet.deployments.start_calendar import CalendarStart, Scheduled, arrange
from fleet.deployments.window import closes_at
from fleet.errors import BadInput
from fleet.targets import find_machines
from ops.deployments.definitions import list_deployments
from ops.deployments.overview import blackouts_of
from ops.groups import group_members
from ops.home import Home
from ops.past.reports import schedules_at
from ops.scope import ScopeGuard
from ops.state.database import opened
from ops.state.deployments import StoredDeployment
from ops.state.machines import MachineBook
from ops.state.past_machines import enrolled_at
from ops.state.report_schedules import ReportScheduleBook


@dataclass(frozen=True, slots=True)
class StartCalendar:
    """The starts of a span of time, in order, and what keeps others from being told: one sentence each."""

    starts: tuple[CalendarStart, ...]
    problems: tuple[str, ...] = ()


def calendar_of(home: Home, after: datetime, until: datetime, *, at: datetime | None = None) -> StartCalendar:
    """The starts in (``after``, ``until``] of all enabled deployments and reports that have a schedule. Blocking.

    Machines are those that the targets name now, are enabled and inside the scope. With ``at``, an earlier instant,
    deployments and reports are as they were defined then and machines those that were enrolled then; groups and the
    scope are those of the present.
    """
    scheduled = [each for each in _defined(home, at) if each.deployment.schedule and each.deployment.enabled]
    problems: list[str] = []
    machines = _machines_of(home, scheduled, problems, at)
    starts: list[CalendarStart] = []
    for stored in scheduled:
        deployment, schedule = stored.deployment, stored.deployment.schedule
        assert schedule is not None
        known = machines.get(deployment.name)
        try:
            coming = starts_between(schedule, blackouts_of(deployment), after, until)
        except BadInput as error:
            problems.append(f"{deployment.name}: {error}")
            continue
        if len(coming) == MOST_BETWEEN:
            problems.append(f"{deployment.name}: only its first {MOST_BETWEEN:,} starts are shown.")
        starts += [
            CalendarStart(
                Scheduled.DEPLOYMENT,
                deployment.name,
                schedule.time_zone,
                start,
                closes_at(deployment.window, start.at),
                None if known is None else len(known),
            )
            for start in coming
        ]
    starts += _report_starts(home, (after, until), problems, at)
    return StartCalendar(arrange(starts, machines), tuple(problems))


def _defined(home: Home, at: datetime | None) -> Sequence[StoredDeployment]:
    if at is None:
        return list_deployments(home)
    from ops.past.deployments import definitions_at

    return definitions_at(home, at)


def _machines_of(
    home: Home, deployments: Sequence[StoredDeployment], problems: list[str], at: datetime | None
) -> dict[str, frozenset[str]]:
    """The ids of the machines of each deployment whose targets can be evaluated."""
    with opened(home.state_file) as connection:
        machines = MachineBook(connection).list_machines() if at is None else enrolled_at(connection, at).machines
    groups, found = group_members(home), {}
    with ScopeGuard(home) as guard:
        for stored in deployments:
            deployment = stored.deployment
            try:
                chosen, missing = find_machines(deployment.targets, machines, groups)
            except BadInput as error:
                problems.append(f"{deployment.name}: {error} Where its windows meet others is not known.")
                continue
            problems += [f"{deployment.name}: {text}" for text in missing]
            inside = guard.sift(machine for machine in chosen if machine.enabled).inside
            found[deployment.name] = frozenset(machine.id for machine in inside)
    return found


def _report_starts(
    home: Home, span: tuple[datetime, datetime], problems: list[str], at: datetime | None
) -> list[CalendarStart]:
    with opened(home.state_file) as connection:
        known = (
            [each.schedule for each in ReportScheduleBook(connection).list()]
            if at is None
            else schedules_at(connection, at)
        )
    found = []
    for each in known:
        if not each.is_enabled:
            continue
        try:
            coming = starts_between(each.schedule, (), *span)
        except BadInput as error:
            problems.append(f"report {each.name}: {error}")
            continue
        zone = each.schedule.time_zone
        found += [CalendarStart(Scheduled.REPORT, each.name, zone, start, start.at) for start in coming]
    return found
