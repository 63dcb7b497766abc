"""A report that is made from time to time, and sent or laid into a folder."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.deployments.occurrences import missed_starts, next_start
from fleet.deployments.schedule import Schedule
from fleet.deployments.schedule_checks import check_schedule_form
from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.reports.kinds import ReportFormat, ReportKind
from fleet.reports.request import LONGEST_DAYS, ReportRequest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_TARGETS = 100
_MOST_CHARACTERS = 500
# Of a time dealt with that lies further ahead a clock was wrong, and is right again; up to there nothing is made twice.
_CLOCK_ERROR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    """A scheduled report.

    Args:
        id: ours; a schedule that takes the name of another is another one.
        kind: of the report.
        schedule: when it is made. A time that was missed is made up for once, as soon as the service works again.
        formats: in which it is written.
        targets: TARGET expressions, of which a machine fits any; none: every machine.
        in_scope: only machines inside the scope.
        days: how long its period is; 0: as long as is usual. Nothing for reports of an instant.
        channels: who is told of it, with its files.
        folder: where its files are laid; empty: nowhere.
    """

    id: str
    name: str
    kind: ReportKind
    schedule: Schedule
    formats: tuple[ReportFormat, ...] = (ReportFormat.HTML,)
    targets: tuple[str, ...] = ()
    in_scope: bool = False
    days: int = 0
    channels: tuple[str, ...] = ()
    folder: str = ""
    is_enabled: bool = True
    description: str = ""

    def request(self, now: datetime) -> ReportRequest:
        """The report as it is wanted at ``now``."""
        since = now - timedelta(days=self.days) if self.days else None
        return ReportRequest(self.kind, self.targets, self.in_scope, since=since)


@dataclass(frozen=True, slots=True)
class StoredReportSchedule:
    """A scheduled report as it is kept.

    Args:
        changed_at: when it was last changed by somebody; times before are none of it.
        last_due: the last time that was dealt with; None: none yet.
        made_at: when a report was last made.
        error: why the last one was not made; empty where it was.
    """

    schedule: ReportSchedule
    changed_at: datetime
    last_due: datetime | None = None
    made_at: datetime | None = None
    error: str = ""

    @property
    def name(self) -> str:
        """The name of the schedule."""
        return self.schedule.name

    def dealt_with(self, now: datetime) -> datetime | None:
        """The last time that was dealt with; None where it lies so far ahead of ``now`` that a clock was wrong."""
        is_error = self.last_due is not None and self.last_due > now + _CLOCK_ERROR
        return None if is_error else self.last_due


def check_report_schedule(report: ReportSchedule) -> ReportSchedule:
    """``report``, if it may be kept; whether its channels, machines and folder are there is not looked at.

    Raises:
        BadInput: a name or a schedule that cannot be used, nobody who gets it, a period where it has none.
    """
    if not _NAME.fullmatch(report.name):
        raise BadInput(
            f"Name {clean(report.name, 140)!r} is not usable: up to 64 letters, digits, '.', '-' and '_', starting "
            "with a letter or digit."
        )
    if not report.formats:
        raise BadInput("A report needs a format: html, md or csv.")
    _check_receivers(report)
    _check_bounds(report)
    check_schedule_form(report.schedule)
    return report


def _check_receivers(report: ReportSchedule) -> None:
    if not report.channels and not report.folder:
        raise BadInput("Nobody would get the report: name a channel or a folder.")
    if report.folder and not report.folder.startswith("/"):
        raise BadInput(f"Folder {report.folder!r} is not usable: write the whole path, from / on.")


def _check_bounds(report: ReportSchedule) -> None:
    if report.days and not report.kind.takes_period:
        raise BadInput(f"The report {report.kind} is of one instant: days are for reports of a period.")
    if not 0 <= report.days <= LONGEST_DAYS:
        raise BadInput(f"A period of {report.days} days is not usable: 1 to {LONGEST_DAYS:,}.")
    if len(report.targets) > _MOST_TARGETS:
        raise BadInput(f"{len(report.targets)} targets are too many: at most {_MOST_TARGETS}. A group holds more.")
    if len(report.description) > _MOST_CHARACTERS:
        raise BadInput(f"The description is longer than {_MOST_CHARACTERS} characters.")


def due_time(stored: StoredReportSchedule, now: datetime) -> datetime | None:
    """The time of which a report is to be made at ``now``: the newest that was not dealt with; None: none is due."""
    if not stored.schedule.is_enabled:
        return None
    missed = missed_starts(stored.schedule.schedule, (), _since(stored, now), now)
    return missed[-1].at if missed else None


def next_time(stored: StoredReportSchedule, now: datetime) -> datetime | None:
    """When the next report is due after ``now``; None where none is any more."""
    if not stored.schedule.is_enabled:
        return None
    coming = next_start(stored.schedule.schedule, (), max(now, _since(stored, now)))
    return None if coming is None else coming.at


def _since(stored: StoredReportSchedule, now: datetime) -> datetime:
    return max(stored.changed_at, stored.dealt_with(now) or stored.changed_at)
