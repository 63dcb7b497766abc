"""Scheduled reports as rows."""

from collections.abc import Sequence
from datetime import datetime

from fleet.reports.schedule import StoredReportSchedule, next_time
from ops.cli.listing import Column, Listing

_COLUMNS = (
    Column("name", "Name"),
    Column("report", "Report"),
    Column("next", "Next, UTC"),
    Column("of", "Of", is_extra=True),
    Column("formats", "As", is_extra=True),
    Column("channels", "Channels"),
    Column("folder", "Folder"),
    Column("made_at", "Last made"),
    Column("error", "Trouble"),
    Column("enabled"),
    Column("rule"),
    Column("first"),
    Column("zone"),
    Column("days"),
    Column("targets"),
    Column("in_scope"),
    Column("description"),
)


def list_schedules(known: Sequence[StoredReportSchedule], now: datetime) -> Listing:
    """A row for each; disabled ones have no next time."""
    return Listing(_COLUMNS, [_row(stored, now) for stored in known])


def _row(stored: StoredReportSchedule, now: datetime) -> tuple[object, ...]:
    schedule = stored.schedule
    meant = ", ".join((*schedule.targets, *(["the scope"] if schedule.in_scope else [])))
    return (
        schedule.name,
        schedule.kind.value,
        next_time(stored, now) if schedule.is_enabled else None,
        meant or "all machines",
        ", ".join(schedule.formats),
        ", ".join(schedule.channels),
        schedule.folder,
        stored.made_at,
        stored.error,
        schedule.is_enabled,
        schedule.schedule.rule,
        schedule.schedule.first.isoformat(),
        schedule.schedule.time_zone,
        schedule.days or (schedule.kind.usual_days if schedule.kind.takes_period else 0),
        list(schedule.targets),
        schedule.in_scope,
        schedule.description,
    )
