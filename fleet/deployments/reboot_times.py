"""When a reboot that is asked for at a time of day is made."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from fleet.deployments.reboot_rules import RebootRules
from fleet.deployments.zones import find_zone, to_instant
from fleet.errors import BadInput

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class RebootTime:
    """When a reboot is due. ``is_within_window``: before the window closes; whether it may still be made then is for
    `fleet.deployments.window.may_reboot` to say. ``moved_from`` is as in `fleet.deployments.occurrences.Start`.
    """

    at: datetime
    is_within_window: bool
    moved_from: str = ""


def parse_clock_time(text: str) -> time:
    """``22:30`` as a time of day, 00:00 to 23:59.

    Raises:
        BadInput: it is not one.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise BadInput(f"Time of day {text!r} is not usable: write HH:MM, 00:00 to 23:59.")
    return time(int(match[1]), int(match[2]))


def reboot_due_at(rules: RebootRules, time_zone: str, now: datetime, closes_at: datetime) -> RebootTime:
    """When a machine that is ready to reboot at ``now`` reboots: at once, or at the next ``rules.at`` in ``time_zone``.

    ``now`` itself is such a time. A time of day that a change of clocks leaves out is the first instant after the gap,
    one that comes twice the first only.

    Raises:
        BadInput: the time of day or the zone cannot be used.
    """
    if not rules.at:
        return RebootTime(now, now < closes_at)
    clock, zone = parse_clock_time(rules.at), find_zone(time_zone)
    today = now.astimezone(zone).date()
    # Three days: where a zone changes sides of the date line, even tomorrow may be left out.
    for days in range(3):
        instant = to_instant(datetime.combine(today + timedelta(days=days), clock), zone)
        if instant.at >= now:
            break
    return RebootTime(instant.at.astimezone(UTC), instant.at < closes_at, instant.moved_from)
