"""A scheduled report whose time has come: made, laid into its folder, and posted to its channels, once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet.alerts.severity import Severity
from fleet.errors import QueryFailed
from fleet.messages import Attachment, Message, MessageKind
from fleet.reports.report import Report
from fleet.reports.schedule import StoredReportSchedule
from ops.config import Settings
from ops.home import Home
from ops.reports.making import make_report
from ops.reports.writing import report_files, write_file
from ops.state.database import opened, transaction
from ops.state.outbox import Outbox
from ops.state.report_schedules import ReportScheduleBook

# What mail servers take, after its files have grown by a third in base64: Gmail and Exchange stop at 20 MB and more.
MOST_ATTACHED_BYTES = 10 * 2**20
_LATE = timedelta(minutes=5)


def send_report(home: Home, settings: Settings, stored: StoredReportSchedule, due: datetime, now: datetime) -> bool:
    """Make the report that was due at ``due``, and see to it that it reaches whom it is for; whether that was done.

    Files are written first, and again after a crash; the message and the note that the time is dealt with are one
    transaction. False: somebody else has dealt with it, or removed it meanwhile. Blocking.

    Raises:
        PatchdeckError: the report could not be made, or its folder not be written.
    """
    made_by = f"the service, by the schedule {stored.name}"
    report = make_report(home, settings, stored.schedule.request(now), now, made_by)
    stem = f"{stored.name}-{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    files = [file for format_ in stored.schedule.formats for file in report_files(report, format_, stem)]
    if stored.schedule.folder:
        _lay(files, Path(stored.schedule.folder))
    with opened(home.state_file) as connection, transaction(connection):
        if not ReportScheduleBook(connection).note_made(stored, due, now):
            return False
        if stored.schedule.channels:
            Outbox(connection).post(_message(stored, report, files, due, now), stored.schedule.channels)
    return True


def _lay(files: Sequence[Attachment], folder: Path) -> None:
    """Write ``files`` into ``folder``, for those to read whom the folder lets look into it.

    The service's own umask is for the home, and nobody has chosen it for reports.

    Raises:
        QueryFailed: they cannot be written; says why.
        NotPermitted: the folder is in a home that this process does not change.
    """
    try:
        readers = folder.stat().st_mode & 0o044
        for file in files:
            write_file(folder / file.name, file.text).chmod(0o600 | readers)
    except OSError as error:
        raise QueryFailed(f"Folder {folder} cannot be written: {error.strerror or error}.") from error


def give_up(home: Home, stored: StoredReportSchedule, due: datetime, now: datetime, error: str) -> None:
    """Note that the report of ``due`` cannot be made, and tell its channels why."""
    message = Message(
        id=_message_id(stored, due),
        kind=MessageKind.REPORT,
        severity=Severity.ERROR,
        at=now,
        title=f"Report {stored.name} could not be made",
        text=f"It was due at {due.astimezone(UTC):%Y-%m-%d %H:%M} UTC. {error}",
    )
    with opened(home.state_file) as connection, transaction(connection):
        if ReportScheduleBook(connection).note_made(stored, due, now, error) and stored.schedule.channels:
            Outbox(connection).post(message, stored.schedule.channels)


def _message(
    stored: StoredReportSchedule, report: Report, files: Sequence[Attachment], due: datetime, now: datetime
) -> Message:
    attached, left = _fitting(files)
    said = [*report.summary]
    if now - due > _LATE:
        said.append(
            f"It was due at {due.astimezone(UTC):%Y-%m-%d %H:%M} UTC; the service was not at work then, or could not "
            "make it at once."
        )
    if left:
        where = f"they are in {stored.schedule.folder}" if stored.schedule.folder else "lay reports into a folder"
        said.append(f"Too large to be sent: {', '.join(file.name for file in left)}; {where}.")
    return Message(
        id=_message_id(stored, due),
        kind=MessageKind.REPORT,
        severity=Severity.INFORMATIONAL,
        at=now,
        title=f"{report.title}: {stored.name}",
        text="\n".join(said),
        facts={name: value for name, value in report.facts if value},
        attachments=tuple(attached),
    )


def _fitting(files: Sequence[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """The files that fit into a message, small ones before large ones, and those that do not."""
    attached: list[Attachment] = []
    left: list[Attachment] = []
    size = 0
    for file in sorted(files, key=lambda file: len(file.text)):
        size += len(file.text.encode())
        (attached if size <= MOST_ATTACHED_BYTES else left).append(file)
    return sorted(attached, key=files.index), left


def _message_id(stored: StoredReportSchedule, due: datetime) -> str:
    """The same for the same time of the same schedule: posted twice, it is one message."""
    return f"report-{stored.schedule.id}-{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"
