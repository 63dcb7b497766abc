"""The reports of the sample home that are made from time to time."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from fleet.deployments.schedule import Schedule
from fleet.reports.kinds import ReportFormat, ReportKind
from fleet.reports.schedule import ReportSchedule, due_time
from generator.channels import MAIL
from generator.deeds import Deed
from generator.era import NOW, identity
from generator.people import AMIRA
from ops.state import Audit
from ops.state.report_schedules import ReportScheduleBook

_ZONE = "Europe/Berlin"
_ADDED_AT = datetime(2026, 10, 12, 9, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Planned:
    schedule: ReportSchedule
    command: str


def report_deeds() -> Iterator[Deed]:
    """That they were added."""
    for number, planned in enumerate(_planned()):
        yield Deed(
            _ADDED_AT.replace(minute=20 + 7 * number),
            AMIRA,
            f"patchdeck reports schedule add {planned.schedule.name} {planned.command} --zone {_ZONE} --channel {MAIL}",
            partial(_add, planned.schedule),
        )


def _add(schedule: ReportSchedule, connection: sqlite3.Connection, audit: Audit) -> None:
    ReportScheduleBook(connection, audit).add(schedule)


def note_reports(book: ReportScheduleBook) -> None:
    """Note that each was made at its last time."""
    for stored in book.list():
        if (due := due_time(stored, NOW)) is not None:
            book.note_made(stored, due, due.replace(second=3))


def _planned() -> Iterator[_Planned]:
    yield _Planned(
        ReportSchedule(
            identity("report", "compliance-weekly"),
            "compliance-weekly",
            ReportKind.COMPLIANCE,
            Schedule(datetime(2026, 10, 19, 7), _ZONE, "FREQ=WEEKLY;BYDAY=MO"),  # noqa: DTZ001 - wall clock
            (ReportFormat.HTML, ReportFormat.CSV),
            targets=("tag:env=prod",),
            channels=(MAIL,),
            description="Production, for the meeting on Mondays.",
        ),
        "compliance --rule 'FREQ=WEEKLY;BYDAY=MO' --first '2026-10-19 07:00' --target tag:env=prod --format html "
        "--format csv",
    )
    yield _Planned(
        ReportSchedule(
            identity("report", "changes-monthly"),
            "changes-monthly",
            ReportKind.CHANGE_RECORD,
            Schedule(datetime(2026, 11, 1, 6), _ZONE, "FREQ=MONTHLY;BYMONTHDAY=1"),  # noqa: DTZ001 - wall clock
            days=31,
            channels=(MAIL,),
            description="What was changed last month, for the auditors.",
        ),
        "change-record --rule 'FREQ=MONTHLY;BYMONTHDAY=1' --first '2026-11-01 06:00' --days 31",
    )
