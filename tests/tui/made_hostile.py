"""A home with hostile text in every field that somebody may fill: machines, runs, definitions, the audit."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from fleet.alerts.records import Acknowledgement, AlertState
from fleet.alerts.rule import QueryMeasure
from fleet.alerts.severity import Severity as AlertSeverity
from fleet.approvals import Approval
from fleet.assessments import Assessment
from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.deployments.runs import InstallationStatus, MachineRunStatus
from fleet.deployments.schedule import Schedule
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.groups.group import Group
from fleet.importing.source import Source
from fleet.machines import Machine
from fleet.persons import Person
from fleet.profiles import Profile
from fleet.reports.kinds import ReportKind
from fleet.reports.schedule import ReportSchedule
from fleet.scope import Scope
from fleet.updates import Blocker
from ops.asked_queries import AskedQuery, remember_query
from ops.deployments import events
from ops.home import Home
from ops.state.alerts import AlertBook
from ops.state.approvals import ApprovalBook
from ops.state.audit import Audit
from ops.state.candidates import CandidateBook
from ops.state.channels import ChannelBook
from ops.state.database import connect
from ops.state.deployments import DeploymentBook
from ops.state.documents import Codec
from ops.state.machines import MachineBook
from ops.state.report_schedules import ReportScheduleBook
from ops.typed_lines import TypedLine, remember_line
from query.language import QueryLanguage
from tests.tui.hostile_values import HOSTILE, NOW, Maker
from tests.tui.made_runs import make_outcome
from tests.tui.made_tellings import ANNA, MAIL, OVERDUE, Texts, make_open, make_told_home

if TYPE_CHECKING:
    from tests.tui.made_runs import MadeRun

HOSTILE_ID = "50000000-0000-4000-8000-000000000001"
TEXTS = Texts(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
SETTING = '[storage]\nprofile = "[@click=app.boom]x[/] \\u202e"\n'


def hostile_assessments(machines: Iterable[Machine], made: Callable[[Machine, int], Assessment]) -> list[Assessment]:
    """What machines answer: every text of facts, updates, findings and failures."""
    found = []
    for number, machine in enumerate(machines):
        good = made(machine, 8)
        facts = replace(good.facts, os_full_name=HOSTILE, kernel=HOSTILE, reboot_reason=HOSTILE, fqdn=HOSTILE)
        spoilt = {"name": f"{number} {HOSTILE}", "offered_version": HOSTILE, "repository": HOSTILE}
        updates = tuple(
            replace(each, **spoilt, blocker=Blocker.HELD, blocker_detail=HOSTILE)  # type: ignore[arg-type]
            for each in good.updates[:2]
        )
        finding = Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, HOSTILE, HOSTILE)
        failure = Failure(FailureKind.LOGIN_REFUSED, HOSTILE, HOSTILE, HOSTILE) if number % 5 == 4 else None
        kept = () if failure else updates
        found.append(replace(good, facts=facts, updates=kept, findings=(finding,), failure=failure, ended_at=NOW))
    return found


def spoil_run(live: "MadeRun") -> None:
    """Puts hostile text wherever a machine, or a script, may put some."""
    machine = live.machines[1]
    who = (machine.machine_id, machine.machine_name)
    outcome = replace(make_outcome(HOSTILE, InstallationStatus.INSTALL_FAILED), error=HOSTILE, log_excerpt=HOSTILE)
    finding = Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, HOSTILE, HOSTILE)
    spoilt = replace(machine, status=MachineRunStatus.FAILED, error=HOSTILE, outcomes=(outcome,), findings=(finding,))
    live.save(spoilt)
    live.folder.put_log(
        machine.machine_name, 0, b"\x1b]52;c;aGk=\x07\x9b31m\x00 \xff\xfe\r\n" + HOSTILE.encode() + b"\n" * 3
    )
    live.folder.note_command(machine.machine_name, NOW, HOSTILE, 0.1, 0)
    live.tell(
        events.MachineProgress(NOW, *who, 1e9, HOSTILE, HOSTILE),
        events.MachineNote(NOW, *who, HOSTILE),
        events.MachineOver(NOW, *who, MachineRunStatus.FAILED, HOSTILE),
        events.MachineProgress(NOW, live.machines[2].machine_id, live.machines[2].machine_name, -5.0, HOSTILE, HOSTILE),
        events.RunNote(NOW, HOSTILE),
        events.GateFailed(NOW, 0, (HOSTILE, HOSTILE)),
    )
    live.save_run(note=HOSTILE, requester=replace(live.run.requester, reason=HOSTILE, ssh_client=HOSTILE))


def spoil_home(home: Home, maker: Maker) -> None:
    """Definitions as nobody can make them, alerts, messages, candidates, and an audit of hostile deeds.

    The checks of rules, channels and scheduled reports must be off.
    """
    make_told_home(home, TEXTS)
    with closing(connect(home.state_file)) as connection:
        _spoil_tellings(connection)
        for table, kind in (("groups", Group), ("profiles", Profile), ("sources", Source)):
            value = replace(maker.make(kind), name=HOSTILE)
            document = Codec(kind).dump(value)
            connection.execute(f"INSERT INTO {table} (name, document) VALUES (?, ?)", (HOSTILE, document))
        everybody = Codec(Group).dump(Group("everybody", ("all",)))
        connection.execute("INSERT INTO groups (name, document) VALUES ('everybody', ?)", (everybody,))
        connection.execute(
            "INSERT INTO scope (id, document) VALUES (1, ?)", (Codec(Scope).dump(Scope((HOSTILE, "everybody"))),)
        )
        _spoil_names(connection)
        CandidateBook(connection).put(
            Candidate(
                "id-1", HOSTILE, CandidateOrigin.TOKEN, CandidateState.PENDING, NOW, NOW, HOSTILE,
                came_from=HOSTILE, system=HOSTILE, host_keys=(HOSTILE,), tags={"a": HOSTILE}, note=HOSTILE,
            )
        )  # fmt: skip
        connection.commit()
    (home.path / "config.toml").write_text(SETTING)
    remember_query(home, AskedQuery(NOW, f"SELECT '{HOSTILE}'", QueryLanguage.SQL, ((HOSTILE, HOSTILE),)))
    for sign in ":/":
        remember_line(home, TypedLine(sign, HOSTILE))


def _spoil_names(connection: sqlite3.Connection) -> None:
    """A deployment and a machine that are called so, first in their lists."""
    book = DeploymentBook(connection)
    due = book.find("caches").deployment
    spoilt = replace(due, name=HOSTILE, description=HOSTILE)
    columns = "name, document, source, source_format, source_folder, revision, changed_at, changed_by"
    others = columns.partition("document, ")[2]
    connection.execute(
        f"INSERT INTO deployments ({columns}) SELECT ?, ?, {others} FROM deployments WHERE name = 'caches'",
        (HOSTILE, Codec(type(spoilt)).dump(spoilt)),
    )
    machine = MachineBook(connection).list_machines()[0]
    tags = {HOSTILE: HOSTILE}
    spoilt_machine = replace(machine, id=HOSTILE_ID, name=HOSTILE, address=HOSTILE, user=HOSTILE, tags=tags)
    connection.execute(
        "INSERT INTO machines (id, name, document, revision) SELECT ?, ?, ?, max(revision) + 1 FROM machines",
        (HOSTILE_ID, HOSTILE, Codec(Machine).dump(spoilt_machine)),
    )


def _spoil_tellings(connection: sqlite3.Connection) -> None:
    measure = QueryMeasure(HOSTILE, ((HOSTILE, HOSTILE),), column=HOSTILE)
    rule = replace(OVERDUE, id=HOSTILE_ID, name=HOSTILE, description=HOSTILE, measure=measure, channels=(HOSTILE,))
    book = AlertBook(connection)
    book.put(replace(rule, split_by=(HOSTILE,), severity=AlertSeverity.CRITICAL))
    record, event = make_open(rule, HOSTILE, 10, TEXTS)
    book.keep_records(rule.id, [record], [])
    book.add_events([event])
    record, event = make_open(OVERDUE, HOSTILE, 9, TEXTS)
    book.keep_records(OVERDUE.id, [replace(record, acknowledgement=Acknowledgement(HOSTILE, NOW, HOSTILE, 1.0))], [])
    book.add_events([replace(event, state=AlertState.ACKNOWLEDGED, caller=HOSTILE, note=HOSTILE, rule_name=HOSTILE)])
    ChannelBook(connection).put(
        replace(MAIL, id=HOSTILE_ID, name=HOSTILE, address=HOSTILE, command=(HOSTILE,), title=HOSTILE, text=HOSTILE)
    )
    texts, when = (HOSTILE,), Schedule(NOW.replace(tzinfo=None), "UTC")
    report = ReportSchedule(
        HOSTILE_ID, HOSTILE, ReportKind.COMPLIANCE, when, targets=texts, channels=texts, folder=HOSTILE
    )
    reports = ReportScheduleBook(connection)
    assert reports.note_made(reports.add(report), NOW, NOW, HOSTILE)
    ApprovalBook(connection).give(Approval(HOSTILE, "ab" * 32, Person((7,), HOSTILE), NOW, HOSTILE))
    actor = replace(ANNA, user=HOSTILE, ssh_client=HOSTILE, command=HOSTILE)
    document = json.dumps({HOSTILE: HOSTILE, "list": [HOSTILE, {"name": HOSTILE}], "text": f"a\n{HOSTILE}\nb"})
    Audit(connection, actor, clock=lambda: NOW + timedelta(days=3_650)).record(HOSTILE, HOSTILE, document, None)
