"""Scheduled reports: made once, laid into their folder, posted with what they tell of; the duty that does it."""

import asyncio
import csv
import io
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.alerts.severity import Severity
from fleet.channels import Channel, ChannelKind
from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.errors import BadInput, QueryFailed, UnknownName
from fleet.groups.group import Group
from fleet.machines import Machine, TransportKind
from fleet.messages import Message
from fleet.reports.kinds import ReportFormat, ReportKind
from fleet.reports.report import Report
from fleet.reports.request import ReportRequest
from fleet.reports.schedule import ReportSchedule, StoredReportSchedule
from fleet.reports.tables import Citation, ReportColumn, ReportTable
from ops.config import Settings
from ops.enrolment import rename_machine
from ops.groups import define_group, remove_group
from ops.home import Home, open_home
from ops.messages.channels import remove_channel
from ops.reports import sending
from ops.reports.making import make_report
from ops.reports.schedules import add_report_schedule, change_report_schedule, list_report_schedules
from ops.reports.sending import give_up, send_report
from ops.reports.writing import report_text, write_report
from ops.service.duty import Look, Post
from ops.service.reports import MOST_TRIES, ReportsDuty
from ops.state import MachineBook, connect
from ops.state.audit import Audit
from ops.state.channels import ChannelBook
from ops.state.deployments import DeploymentBook
from ops.state.outbox import Outbox
from ops.state.past_deployments import deployments_at
from ops.state.report_schedules import ReportScheduleBook

DUE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WEEKLY = Schedule(datetime(2026, 11, 2, 6, 0), "UTC", "FREQ=WEEKLY;BYDAY=MO")  # noqa: DTZ001  # wall-clock time


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one machine that never answered."""
    home = open_home(tmp_path / "home")
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).add(Machine("id-1", "web-1", TransportKind.SSH, DUE, address="192.0.2.1"))
    return home


@pytest.fixture
def scheduled(home: Home, tmp_path: Path) -> StoredReportSchedule:
    """A weekly report into a folder and to a channel that was there."""
    folder = tmp_path / "reports"
    folder.mkdir(mode=0o750)
    report = ReportSchedule(
        "id",
        "weekly",
        ReportKind.COMPLIANCE,
        WEEKLY,
        formats=(ReportFormat.HTML, ReportFormat.CSV),
        channels=("ops",),
        folder=str(folder),
    )
    with closing(connect(home.state_file)) as connection:
        audit = Audit(connection, clock=lambda: DUE - timedelta(days=1))
        return ReportScheduleBook(connection, audit).add(report)


def posted(home: Home) -> list[Message]:
    with closing(connect(home.state_file)) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM messages ORDER BY id")]
        found = [Outbox(connection).find(each) for each in ids]
    return [each for each in found if each is not None]


def files_in(stored: StoredReportSchedule) -> list[str]:
    return sorted(path.name for path in Path(stored.schedule.folder).iterdir())


def test_report_is_laid_into_its_folder_and_posted_once(home: Home, scheduled: StoredReportSchedule) -> None:
    """Twice for the same time is once: the message has one id, and the files the same names."""
    assert send_report(home, Settings(), scheduled, DUE, DUE)
    names = files_in(scheduled)
    assert not send_report(home, Settings(), scheduled, DUE, DUE)

    assert "weekly-20261123T060000Z.html" in names
    assert {path.stat().st_mode & 0o777 for path in Path(scheduled.schedule.folder).iterdir()} == {0o640}
    assert "weekly-20261123T060000Z-machines.csv" in names
    assert files_in(scheduled) == names
    (message,) = posted(home)
    assert message.severity is Severity.INFORMATIONAL
    assert "Compliant: 0 of 1 machine." in message.text
    assert {attachment.name for attachment in message.attachments} == set(names)
    assert message.facts["Made"].endswith("by the service, by the schedule weekly")
    assert message.facts["Machines"] == "all that were enrolled: 1 machine"


def test_what_was_not_noted_is_made_again_after_a_crash(
    home: Home, scheduled: StoredReportSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files without a message, then both: nobody gets it twice, nobody misses it."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "post", die)
        with pytest.raises(KeyboardInterrupt):
            send_report(home, Settings(), scheduled, DUE, DUE)
    assert posted(home) == []
    assert list_report_schedules(home)[0].last_due is None

    assert send_report(home, Settings(), scheduled, DUE, DUE + timedelta(hours=2))

    (message,) = posted(home)
    assert "It was due at 2026-11-23 06:00 UTC" in message.text


def test_attachments_that_no_mail_server_takes_are_left_out_and_named(
    home: Home, scheduled: StoredReportSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small files go first."""
    monkeypatch.setattr(sending, "MOST_ATTACHED_BYTES", 4_000)
    send_report(home, Settings(), scheduled, DUE, DUE)

    (message,) = posted(home)
    assert 0 < sum(len(each.text) for each in message.attachments) <= 4_000
    assert "Too large to be sent: weekly-20261123T060000Z.html" in message.text


def test_cells_of_csv_are_no_formulas() -> None:
    """Whatever a machine or a package is called; numbers stay numbers."""
    columns = (ReportColumn("Computer"), ReportColumn("n", type="BIGINT"))
    table = ReportTable("machines", "M", "", columns, [("=cmd()", -3), ("@x", None)], Citation(""))
    report = Report(ReportKind.COMPLIANCE, "T", (), (), (table,))
    rows = list(csv.DictReader(io.StringIO(report_text(report, ReportFormat.CSV))))
    assert rows == [{"Computer": "'=cmd()", "n": "-3"}, {"Computer": "'@x", "n": ""}]


def test_machine_that_never_answered_is_not_compliant(home: Home) -> None:
    """It is in the figures and in the rows."""
    report = make_report(home, Settings(), ReportRequest(ReportKind.COMPLIANCE), DUE)
    assert report.table().column("Compliance") == ["not-assessed"]
    assert report.summary[0].startswith("Compliant: 0 of 1 machine. 0 of 1 can be judged")


def test_report_is_written_whole_or_not_at_all(home: Home, tmp_path: Path) -> None:
    """A folder that is not there is told, and nothing is left behind."""
    table = ReportTable("machines", "M", "", (ReportColumn("A"),), [("x",)], Citation(""))
    report = Report(ReportKind.COMPLIANCE, "T", (), (), (table,))
    with pytest.raises(QueryFailed):
        write_report(report, ReportFormat.HTML, tmp_path / "none" / "x.html")
    write_report(report, ReportFormat.HTML, tmp_path / "x.html")
    assert [path.name for path in tmp_path.glob("*.html*")] == ["x.html"]


def test_schedule_names_channels_and_folders_that_are_there(home: Home, scheduled: StoredReportSchedule) -> None:
    """What is not there is refused when it is given, not at night."""
    wanted = replace(scheduled.schedule, name="other", channels=())
    with pytest.raises(UnknownName):
        add_report_schedule(home, replace(wanted, channels=("nobody",)), DUE)
    with pytest.raises(BadInput, match="is not there"):
        add_report_schedule(home, replace(wanted, folder="/nonexistent/reports"), DUE)
    with pytest.raises(UnknownName):
        add_report_schedule(home, replace(wanted, targets=("web-99",)), DUE)
    once = add_report_schedule(home, wanted, DUE)
    assert add_report_schedule(home, replace(wanted, id="another"), DUE) == once
    with pytest.raises(BadInput, match="already"):
        add_report_schedule(home, replace(wanted, description="x"), DUE)


def test_changes_are_audited(home: Home, scheduled: StoredReportSchedule) -> None:
    """No change, no entry; what the service notes is no deed of anybody."""
    off = replace(scheduled.schedule, channels=(), is_enabled=False)
    change_report_schedule(home, off)
    change_report_schedule(home, off)
    give_up(home, scheduled, DUE, DUE, "x")
    with closing(connect(home.state_file)) as connection:
        actions = [entry.action for entry in Audit(connection).list_entries()]
    assert actions[:3] == ["report.edit", "report.add", "machine.add"]


def test_what_a_scheduled_report_names_is_neither_removed_nor_lost(home: Home, scheduled: StoredReportSchedule) -> None:
    """Its channel, its group; a machine that is renamed is followed."""
    define_group(home, Group("web", ("web-1",)))
    ops = Channel("c", "Ops", ChannelKind.COMMAND, command=("/bin/true",))
    with closing(connect(home.state_file)) as connection:
        ChannelBook(connection).put(ops)
    change_report_schedule(home, replace(scheduled.schedule, targets=("web-1", "group:web")))

    with pytest.raises(BadInput, match="report weekly"):
        remove_channel(home, "ops")
    with pytest.raises(BadInput, match="report weekly"):
        remove_group(home, "web")
    rename_machine(home, "web-1", "web-2")
    assert list_report_schedules(home)[0].schedule.targets == ("web-2", "group:web")


async def attend(duty: ReportsDuty, now: datetime) -> datetime | None:
    """One look, with all that it begins."""
    at = await duty.attend(Look(now, None, now, Settings()))
    if duty._task is not None:
        await asyncio.wait_for(asyncio.shield(duty._task), 30)
    return at


async def test_duty_makes_what_is_due_once(home: Home, scheduled: StoredReportSchedule) -> None:
    """Before its time it says when."""
    now = [DUE - timedelta(hours=1)]
    duty = ReportsDuty(Post(home, "", lambda: now[0], lambda: None))
    assert await attend(duty, now[0]) == DUE
    assert posted(home) == []

    now[0] = DUE + timedelta(seconds=3)
    await attend(duty, now[0])
    assert await attend(duty, now[0]) == DUE + timedelta(days=7)
    await attend(ReportsDuty(Post(home, "", lambda: now[0], lambda: None)), now[0])

    assert len(posted(home)) == 1
    assert list(duty.troubles()) == []


async def test_clock_that_was_wrong_does_not_end_a_report(home: Home, scheduled: StoredReportSchedule) -> None:
    """Set back from years ahead, it goes on at its next time; set back by a little, nothing is made twice."""
    ahead = DUE + timedelta(days=4 * 365)
    now = [ahead]
    duty = ReportsDuty(Post(home, "", lambda: now[0], lambda: None))
    await attend(duty, now[0])
    now[0] = DUE + timedelta(minutes=1)
    await attend(duty, now[0])
    assert len(posted(home)) == 2

    now[0] = DUE - timedelta(minutes=1)
    await attend(duty, now[0])
    now[0] = DUE + timedelta(minutes=2)
    await attend(duty, now[0])
    assert len(posted(home)) == 2


async def test_report_that_cannot_be_made_is_told_and_keeps_no_other_back(
    home: Home, scheduled: StoredReportSchedule
) -> None:
    """It is tried again, then its channels are told why, once."""
    with closing(connect(home.state_file)) as connection:
        audit = Audit(connection, clock=lambda: DUE - timedelta(days=1))
        ReportScheduleBook(connection, audit).add(replace(scheduled.schedule, id="b", name="another"))
    made: list[str] = []
    now = [DUE]

    def send(_home: Home, _settings: Settings, stored: StoredReportSchedule, due: datetime, at: datetime) -> bool:
        made.append(stored.name)
        if stored.name == "weekly":
            raise QueryFailed("the disk is full")
        return send_report(home, Settings(), stored, due, at)

    duty = ReportsDuty(Post(home, "", lambda: now[0], lambda: None), send)
    for _ in range(MOST_TRIES + 2):
        await attend(duty, now[0])
        now[0] += timedelta(minutes=6)

    assert made.count("another") == 1
    assert made.count("weekly") == MOST_TRIES
    assert [trouble.text for trouble in duty.troubles()] == ["weekly could not be made: the disk is full"]
    told = {message.title: message for message in posted(home)}
    assert told["Report weekly could not be made"].severity is Severity.ERROR
    assert len(told) == 2


async def test_report_is_not_late_while_another_waits_to_be_tried_again(
    home: Home, scheduled: StoredReportSchedule
) -> None:
    """Each waits for itself, and its trouble is told until it is settled."""
    soon = DUE + timedelta(minutes=2)
    at_soon = replace(WEEKLY, first=WEEKLY.first + timedelta(minutes=2))
    with closing(connect(home.state_file)) as connection:
        audit = Audit(connection, clock=lambda: DUE - timedelta(days=1))
        ReportScheduleBook(connection, audit).add(replace(scheduled.schedule, id="b", name="soon", schedule=at_soon))
    now, made = [DUE], list[tuple[str, datetime]]()

    def send(_home: Home, _settings: Settings, stored: StoredReportSchedule, due: datetime, at: datetime) -> bool:
        made.append((stored.name, at))
        if stored.name == "weekly":
            raise QueryFailed("the disk is full")
        return send_report(home, Settings(), stored, due, at)

    duty = ReportsDuty(Post(home, "", lambda: now[0], lambda: None), send)
    await attend(duty, now[0])
    assert await attend(duty, now[0]) == soon
    now[0] = soon
    await attend(duty, now[0])
    assert await attend(duty, now[0]) == DUE + timedelta(minutes=5)
    assert made == [("weekly", DUE), ("soon", soon)]
    assert [trouble.text for trouble in duty.troubles()] == ["weekly could not be made: the disk is full"]

    with closing(connect(home.state_file)) as connection:
        ReportScheduleBook(connection).remove("weekly")
    await attend(duty, now[0])
    assert list(duty.troubles()) == []


def test_folder_that_is_gone_is_told_in_a_line(home: Home, scheduled: StoredReportSchedule, tmp_path: Path) -> None:
    """Not as the error of a program."""
    gone = replace(scheduled, schedule=replace(scheduled.schedule, folder=str(tmp_path / "gone")))
    with pytest.raises(QueryFailed, match=r"gone cannot be written: No such file or directory\.$"):
        send_report(home, Settings(), gone, DUE, DUE)


def test_giving_up_is_noted_with_its_reason(home: Home, scheduled: StoredReportSchedule) -> None:
    """And shown where reports are listed."""
    give_up(home, scheduled, DUE, DUE, "the disk is full")
    stored = list_report_schedules(home)[0]
    assert (stored.last_due, stored.made_at, stored.error) == (DUE, None, "the disk is full")


def test_definitions_of_an_earlier_time_are_those_of_the_audit(home: Home) -> None:
    """Changed, removed and added ones since are undone."""
    now = [DUE]
    some = UpdateRules(include=(UpdateMask("vim"),))
    rules = replace(some, exclusions=(Exclusion(UpdateMask("openssl*"), "breaks"),))
    with closing(connect(home.state_file)) as connection:
        book = DeploymentBook(connection, Audit(connection, clock=lambda: now[0]))
        book.add(Deployment("kept", ("all",), rules))
        book.add(Deployment("gone", ("all",), some))
        now[0] += timedelta(hours=2)
        book.replace(Deployment("kept", ("all",), some))
        book.remove("gone")
        book.add(Deployment("new", ("all",), some))

        then = deployments_at(connection, DUE + timedelta(hours=1))

        assert deployments_at(connection, DUE - timedelta(hours=1)) == []
    assert {each.name: each.updates for each in then} == {"gone": some, "kept": rules}
