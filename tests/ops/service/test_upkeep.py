"""The duty of upkeep, over real tables that many small batches were written to."""

import asyncio
import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from fleet.changes import apply_assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, Run, RunStatus
from fleet.records import heartbeat_row
from fleet.tables import HEARTBEAT, UPDATE
from ops.config import Settings
from ops.deployments.folder import run_folder
from ops.deployments.new_runs import new_run
from ops.home import Home
from ops.service.upkeep import UpkeepDuty, remove_old_runs
from ops.state import connect
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook
from ops.store.delta import StoredTable
from ops.store.frames import make_frame
from ops.store.numbers import BATCHES
from ops.store.upkeep import keep_in_order
from tests.ops.service.conftest import Console, scripted
from tests.ops.storing_process import make_batch

_COMMITS = 40
_DAY = date(2026, 11, 20)


@pytest.fixture
def stored(home: Home) -> Home:
    """A home whose tables had many small commits on one day."""
    machine = scripted("a")
    (assessment,) = make_batch("s", 0, [machine, machine]).assessments[:1]
    current = apply_assessment(machine, assessment, (), None).current
    frames = {
        HEARTBEAT: make_frame(HEARTBEAT, [heartbeat_row(machine, assessment, "")]),
        UPDATE: make_frame(UPDATE, current),
    }
    for number in range(1, _COMMITS + 1):
        for table, frame in frames.items():
            StoredTable(home.tables_dir, table).commit(frame, BATCHES, number)
    return home


def _rows(home: Home, table: str) -> pl.DataFrame:
    files = DeltaTable(home.tables_dir / table).file_uris()
    return pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files], how="diagonal")


def test_the_files_of_a_day_are_joined_and_no_row_is_lost(stored: Home) -> None:
    """A reader that opened the table before still finds all its files."""
    before = DeltaTable(stored.tables_dir / HEARTBEAT.name).file_uris()
    rows = sorted(map(repr, _rows(stored, HEARTBEAT.name).iter_rows()))
    kept = keep_in_order(stored, HEARTBEAT, _DAY, 10.0)
    assert (kept.before.files, kept.after.files) == (_COMMITS, 1)
    assert sorted(map(repr, _rows(stored, HEARTBEAT.name).iter_rows())) == rows
    assert all(Path(file).exists() for file in before)


def test_the_log_of_a_table_is_trimmed_and_its_numbers_stay(stored: Home) -> None:
    """The number of the last batch too, so that none is stored twice."""
    table = stored.tables_dir / UPDATE.name
    for _ in range(2):
        keep_in_order(stored, UPDATE, _DAY, 10.0)
    assert DeltaTable(table).metadata().configuration["delta.logRetentionDuration"] == "interval 1 days"
    assert list((table / "_delta_log").glob("*.checkpoint.parquet"))
    assert StoredTable(stored.tables_dir, UPDATE).last_number(BATCHES) == _COMMITS
    assert _rows(stored, UPDATE.name).height > 0


def _run(home: Home, opened_days_ago: float, status: RunStatus, now: datetime) -> Run:
    opens_at = now - timedelta(days=opened_days_ago)
    run = replace(new_run(Deployment("d", ("all",)), opens_at, Requester("tester")), status=status)
    with closing(connect(home.state_file)) as connection:
        RunBook(connection).make(run)
    run_folder(home, run.id).note_script(b"text")
    return run


def test_folders_of_old_runs_are_removed(home: Home) -> None:
    """Only of those that are over and known; young ones, open ones and foreign folders stay."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    old = _run(home, 40, RunStatus.SUCCEEDED, now)
    kept = [_run(home, 20, RunStatus.FAILED, now).id, _run(home, 40, RunStatus.PAUSED, now).id]
    foreign = ["20200101T000000Z-abcdef", "notes"]
    for name in foreign:
        (home.runs_dir / name).mkdir()
    assert remove_old_runs(home, now - timedelta(days=30)) == 1
    assert not (home.runs_dir / old.id).exists()
    assert sorted(path.name for path in home.runs_dir.iterdir()) == sorted([*kept, *foreign])


async def test_upkeep_lets_old_rows_go_and_clears_what_was_left(console: Console) -> None:
    """By the settings of the table; a folder of a load or query that was killed days ago goes too."""
    machine = scripted("a")
    (assessment,) = make_batch("s", 0, [machine, machine]).assessments[:1]
    frame = make_frame(HEARTBEAT, [heartbeat_row(machine, assessment, "")])
    StoredTable(console.home.tables_dir, HEARTBEAT).commit(frame, BATCHES, 1)
    now = console.time.wall() + timedelta(days=1_000)
    left, fresh = (console.home.temp_dir / name for name in ("load-old", "query-now"))
    for folder, days in ((left, 3), (fresh, 0)):
        folder.mkdir(parents=True)
        os.utime(folder, times=(now.timestamp() - days * 86_400,) * 2)

    await asyncio.to_thread(UpkeepDuty(console.post(), lambda: 0)._keep, Settings(), now)

    assert DeltaTable(console.home.tables_dir / HEARTBEAT.name).file_uris() == []
    assert not left.exists()
    assert fresh.exists()


async def test_upkeep_waits_for_runs_but_not_for_ever(console: Console) -> None:
    """Due five minutes after the start, put off while a run is in work, done when a day overdue."""
    in_work = 1
    duty = UpkeepDuty(console.post(), lambda: in_work)
    first = await duty.attend(console.look())
    assert first == console.time.wall() + timedelta(minutes=5)
    console.time.true = timedelta(minutes=6)
    assert await duty.attend(console.look()) == console.time.wall() + timedelta(minutes=5)
    console.time.true = timedelta(hours=25)
    console.since = console.since - timedelta(days=1)
    await duty.attend(console.look())
    assert duty._task is not None
    await asyncio.wait({duty._task})
    with closing(connect(console.home.state_file)) as connection:
        assert ScheduleBook(connection).last_done("upkeep") == console.time.wall()
    assert duty.troubles() == []


async def test_upkeep_comes_again_after_its_period(console: Console) -> None:
    """By the settings; a clock that was set back for longer does not put it off."""
    console.settings = Settings(service_upkeep_hours=2.0)
    duty = UpkeepDuty(console.post(), lambda: 0)
    await duty.attend(console.look())
    console.time.true = timedelta(minutes=6)
    await duty.attend(console.look())
    assert duty._task is not None
    await asyncio.wait({duty._task})
    assert await duty.attend(console.look()) == console.time.wall() + timedelta(hours=2)
    console.time.offset = timedelta(days=-3)
    assert await duty.attend(console.look()) == console.since + timedelta(minutes=5)
