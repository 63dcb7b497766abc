"""When a run is to begin, as people write it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fleet.deployments.deployment import Deployment
from fleet.deployments.zones import find_zone, to_instant
from fleet.errors import BadInput
from ops.cli.deployment_texts import read_wall_clock
from ops.deployments.run_requests import FURTHEST_START

_WITH_ZONE = re.compile(r".*(Z|[+-]\d{2}:?\d{2})")
_ONLY_CLOCK = re.compile(r"\s*\d{1,2}:\d{2}\s*")


def read_start(text: str, deployment: Deployment, now: datetime) -> datetime:
    """``2026-12-08T02:30Z``, or a wall-clock time in the schedule's zone, else in the console's: ``2026-12-08 02:30``,
    ``02:30`` (the next one).

    Raises:
        BadInput: it is no time, or not in the year to come.
    """
    try:
        at = (
            datetime.fromisoformat(text).astimezone(UTC)
            if _WITH_ZONE.fullmatch(text)
            else _local(text, deployment, now)
        )
    except (ValueError, OverflowError) as error:
        raise BadInput(f"--at: {text!r} is no time: write 'YYYY-MM-DD HH:MM', HH:MM or 2026-12-08T02:30Z.") from error
    except BadInput as error:
        raise BadInput(f"--at: {error}") from error
    if not now - timedelta(minutes=1) <= at <= now + FURTHEST_START:
        raise BadInput(f"--at: {text!r} is not within the year to come.")
    return at


def _local(text: str, deployment: Deployment, now: datetime) -> datetime:
    zone = _zone(deployment)
    today = now.astimezone(zone).date()
    at = _instant(read_wall_clock(text, today), zone)
    if _ONLY_CLOCK.fullmatch(text) and at < now:
        at = _instant(read_wall_clock(text, today + timedelta(days=1)), zone)
    return at


def _zone(deployment: Deployment) -> ZoneInfo | None:
    """None stands for the console's own zone."""
    return find_zone(deployment.schedule.time_zone) if deployment.schedule else None


def _instant(wall: datetime, zone: ZoneInfo | None) -> datetime:
    return wall.astimezone(UTC) if zone is None else to_instant(wall, zone).at
