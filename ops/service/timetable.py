"""When each machine is to be assessed: spread over its period, not all at once after a pause, sooner after a failure.

Pure: every time is an argument.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.errors import BadInput
from fleet.machines import Machine, OSType
from fleet.targets import GroupMembers, find_machines, no_groups
from ops.config import Settings
from ops.state.scheduled import LastAssessed

# Machines that are due when the service starts are assessed within 15 minutes: begun in 10, with time to answer.
CATCH_UP = timedelta(minutes=10)
# After the first attempt that did not reach a machine; each further one waits twice as long, up to the period.
FIRST_RETRY = timedelta(minutes=5)
_NEVER = "never"
_LONGEST_MINUTES = 366 * 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Override:
    """The machines of a TARGET expression are assessed every ``period``; None: never by the service."""

    target: str
    period: timedelta | None


@dataclass(frozen=True, slots=True)
class Timetable:
    """How often machines are assessed. The first of ``overrides`` that names a machine decides; ``groups`` says who is
    in a group that one names.
    """

    linux: timedelta
    windows: timedelta
    overrides: tuple[Override, ...] = ()
    refresh: timedelta | None = None
    groups: GroupMembers = no_groups


def timetable_of(settings: Settings, groups: GroupMembers = no_groups) -> Timetable:
    """The timetable that the settings ask for.

    Raises:
        BadInput: an override cannot be used.
    """
    return Timetable(
        linux=timedelta(minutes=settings.service_assess_linux_minutes),
        windows=timedelta(minutes=settings.service_assess_windows_minutes),
        overrides=tuple(map(parse_override, settings.service_assess_every)),
        refresh=timedelta(hours=settings.service_refresh_hours) if settings.service_refresh_hours else None,
        groups=groups,
    )


def parse_override(text: str) -> Override:
    """``tag:env=prod 15``: a TARGET expression and minutes, or ``never``.

    Raises:
        BadInput: it is not that.
    """
    target, _, period = text.strip().rpartition(" ")
    if target and period == _NEVER:
        return Override(target.strip(), None)
    if target and period.isdecimal() and len(period) <= 7 and 1 <= int(period) <= _LONGEST_MINUTES:
        return Override(target.strip(), timedelta(minutes=int(period)))
    raise BadInput(
        f"service.assess_every: {text!r} is not usable: write a target and minutes ('tag:env=prod 15'), or "
        "a target and never ('lab-* never')."
    )


def periods_of(machines: Sequence[Machine], timetable: Timetable) -> Mapping[str, timedelta]:
    """How often each of the machines is assessed, by id; without those that are disabled or never assessed."""
    overrides: dict[str, timedelta | None] = {}
    for override in reversed(timetable.overrides):
        overrides |= dict.fromkeys(_ids_of(override.target, machines, timetable.groups), override.period)
    periods: dict[str, timedelta] = {}
    for machine in machines:
        usual = timetable.windows if machine.os_type is OSType.WINDOWS else timetable.linux
        period = overrides.get(machine.id, usual)
        if machine.enabled and period is not None:
            periods[machine.id] = period
    return periods


def find_unused(machines: Sequence[Machine], timetable: Timetable) -> tuple[str, ...]:
    """The targets of overrides that name no machine now."""
    overrides, groups = timetable.overrides, timetable.groups
    return tuple(override.target for override in overrides if not _ids_of(override.target, machines, groups))


def due_at(machine_id: str, period: timedelta, last: LastAssessed, since: datetime, now: datetime) -> datetime:
    """When the machine is to be assessed next; past or ``now``: it is due.

    ``since`` is when the service began to watch the clock: its start, or when the clock was set or the console woke up.
    A machine has its own moment in each period. One that was assessed less than half a period before it waits for the
    next; what fell due before ``since`` is spread over the minutes after it.
    """
    known = [at for at in (last.answered_at, last.begun_at) if at is not None and at <= now + period]
    if not known:
        return _caught_up(machine_id, period, since)
    latest = max(known)
    due = _next_moment(machine_id, period, latest + period / 2)
    if last.failures and last.begun_at is not None and last.begun_at == latest:
        due = min(due, latest + min(period, FIRST_RETRY * 2 ** min(last.failures - 1, 16)))
    return _caught_up(machine_id, period, since) if due < since else due


def wants_refresh(machine_id: str, period: timedelta | None, last: LastAssessed, now: datetime) -> bool:
    """Whether the lists of the machine are to be fetched with its next assessment."""
    if period is None:
        return False
    if last.refreshed_at is None or last.refreshed_at > now + period:
        return True
    return now >= _next_moment(machine_id, period, last.refreshed_at + period / 2)


def _ids_of(target: str, machines: Sequence[Machine], groups: GroupMembers) -> list[str]:
    found, _ = find_machines([target], machines, groups)
    return [machine.id for machine in found]


def _next_moment(machine_id: str, period: timedelta, after: datetime) -> datetime:
    """The machine's own moment in a period, the first at or after ``after``."""
    offset = _share(machine_id) * period
    periods = -((_EPOCH + offset - after) // period)
    return _EPOCH + offset + periods * period


def _caught_up(machine_id: str, period: timedelta, since: datetime) -> datetime:
    return since + _share(machine_id) * min(period, CATCH_UP)


def _share(machine_id: str) -> float:
    """A number in [0, 1) that is always the same for the machine."""
    digest = hashlib.blake2b(machine_id.encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
