"""What is known of a deployment now: when it starts next, which machines it means, what its runs did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.deployments.deployment import Deployment
from fleet.deployments.occurrences import Start, next_start, starts_of
from fleet.deployments.runs import Run
from fleet.deployments.schedule import Blackout
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.targets import GroupMembers, find_machines
from ops.deployments.calendars import read_blackouts
from ops.deployments.definitions import list_deployments
from ops.deployments.history import OPEN_STATUSES
from ops.deployments.script_files import find_script_problems
from ops.groups import group_members
from ops.home import Home
from ops.scope import ScopeGuard, describe_left_out
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.deployments import StoredDeployment
from ops.state.machines import MachineBook
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook, StartOutcome


@dataclass(frozen=True, slots=True)
class DeploymentOverview:
    """A deployment now. ``machines`` is how many enabled machines its targets name and the scope allows, None where
    that cannot be told; ``open_runs`` wait or are in progress; ``problem`` is what stands in the way: targets that name
    nothing or are outside the scope, a group that cannot be evaluated, a calendar that cannot be read, scripts that
    cannot be run. ``last_start`` is what came of the last start of its schedule, a skipped one too.

    ``next_start`` is None without a schedule, for a disabled deployment, where there is none any more, and where the
    calendar cannot be read: ``is_calendar_unreadable``.
    """

    stored: StoredDeployment
    next_start: Start | None
    machines: int | None
    last_run: Run | None
    open_runs: tuple[Run, ...]
    problem: str = ""
    last_start: StartOutcome | None = None
    is_calendar_unreadable: bool = False

    @property
    def reach(self) -> str:
        """How many machines it means now, in words."""
        if self.machines is None:
            return "not known"
        return f"{self.machines:,} enabled machine{'' if self.machines == 1 else 's'}"


def overviews(home: Home, now: datetime | None = None, *, at: datetime | None = None) -> list[DeploymentOverview]:
    """All deployments by name, as they are at ``now`` (None: at present).

    With ``at``, an earlier instant, as they were defined then, with the machines and the runs of then; groups and the
    scope are those of the present.
    """
    if at is not None:
        from ops.past.deployments import overviews_at

        return overviews_at(home, at)
    return _look(home, list_deployments(home), now or utc_now())


def overview_of(home: Home, stored: StoredDeployment) -> DeploymentOverview:
    """The one deployment."""
    return _look(home, [stored], utc_now())[0]


def coming_starts(deployment: Deployment, now: datetime, count: int) -> tuple[Start, ...]:
    """Its next ``count`` starts, whether it is enabled or not; those that a blackout skips are among them.

    Raises:
        BadInput: its calendar of blackouts cannot be read.
    """
    schedule = deployment.schedule
    return () if schedule is None else starts_of(schedule, blackouts_of(deployment), now, count)


def blackouts_of(deployment: Deployment) -> tuple[Blackout, ...]:
    """The times in which nothing of it starts.

    Raises:
        BadInput: its calendar cannot be read.
    """
    schedule = deployment.schedule
    return read_blackouts(schedule.blackouts, schedule.time_zone) if schedule and schedule.blackouts else ()


def _look(home: Home, deployments: Sequence[StoredDeployment], now: datetime) -> list[DeploymentOverview]:
    with opened(home.state_file) as connection:
        machines = MachineBook(connection).list_machines()
        book, starts = RunBook(connection), ScheduleBook(connection)
        groups = group_members(home)
        with ScopeGuard(home) as guard:
            known = [look_at(each, machines, groups, guard, _runs_of(book, each), now) for each in deployments]
        return [replace(each, last_start=starts.last_start(each.stored.deployment.name)) for each in known]


def _runs_of(book: RunBook, stored: StoredDeployment) -> tuple[Run | None, tuple[Run, ...]]:
    name = stored.deployment.name
    last = book.list(name, limit=1)
    return last[0] if last else None, tuple(book.list(name, OPEN_STATUSES))


def look_at(
    stored: StoredDeployment,
    machines: Sequence[Machine],
    groups: GroupMembers,
    guard: ScopeGuard,
    runs: tuple[Run | None, tuple[Run, ...]],
    now: datetime,
) -> DeploymentOverview:
    """The deployment at ``now``, of ``machines``; ``runs`` are its last one and those that are open."""
    deployment = stored.deployment
    problems: list[str] = []
    start = None
    try:
        if deployment.schedule and deployment.enabled:
            start = next_start(deployment.schedule, blackouts_of(deployment), now)
    except BadInput as error:
        problems.append(str(error))
    is_unreadable = bool(problems)
    reached: int | None = None
    try:
        chosen, missing = find_machines(deployment.targets, machines, groups)
        sifted = guard.sift(machine for machine in chosen if machine.enabled)
        reached = len(sifted.inside)
        problems += (*missing, *describe_left_out(sifted.outside, len(chosen)))
        find_machines([wave.target for wave in deployment.rollout.waves], machines, groups)
    except BadInput as error:
        problems.append(str(error))
    problems += find_script_problems(deployment.scripts)
    return DeploymentOverview(stored, start, reached, *runs, " ".join(problems), is_calendar_unreadable=is_unreadable)
