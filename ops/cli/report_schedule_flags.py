"""The options of a scheduled report's times."""

from dataclasses import replace
from datetime import datetime

from fleet.deployments.recurrence import parse_rule
from fleet.deployments.schedule import Schedule
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput
from ops.cli.deployment_texts import read_wall_clock


def new_schedule(rule: str | None, first: str | None, zone: str | None, now: datetime) -> Schedule:
    """The schedule that the options say.

    Raises:
        BadInput: one is missing or cannot be used.
    """
    if not rule or not first or not zone:
        raise BadInput(
            "Say when with --rule, --first and --zone: --rule 'FREQ=WEEKLY;BYDAY=MO' --first '2026-12-07 06:00' --zone "
            "UTC."
        )
    return changed_schedule(Schedule(now.replace(tzinfo=None), "UTC"), rule, first, zone, now)


def changed_schedule(
    before: Schedule, rule: str | None, first: str | None, zone: str | None, now: datetime
) -> Schedule:
    """``before`` with what the options say.

    Raises:
        BadInput: one of them cannot be used; names it.
    """
    schedule = before
    if rule is not None:
        try:
            parse_rule(rule)
        except BadInput as error:
            raise BadInput(f"--rule: {error}") from error
        schedule = replace(schedule, rule=rule.strip())
    if first is not None:
        schedule = replace(schedule, first=read_wall_clock(first, now.astimezone().date()))
    if zone is not None:
        find_zone(zone)
        schedule = replace(schedule, time_zone=zone)
    return schedule
