"""The scheduled reports of an earlier instant, as they were defined then."""

import sqlite3
from datetime import UTC, datetime

from fleet.reports.schedule import ReportSchedule
from ops.state.documents import Codec, load_stored
from ops.state.report_schedules import ReportScheduleBook

_SCHEDULES = Codec(ReportSchedule)
_CHANGED_SINCE = (
    "SELECT target, before FROM audit WHERE action IN ('report.add', 'report.edit', 'report.remove') AND at > ? "
    "ORDER BY id DESC"
)


def schedules_at(connection: sqlite3.Connection, at: datetime) -> list[ReportSchedule]:
    """The scheduled reports as they were defined at ``at``, by name: those of now, with the audit undone backwards."""
    then = {each.schedule.name: each.schedule for each in ReportScheduleBook(connection).list()}
    for name, before in connection.execute(_CHANGED_SINCE, (at.astimezone(UTC).isoformat(timespec="microseconds"),)):
        then.pop(name, None)
        if before is not None:
            then[name] = load_stored(_SCHEDULES, before)
    return [then[name] for name in sorted(then, key=str.casefold)]
