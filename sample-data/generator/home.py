"""Writes the sample fleet as a home: state, tables and transcripts, by the code that writes real ones."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from fleet.assessments import Assessment
from fleet.records import Row
from fleet.tables import CVE, MISSING_FIX, find_table
from generator.alert_history import AlertHistory, ack_deeds
from generator.alert_rules import rule_changes
from generator.alert_watch import Watch
from generator.channels import channel_deeds
from generator.deeds import Deed, perform
from generator.enrolment import enrolment_deeds
from generator.era import NOW
from generator.feeds import cve_rows, feed_deed
from generator.kept_runs import run_deeds
from generator.messages import keep_messages
from generator.report_schedules import note_reports, report_deeds
from generator.roster import TRANSCRIPTS
from generator.rows import rows_of
from generator.simulation import History
from generator.state_tables import publish_alerts, publish_audit
from generator.tables import write_table
from generator.transcripts import write_transcripts
from generator.waiting_run import WaitingRun, plan_of
from ops.alerts.evaluating import measure_rules
from ops.config import Settings
from ops.feeds.exposure import open_exposure
from ops.home import Home, open_home
from ops.state import StatusBook, connect
from ops.state.report_schedules import ReportScheduleBook
from ops.store import TableStore

# What is committed of a home; locks and folders that are made when needed are not.
PARTS = ("version", "state.db", "tables", "feeds", TRANSCRIPTS)


def write_home(history: History, folder: Path) -> None:
    """Put the home of ``history`` into ``folder``, in the place of the one that lies there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = open_home(Path(temporary))
        with closing(connect(home.state_file)) as connection:
            _fill(home, connection, history)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("VACUUM")
        write_transcripts(history, home.path / TRANSCRIPTS)
        _move(home.path, folder)
    (folder / "now.txt").write_text(f"{NOW:%Y-%m-%dT%H:%M:%SZ}\n", encoding="ascii")


def _fill(home: Home, connection: sqlite3.Connection, history: History) -> None:
    """Put state, feeds and tables into ``home``."""
    last = _last_assessments(history)
    waiting = WaitingRun(plan_of({each.machine_name: each for each in last if each.failure is None}))
    perform(connection, _deeds(home, history, waiting))
    StatusBook(connection).record(last)
    note_reports(ReportScheduleBook(connection))
    publish_audit(home, connection)
    tables = _write_tables(home, history)
    alerts = AlertHistory(rule_changes())
    alerts.live_through(history.batches, Watch(history.boxes, history.runs, tables[MISSING_FIX.name]))
    # Now, in the end, the rules are asked as the service asks them.
    findings = measure_rules(home, Settings(), alerts.rules, NOW)
    alerts.evaluate({finding.rule.id: finding.measured for finding in findings}, NOW)
    alerts.keep(connection)
    publish_alerts(home, connection)
    keep_messages(connection, [*alerts.postings, waiting.finish(connection)])


def _deeds(home: Home, history: History, waiting: WaitingRun) -> Iterator[Deed]:
    yield from enrolment_deeds(box.member for box in history.boxes)
    yield feed_deed(home)
    yield from run_deeds(history.runs)
    yield from channel_deeds()
    yield from (change.deed for change in rule_changes())
    yield from ack_deeds()
    yield from report_deeds()
    yield from waiting.deeds()


def _write_tables(home: Home, history: History) -> Mapping[str, Sequence[Row]]:
    """Write every table but those of the state; their rows."""
    with open_exposure(home) as exposure:
        tables = rows_of(history, exposure) | {CVE.name: cve_rows(home)}
    for name, rows in tables.items():
        write_table(home.tables_dir, find_table(name), rows)
    TableStore(home).publish_machines()
    return tables


def _last_assessments(history: History) -> list[Assessment]:
    """Of each machine the last assessment that it answered, and the last one; oldest first."""
    answered: dict[str, Assessment] = {}
    tried: dict[str, Assessment] = {}
    for batch in history.batches:
        for assessment in batch.assessments:
            tried[assessment.machine_id] = assessment
            if assessment.failure is None:
                answered[assessment.machine_id] = assessment
    return sorted([*answered.values(), *tried.values()], key=lambda assessment: assessment.ended_at)


def _move(source: Path, target: Path) -> None:
    for name in PARTS:
        old, new = target / name, source / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
        if new.exists():
            shutil.move(new, old)
