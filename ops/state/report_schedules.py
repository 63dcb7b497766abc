"""The book of scheduled reports: which there are, and what became of them. Every change by somebody is audited."""

import sqlite3
from dataclasses import replace
from datetime import datetime

from fleet.errors import BadInput, UnknownName
from fleet.reports.schedule import ReportSchedule, StoredReportSchedule, check_report_schedule
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_STORED = Codec(StoredReportSchedule)
_SCHEDULES = Codec(ReportSchedule)
_PUT = "INSERT OR REPLACE INTO report_schedules (name, document) VALUES (?, ?)"


class ReportScheduleBook:
    """The scheduled reports of one home. Names are unique whatever their case."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[StoredReportSchedule]:
        """All of them by name, disabled ones too."""
        rows = self._connection.execute("SELECT document FROM report_schedules ORDER BY name")
        return [load_stored(_STORED, document) for (document,) in rows]

    def get(self, name: str) -> StoredReportSchedule | None:
        """The one called ``name``, whatever the case; None where there is none."""
        row = self._connection.execute("SELECT document FROM report_schedules WHERE name = ?", (name,)).fetchone()
        return None if row is None else load_stored(_STORED, row[0])

    def find(self, name: str) -> StoredReportSchedule:
        """The one called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        stored = self.get(name)
        if stored is None:
            names = self._connection.execute("SELECT name FROM report_schedules")
            raise UnknownName("scheduled report", name, [known for (known,) in names])
        return stored

    def add(self, schedule: ReportSchedule) -> StoredReportSchedule:
        """Keep a new one, and return it as it is kept.

        Raises:
            BadInput: there is one of that name, or it cannot be kept.
        """
        check_report_schedule(schedule)
        with transaction(self._connection):
            if self.get(schedule.name) is not None:
                raise BadInput(f"There is already a scheduled report {schedule.name!r}: use reports schedule edit.")
            stored = StoredReportSchedule(schedule, self._audit.now())
            self._connection.execute(_PUT, (schedule.name, _STORED.dump(stored)))
            self._audit.record("report.add", schedule.name, None, _SCHEDULES.dump(schedule))
        return stored

    def replace(self, schedule: ReportSchedule) -> StoredReportSchedule:
        """Put ``schedule`` in the place of the one of its name; no change, no audit.

        Raises:
            UnknownName: there is none of that name.
            BadInput: it cannot be kept.
        """
        check_report_schedule(schedule)
        with transaction(self._connection):
            before = self.find(schedule.name)
            if before.schedule == schedule:
                return before
            stored = replace(before, schedule=schedule, changed_at=self._audit.now())
            self._connection.execute(_PUT, (before.name, _STORED.dump(stored)))
            documents = _SCHEDULES.dump(before.schedule), _SCHEDULES.dump(schedule)
            self._audit.record("report.edit", before.name, *documents)
        return stored

    def remove(self, name: str) -> StoredReportSchedule:
        """Remove the one called ``name``, and return it; what it made stays.

        Raises:
            UnknownName: there is none.
        """
        with transaction(self._connection):
            stored = self.find(name)
            self._connection.execute("DELETE FROM report_schedules WHERE name = ?", (name,))
            self._audit.record("report.remove", stored.name, _SCHEDULES.dump(stored.schedule), None)
        return stored

    def note_made(self, seen: StoredReportSchedule, due: datetime, at: datetime, error: str = "") -> bool:
        """Note that the time ``due`` of ``seen`` is dealt with at ``at``; that is no deed of anybody, and not audited.

        False: it was dealt with already, or the schedule is gone or another one by now; then nothing is noted.
        """
        with transaction(self._connection):
            stored = self.get(seen.name)
            if stored is None or stored.schedule.id != seen.schedule.id:
                return False
            last_due = stored.dealt_with(at)
            if last_due is not None and last_due >= due:
                return False
            made_at = stored.made_at if error else at
            stored = replace(stored, last_due=due, made_at=made_at, error=error)
            self._connection.execute(_PUT, (stored.name, _STORED.dump(stored)))
        return True
