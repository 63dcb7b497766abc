"""Scheduled reports of a home: defined, changed, removed."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fleet.deployments.schedule_checks import check_schedule
from fleet.errors import BadInput
from fleet.reports.schedule import ReportSchedule, StoredReportSchedule
from fleet.targets import select_machines
from ops.edit_conflicts import require_unchanged
from ops.enrolment import list_machines
from ops.groups import group_members
from ops.home import Home
from ops.permission import require_elsewhere
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction
from ops.state.report_schedules import ReportScheduleBook


def list_report_schedules(home: Home) -> Sequence[StoredReportSchedule]:
    """All scheduled reports, by name."""
    with opened(home.state_file) as connection:
        return ReportScheduleBook(connection).list()


def find_report_schedule(home: Home, name: str) -> StoredReportSchedule:
    """The scheduled report called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return ReportScheduleBook(connection).find(name)


def add_report_schedule(home: Home, schedule: ReportSchedule, now: datetime) -> StoredReportSchedule:
    """Keep a new scheduled report; one that is kept already in every part is left as it is.

    Raises:
        BadInput: it cannot be used, or another one has its name; UnknownName among it.
    """
    _check(home, schedule)
    with opened(home.state_file) as connection, transaction(connection):
        book = ReportScheduleBook(connection)
        schedule = replace(schedule, channels=ChannelBook(connection).check(schedule.channels))
        existing = book.get(schedule.name)
        if existing is not None and replace(existing.schedule, id=schedule.id) == schedule:
            return existing
        check_schedule(schedule.schedule, now)
        return book.add(schedule)


def change_report_schedule(
    home: Home, schedule: ReportSchedule, *, seen: ReportSchedule | None = None
) -> StoredReportSchedule:
    """Put ``schedule`` in the place of the one of its name; ``seen`` is how it was read, for who edited it for a while.

    Raises:
        UnknownName: there is none of that name.
        BadInput: it cannot be used.
        EditConflict: it is not as it was ``seen`` any more.
    """
    _check(home, schedule)
    with opened(home.state_file) as connection, transaction(connection):
        schedule = replace(schedule, channels=ChannelBook(connection).check(schedule.channels))
        book = ReportScheduleBook(connection)
        theirs = book.find(schedule.name).schedule
        require_unchanged(connection, ("report", theirs.name), seen, theirs, schedule)
        return book.replace(schedule)


def remove_report_schedule(home: Home, name: str) -> StoredReportSchedule:
    """Remove the scheduled report called ``name``, and return it.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return ReportScheduleBook(connection).remove(name)


def _check(home: Home, schedule: ReportSchedule) -> None:
    if schedule.targets:
        select_machines(schedule.targets, list_machines(home), group_members(home))
    if not schedule.folder:
        return
    folder = Path(schedule.folder)
    require_elsewhere(folder)
    if not folder.is_dir():
        raise BadInput(f"Folder {schedule.folder!r} is not there: make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput(f"Folder {schedule.folder!r} cannot be written.")
