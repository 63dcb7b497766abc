"""Writes the sample fleet as a home: state, tables and transcripts, by the code that writes real ones."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet.assessments import Assessment
from fleet.records import Row
from fleet.tables import CVE, find_table
from generator.era import NOW
from generator.feeds import write_feeds
from generator.kept_runs import keep_runs
from generator.roster import TRANSCRIPTS, Member
from generator.rows import rows_of
from generator.simulation import History
from generator.tables import write_table
from generator.transcripts import write_transcripts
from ops.feeds.exposure import open_exposure
from ops.home import Home, open_home
from ops.state import Actor, Audit, MachineBook, StatusBook, connect
from ops.store import TableStore

# What is committed of a home; locks and folders that are made when needed are not.
PARTS = ("version", "state.db", "tables", "feeds", TRANSCRIPTS)
_DISABLED_AT = datetime(2026, 10, 30, 14, 12, tzinfo=UTC)


def write_home(history: History, folder: Path) -> None:
    """Put the home of ``history`` into ``folder``, in the place of the one that lies there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = open_home(Path(temporary))
        cves = _write_state(home, history)
        with open_exposure(home) as exposure:
            tables = rows_of(history, exposure) | {CVE.name: cves}
        for name, rows in tables.items():
            write_table(home.tables_dir, find_table(name), rows)
        TableStore(home).publish_machines()
        write_transcripts(history, home.path / TRANSCRIPTS)
        _move(home.path, folder)
    (folder / "now.txt").write_text(f"{NOW:%Y-%m-%dT%H:%M:%SZ}\n", encoding="ascii")


def _write_state(home: Home, history: History) -> list[Row]:
    """Put machines, statuses and feeds into the state; the rows of the table Cve."""
    with closing(connect(home.state_file)) as connection:
        for box in history.boxes:
            book = MachineBook(connection, _audit_of(connection, box.member))
            book.add(replace(box.member.machine, enabled=True))
        for box in history.boxes:
            if not box.member.machine.enabled:
                actor = Actor("petra", "192.0.2.200 51544", f"patchdeck machines disable {box.member.name}")
                book = MachineBook(connection, Audit(connection, actor, lambda: _DISABLED_AT))
                book.set_enabled(box.member.name, enabled=False)
        StatusBook(connection).record(_last_assessments(history))
        keep_runs(connection, history.runs)
        cves = write_feeds(home, connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
    return cves


def _audit_of(connection: sqlite3.Connection, member: Member) -> Audit:
    at = member.machine.created_at - timedelta(minutes=1)
    actor = Actor("jonas", "192.0.2.201 40122", f"patchdeck machines add {member.name}")
    return Audit(connection, actor, lambda: at)


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
