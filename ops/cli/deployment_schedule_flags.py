"""The options of a deployment's schedule, which only together say when it starts."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fleet.deployments.deployment import Deployment
from fleet.deployments.recurrence import parse_rule
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.schedule_checks import MOST_MISSED_HOURS, check_schedule
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput
from ops.cli.deployment_options import DefinitionOptions
from ops.cli.deployment_texts import read_day, read_wall_clock
from ops.deployments.calendars import read_blackouts

_WHEN = ("once", "rule", "first")


def apply_schedule(deployment: Deployment, options: DefinitionOptions, now: datetime) -> Deployment:
    """``deployment`` with what the options of the schedule say; unchanged where none was given.

    Raises:
        BadInput: a value cannot be used, or what would make a schedule is missing.
    """
    given = {name for name in (*_WHEN, *_FIELDS) if getattr(options, name) is not None}
    if not given:
        return deployment
    if options.once is not None and (options.rule is not None or options.first is not None):
        raise BadInput("--once starts once: it goes with neither --rule nor --first.")
    schedule = _at_its_times(deployment.schedule, options, now)
    for name, (field, read) in _FIELDS.items():
        if name in given and name != "zone":
            with DefinitionOptions.naming(name):
                schedule = replace(schedule, **read(field, getattr(options, name)))
    _check(schedule, given, now)
    return replace(deployment, schedule=schedule)


def _at_its_times(before: Schedule | None, options: DefinitionOptions, now: datetime) -> Schedule:
    """The schedule as far as --once, --rule, --first and --zone make it."""
    zone = _zone(options, before)
    if options.once is not None:
        with DefinitionOptions.naming("once"):
            first, rule = read_wall_clock(options.once, now.astimezone().date()), ""
    elif options.first is not None:
        rule = options.rule if options.rule is not None else before.rule if before else ""
        if not rule:
            raise BadInput("--first belongs to --rule; for a single start there is --once.")
        with DefinitionOptions.naming("first"):
            first = read_wall_clock(options.first, now.astimezone().date())
    elif before is None:
        raise BadInput(
            "Say when with --once 'YYYY-MM-DD HH:MM', or with --rule and --first; without them nothing of a schedule "
            "can be set."
            if options.rule is None
            else "--rule needs --first: the first day and the time of day."
        )
    else:
        first, rule = before.first, before.rule if options.rule is None else options.rule
    if before is None:
        return Schedule(first, zone, rule.strip())
    return replace(before, first=first, time_zone=zone, rule=rule.strip())


def _zone(options: DefinitionOptions, before: Schedule | None) -> str:
    if options.zone is None:
        if before is None:
            raise BadInput("--zone is needed: the IANA time zone of the schedule, for example Europe/Berlin or UTC.")
        return before.time_zone
    with DefinitionOptions.naming("zone"):
        find_zone(options.zone)
    return options.zone


def _check(schedule: Schedule, given: Collection[str], now: datetime) -> None:
    if "rule" in given:
        with DefinitionOptions.naming("rule"):
            parse_rule(schedule.rule)
    by_weight = [name for name in (*_WHEN, *_FIELDS) if name in given]
    with DefinitionOptions.naming(by_weight[0]):
        check_schedule(schedule, now.astimezone(UTC))


def _day(field: str, text: str) -> Mapping[str, Any]:
    return {field: read_day(text)}


def _calendar(field: str, path: str) -> Mapping[str, Any]:
    if not path:
        return {field: ""}
    absolute = Path(path).expanduser().absolute()
    if not absolute.is_file():
        raise BadInput(f"There is no calendar {str(absolute)!r}.")
    read_blackouts(str(absolute), "UTC")  # what cannot be read at night is refused now
    return {field: str(absolute)}


def _missed(field: str, text: str) -> Mapping[str, Any]:
    if text == MissedStart.SKIP.value:
        return {field: MissedStart.SKIP, "missed_within_hours": 0.0}
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 < hours <= MOST_MISSED_HOURS:
        raise BadInput(f"{text!r} is not usable: write skip, or up to {MOST_MISSED_HOURS:g} hours.")
    return {field: MissedStart.RUN_WITHIN, "missed_within_hours": hours}


# Any: each takes what its own option holds.
_FIELDS: Mapping[str, tuple[str, Callable[[str, Any], Mapping[str, Any]]]] = MappingProxyType(
    {
        "zone": ("time_zone", lambda field, zone: {field: zone}),
        "offset_days": ("offset_days", lambda field, days: {field: days}),
        "last_day": ("last_day", _day),
        "blackouts": ("blackouts", _calendar),
        "missed": ("missed", _missed),
    }
)
