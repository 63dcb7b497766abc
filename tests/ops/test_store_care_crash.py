"""kill -9 while tables are loaded, compacted, vacuumed and let expire: nothing is lost but what was not committed."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from fleet.records import blank_row
from fleet.tables import HEARTBEAT
from ops.home import Home, open_home
from ops.store.care import compact_table, vacuum_table
from ops.store.checking import check_table
from ops.store.delta import StoredTable
from ops.store.frames import make_frame
from ops.store.numbers import BATCHES
from ops.store.retention import expire_rows
from tests.ops.caring_process import TODAY

_PROGRAM = Path(__file__).with_name("caring_process.py")
_KILLED = -9
_DAYS, _COMMITS = 30, 2


def _make(path: Path) -> Home:
    """A home with heartbeats of thirty days."""
    home = open_home(path)
    stored = StoredTable(home.tables_dir, HEARTBEAT)
    for number in range(_COMMITS):
        at = datetime(2026, 11, 20, 1, number, tzinfo=UTC)
        times = [at - timedelta(days=day) for day in range(_DAYS)]
        rows = [{**blank_row(HEARTBEAT), "TimeGenerated": t, "Day": t.date(), "Computer": f"m-{number}"} for t in times]
        stored.commit(make_frame(HEARTBEAT, rows), BATCHES, number + 1)
    return home


def _start(home: Home, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(_PROGRAM), str(home.path), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _rows(home: Home) -> Counter[str]:
    return Counter(map(repr, StoredTable(home.tables_dir, HEARTBEAT).read().iter_rows()))


def _entries(home: Home) -> int:
    return sum(1 for _ in (home.tables_dir / HEARTBEAT.name).rglob("*"))


def _kill_when_it_has_changed(home: Home, deed: str, changes: int) -> int:
    """Kills the process as soon as so many files came or went; its exit code."""
    before = _entries(home)
    process = _start(home, deed)
    assert process.stdout is not None
    process.stdout.readline()
    while process.poll() is None and abs(_entries(home) - before) < changes:
        pass
    process.kill()
    _, errors = process.communicate(timeout=60)
    assert errors == ""
    return process.returncode


@pytest.mark.parametrize("changes", [1, *(pytest.param(n, marks=pytest.mark.soak) for n in (0, 20))])
def test_a_killed_compaction_changes_no_row(tmp_path: Path, changes: int) -> None:
    """What it had written is never read, and goes with a vacuum; the next one completes it."""
    home = _make(tmp_path / "home")
    rows = _rows(home)

    _kill_when_it_has_changed(home, "compact", changes)

    assert _rows(home) == rows
    assert check_table(home, HEARTBEAT) == ()
    assert compact_table(home, HEARTBEAT, 1.0).after.files == _DAYS
    vacuum_table(home, HEARTBEAT, 0, 1.0, dry_run=False)
    assert len(list((home.tables_dir / HEARTBEAT.name).rglob("*.parquet"))) == _DAYS
    assert _rows(home) == rows


@pytest.mark.parametrize("changes", [1, *(pytest.param(n, marks=pytest.mark.soak) for n in (0, 20))])
def test_a_killed_vacuum_takes_nothing_that_is_needed(tmp_path: Path, changes: int) -> None:
    """However far it came."""
    home = _make(tmp_path / "home")
    compact_table(home, HEARTBEAT, 1.0)
    rows = _rows(home)

    _kill_when_it_has_changed(home, "vacuum", changes)

    assert _rows(home) == rows
    assert check_table(home, HEARTBEAT) == ()
    vacuum_table(home, HEARTBEAT, 0, 1.0, dry_run=False)
    assert vacuum_table(home, HEARTBEAT, 0, 1.0, dry_run=True).files == 0


@pytest.mark.parametrize("changes", [1, pytest.param(0, marks=pytest.mark.soak)])
def test_a_killed_expiry_is_whole_or_not_done(tmp_path: Path, changes: int) -> None:
    """All old days are gone, or none."""
    home = _make(tmp_path / "home")
    rows = _rows(home)

    _kill_when_it_has_changed(home, "expire", changes)

    left = _rows(home)
    assert left.total() in (_DAYS * _COMMITS, 21 * _COMMITS)
    assert left <= rows
    expire_rows(home, HEARTBEAT, 20, TODAY, 1.0)
    assert _rows(home).total() == 21 * _COMMITS
    assert check_table(home, HEARTBEAT) == ()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Rows of three days."""
    path = tmp_path / "export.jsonl"
    rows = [{"TimeGenerated": f"2025-01-0{day}T00:00:00Z", "Computer": f"old-{day}"} for day in (1, 2, 3)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_load_that_is_killed_after_any_step_can_be_done_again(tmp_path: Path, export: Path) -> None:
    """It had loaded all or nothing, and the second time no row is there twice."""
    die_at, code = 0, _KILLED
    seen: set[int] = set()
    while code == _KILLED:
        home = open_home(tmp_path / f"home-{die_at}")
        process = _start(home, "load", str(export), str(die_at))
        _, errors = process.communicate(timeout=60)
        code = process.returncode
        assert errors == ""
        is_there = DeltaTable.is_deltatable(str(home.tables_dir / HEARTBEAT.name))
        seen.add(_rows(home).total() if is_there else 0)

        assert _start(home, "load", str(export)).wait(timeout=60) == 0
        assert _rows(home).total() == 3
        assert check_table(home, HEARTBEAT) == ()
        die_at += 1
    assert die_at > 3
    assert seen == {0, 3}
