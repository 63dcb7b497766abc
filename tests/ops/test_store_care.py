"""Tables checked, compacted, vacuumed, measured and let expire: real Delta tables, really broken."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from fleet.errors import HomeUnusable, StoreBusy
from fleet.records import blank_row
from fleet.tables import DEPLOYMENT_RUN, HEARTBEAT, MACHINE, TABLES, TableKind
from ops.config import Settings
from ops.home import Home, open_home
from ops.store.care import compact_table, vacuum_table
from ops.store.checking import check_table, forget_lost_files
from ops.store.delta import StoredTable
from ops.store.frames import make_frame
from ops.store.lock import hold_lock
from ops.store.numbers import BATCHES
from ops.store.retention import expire_rows, kept_days
from ops.store.table_stats import read_stats

TODAY = date(2026, 11, 20)
_DAYS, _COMMITS = 3, 4


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Heartbeats of three days up to today, four commits each; the rows of the current table Machine."""
    home = open_home(tmp_path / "home")
    stored = StoredTable(home.tables_dir, HEARTBEAT)
    for number in range(_DAYS * _COMMITS):
        at = datetime(2026, 11, 20, 1, tzinfo=UTC) - timedelta(days=number // _COMMITS, minutes=number)
        row = {**blank_row(HEARTBEAT), "TimeGenerated": at, "Day": at.date(), "Computer": f"m-{number}"}
        stored.commit(make_frame(HEARTBEAT, [row]), BATCHES, number + 1)
    row = {**blank_row(MACHINE), "TimeGenerated": datetime(2026, 11, 20, tzinfo=UTC), "Computer": "m"}
    StoredTable(home.tables_dir, MACHINE).commit(make_frame(MACHINE, [row]), BATCHES, 1)
    return home


def files(home: Home) -> list[Path]:
    return [Path(uri) for uri in DeltaTable(home.tables_dir / HEARTBEAT.name).file_uris()]


def computers(home: Home) -> list[str]:
    return sorted(StoredTable(home.tables_dir, HEARTBEAT).read()["Computer"])


def tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def spoil(path: Path) -> None:
    """The same size, and no Parquet any more."""
    path.write_bytes(bytes(path.stat().st_size))


def test_whole_tables_have_no_problem(home: Home) -> None:
    """Nor has a table that nothing was written to."""
    assert [problem for table in TABLES for problem in check_table(home, table)] == []


@pytest.mark.parametrize(
    ("harm", "what"), [(tear, "bytes by the log"), (spoil, "cannot be read as Parquet"), (Path.unlink, "is missing")]
)
def test_a_lost_file_is_found_and_can_be_forgotten(home: Home, harm: Callable[[Path], None], what: str) -> None:
    """Only its rows are gone then; what is left of it is kept beside the tables."""
    lost = files(home)[5]
    before = computers(home)
    harm(lost)

    (problem,) = check_table(home, HEARTBEAT)
    assert what.replace("bytes by the log", "by the log") in problem.what
    assert problem.file.endswith(lost.name)
    assert "backup" in problem.remedy

    assert [each.file for each in forget_lost_files(home, HEARTBEAT, 1.0)] == [problem.file]
    assert check_table(home, HEARTBEAT) == ()
    assert len(computers(home)) == len(before) - 1
    assert set(computers(home)) < set(before)
    assert StoredTable(home.tables_dir, HEARTBEAT).last_number(BATCHES) == _DAYS * _COMMITS


def test_forgetting_changes_nothing_in_a_whole_table(home: Home) -> None:
    """No commit, no folder."""
    before = DeltaTable(home.tables_dir / HEARTBEAT.name).version()
    assert forget_lost_files(home, HEARTBEAT, 1.0) == ()
    assert DeltaTable(home.tables_dir / HEARTBEAT.name).version() == before
    assert not home.aside_dir.exists()


def test_rows_of_another_day_and_columns_of_another_type_are_found(home: Home) -> None:
    """As another program may write them."""
    path = home.tables_dir / HEARTBEAT.name
    frame = StoredTable(home.tables_dir, HEARTBEAT).read().head(1).with_columns(Day=date(2026, 1, 1))
    write_deltalake(path, frame, mode="append")
    typed = home.tables_dir / DEPLOYMENT_RUN.name
    write_deltalake(typed, pl.DataFrame({"Status": [1], "Day": [TODAY], "TimeGenerated": [datetime(2026, 11, 20)]}))  # noqa: DTZ001

    assert [problem.what for problem in check_table(home, HEARTBEAT)] == [
        "1 of its rows are of another day than its folder"
    ]
    whats = " ".join(problem.what for problem in check_table(home, DEPLOYMENT_RUN))
    assert "it is partitioned by nothing" in whats
    assert "its column Status is Int64, not String" in whats


@pytest.mark.parametrize("text", ["", "{broken", '{"add": {}}'])
def test_a_log_that_cannot_be_read_is_told(home: Home, text: str) -> None:
    """In one line, with what to restore."""
    log = home.tables_dir / HEARTBEAT.name / "_delta_log" / f"{5:020}.json"
    log.write_text(text)
    problems = check_table(home, HEARTBEAT)
    assert problems
    assert all(len(problem.what.splitlines()) == 1 and problem.remedy for problem in problems)


def test_a_table_without_its_log_is_told(home: Home) -> None:
    """Its files are there and belong to nothing."""
    log = home.tables_dir / HEARTBEAT.name / "_delta_log"
    log.rename(log.with_name("moved"))
    assert [problem.what for problem in check_table(home, HEARTBEAT)] == [f"it has {_DAYS * _COMMITS} files and no log"]


def test_compacting_joins_days_and_keeps_the_versions_of_readers(home: Home) -> None:
    """A file a day, the same rows; the second time does nothing."""
    opened, rows = files(home), computers(home)

    done = compact_table(home, HEARTBEAT, 1.0)

    assert (done.before.files, done.after.files) == (_DAYS * _COMMITS, _DAYS)
    assert computers(home) == rows
    assert all(file.exists() for file in opened)
    assert check_table(home, HEARTBEAT) == ()
    assert compact_table(home, HEARTBEAT, 1.0).after.version == done.after.version
    assert compact_table(home, MACHINE, 1.0).after.version == 0


def test_vacuum_deletes_what_only_old_versions_need(home: Home) -> None:
    """Not before the hours are over, nothing in a dry run, and never what the newest version has."""
    opened = files(home)
    compact_table(home, HEARTBEAT, 1.0)

    assert vacuum_table(home, HEARTBEAT, None, 1.0, dry_run=False).files == 0
    told = vacuum_table(home, HEARTBEAT, 0, 1.0, dry_run=True)
    assert all(file.exists() for file in opened)
    done = vacuum_table(home, HEARTBEAT, 0, 1.0, dry_run=False)

    assert told == done
    assert done.files == _DAYS * _COMMITS
    assert done.size_bytes > 0
    assert not any(file.exists() for file in opened)
    assert check_table(home, HEARTBEAT) == ()


def test_a_busy_store_is_not_waited_for_longer_than_told(home: Home) -> None:
    """Whatever is to be done to it."""
    with hold_lock(home.store_lock, 1.0):
        for deed in (
            lambda: compact_table(home, HEARTBEAT, 0.0),
            lambda: vacuum_table(home, HEARTBEAT, 0, 0.0, dry_run=False),
            lambda: expire_rows(home, HEARTBEAT, 1, TODAY, 0.0),
            lambda: forget_lost_files(home, HEARTBEAT, 0.0),
        ):
            with pytest.raises(StoreBusy):
                deed()


def test_rows_expire_by_the_day_and_their_files_stay_for_readers(home: Home) -> None:
    """In one commit, and none where nothing is old."""
    opened = files(home)

    assert expire_rows(home, HEARTBEAT, 1, TODAY, 1.0) == 1
    assert expire_rows(home, HEARTBEAT, 1, TODAY, 1.0) == 0
    assert expire_rows(home, HEARTBEAT, None, TODAY, 1.0) == 0

    assert len(computers(home)) == 2 * _COMMITS
    assert DeltaTable(home.tables_dir / HEARTBEAT.name).version() == _DAYS * _COMMITS
    assert all(file.exists() for file in opened)


def test_runs_are_kept_for_ever_and_updates_for_two_years() -> None:
    """By default; every history table has a setting."""
    kept = {table.name: kept_days(Settings(), table) for table in TABLES if table.kind is TableKind.HISTORY}
    assert kept == {
        "UpdateHistory": 731,
        "UpdateSummary": 731,
        "Heartbeat": 731,
        "Assessment": 731,
        "UpdateRunProgress": None,
        "DeploymentRun": None,
        "MachineRun": None,
        "Alert": 731,
        "Audit": None,
    }
    assert kept_days(Settings(retention_machine_run_days=30), next(t for t in TABLES if t.name == "MachineRun")) == 30
    assert kept_days(Settings(), MACHINE) is None


def test_stats_come_from_the_log(home: Home) -> None:
    """Rows, days, ends and growth; a table that is replaced has no days and no growth."""
    stats = read_stats(home, HEARTBEAT, TODAY)
    assert (stats.rows, stats.files, stats.days, stats.rows_a_month) == (12, 12, 3, 12)
    assert stats.newest == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert stats.oldest is not None
    assert stats.oldest.date() == date(2026, 11, 18)
    assert read_stats(home, HEARTBEAT, TODAY + timedelta(days=60)).rows_a_month == 0
    machines = read_stats(home, MACHINE, TODAY)
    assert (machines.rows, machines.days, machines.rows_a_month) == (1, None, None)


def test_a_full_disk_while_compacting_leaves_the_table_as_it_was(home: Home) -> None:
    """Here the folder of a day takes no file; deltalake's error is ours, on one line."""
    day = home.tables_dir / HEARTBEAT.name / "Day=2026-11-20"
    aside = day.with_name("moved")
    rows = computers(home)
    day.rename(aside)
    day.write_text("")  # no folder: nothing can be written into it
    with pytest.raises(HomeUnusable) as failure:
        compact_table(home, HEARTBEAT, 1.0)
    day.unlink()
    aside.rename(day)

    assert len(str(failure.value).splitlines()) == 1
    assert computers(home) == rows
    assert check_table(home, HEARTBEAT) == ()
