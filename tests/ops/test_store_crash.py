"""The tables survive kill -9 at any moment: what was accepted is stored whole and once, and readers see no parts."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import polars as pl
import pytest
from deltalake import DeltaTable

from fleet.machines import Machine, TransportKind
from fleet.status import MachineStatus
from fleet.tables import ASSESSMENT, HEARTBEAT, MACHINE, UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY, Table
from ops.home import Home, open_home
from ops.state import MachineBook, StatusBook, connect
from ops.store import TableStore

_PROGRAM = Path(__file__).with_name("storing_process.py")
_KILLED = -9
_TABLES = (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, UPDATE_HISTORY, UPDATE, MACHINE)
_MACHINES = 4
_SHARES = 6


@pytest.fixture
def make_home(tmp_path: Path) -> Callable[[str], Home]:
    """Makes homes with four machines, all alike."""

    def make(name: str) -> Home:
        home = open_home(tmp_path / name)
        with closing(connect(home.state_file)) as connection:
            book = MachineBook(connection)
            for number in range(_MACHINES):
                book.add(Machine(f"id-{number}", f"m-{number}", TransportKind.LOCAL, datetime(2026, 11, 1, tzinfo=UTC)))
        return home

    return make


def _start(home: Home, name: str, count: int, die_at: int = -1, first: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(_PROGRAM), str(home.path), name, *map(str, (first, count, die_at))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _finish(process: subprocess.Popen[str]) -> int:
    _, errors = process.communicate(timeout=120)
    assert errors == ""
    return process.returncode


def _read(home: Home, table: Table) -> pl.DataFrame:
    path = home.tables_dir / table.name
    files = DeltaTable(path).file_uris() if DeltaTable.is_deltatable(str(path)) else []
    stored = [pl.read_parquet(file, hive_partitioning=False) for file in files]
    return pl.concat(stored, how="diagonal") if stored else pl.DataFrame()


def _contents(home: Home) -> dict[str, list[str]]:
    return {table.name: sorted(map(repr, _read(home, table).iter_rows())) for table in _TABLES}


def _statuses(home: Home) -> list[MachineStatus]:
    with closing(connect(home.state_file)) as connection:
        return StatusBook(connection).list_statuses()


def _batches(home: Home) -> Counter[str]:
    stored = _read(home, ASSESSMENT)
    return Counter(stored["BatchId"].to_list() if len(stored) else [])


@pytest.mark.parametrize("first", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, _SHARES))])
def test_kill_at_any_step_loses_and_repeats_nothing(make_home: Callable[[str], Home], first: int) -> None:
    """Killed after each step in turn, the next writer completes the batch, and the tables are as without the crash.
    `make test` has every sixth step, `make soak` the others.
    """
    undisturbed = make_home("undisturbed")
    assert _finish(_start(undisturbed, "scan", 2)) == 0
    expected, die_at, code = _contents(undisturbed), first, _KILLED

    while code == _KILLED:
        home = make_home(f"killed-{die_at}")
        code = _finish(_start(home, "scan", 2, die_at))
        after_crash = _batches(home)
        TableStore(home).publish_machines()
        if len(_batches(home)) < 2:  # the second scan was not made yet
            assert _finish(_start(home, "scan", 2, first=1)) == 0

        assert set(after_crash.values()) <= {_MACHINES}
        assert _contents(home) == expected, f"killed at step {die_at}"
        assert _statuses(home) == _statuses(undisturbed)
        assert list(home.pending_dir.iterdir()) == []
        die_at += _SHARES

    assert die_at > 20


def test_kill_while_replaying_is_survived(make_home: Callable[[str], Home]) -> None:
    """A replay that is killed after each of its steps is itself completed by the next."""
    undisturbed = make_home("undisturbed")
    assert _finish(_start(undisturbed, "scan", 1)) == 0
    home, die_at, code = make_home("home"), 0, _KILLED
    assert _finish(_start(home, "scan", 1, 3)) == _KILLED

    while code == _KILLED:
        code = _finish(_start(home, "scan", 0, die_at))
        die_at += 1
    TableStore(home).publish_machines()

    assert die_at > 3
    assert _contents(home) == _contents(undisturbed)


@pytest.mark.soak
def test_kill_at_any_moment_leaves_whole_batches(make_home: Callable[[str], Home]) -> None:
    """Killed in the middle of whatever it was doing: what it had accepted is there, once and whole."""
    home = make_home("home")
    accepted = 0
    for round_number in range(3):
        process = _start(home, f"round{round_number}", 200)
        assert process.stdout is not None
        for _ in range(1 + round_number * 2):
            accepted += bool(process.stdout.readline())
        process.kill()
        accepted += len(process.communicate(timeout=120)[0].splitlines())

        TableStore(home).replay()

        stored = _batches(home)
        assert set(stored.values()) == {_MACHINES}
        # A batch may have been accepted without the line having been printed.
        assert accepted <= len(stored) <= accepted + round_number + 1
        assert _read(home, UPDATE_SUMMARY).height == len(stored) * (_MACHINES - 1)


@pytest.mark.soak
def test_processes_write_at_the_same_time_while_others_read(make_home: Callable[[str], Home]) -> None:
    """Three writers of the same machines and a reader: every batch is stored, and none is ever seen in part."""
    home = make_home("home")
    seen: list[Counter[str]] = []
    done = Event()
    reader = Thread(target=lambda: seen.extend(_watch(home, done)))
    reader.start()

    writers = [_start(home, name, 3) for name in ("anna", "bert", "cleo")]
    codes = [_finish(writer) for writer in writers]
    done.set()
    reader.join()

    assert codes == [0, 0, 0]
    assert _batches(home) == {f"{name}-{n}": _MACHINES for name in ("anna", "bert", "cleo") for n in range(3)}
    assert {count for look in seen for count in look.values()} <= {_MACHINES}
    assert len(seen) > 3
    _assert_current_is_what_history_says(home)


def _watch(home: Home, done: Event) -> Iterator[Counter[str]]:
    while not done.is_set():
        yield _batches(home)


def _assert_current_is_what_history_says(home: Home) -> None:
    key = ["SourceComputerId", "Product", "ProductArch"]
    told = ["ProductVersion", "InstalledVersion", "Classification"]
    latest = _read(home, UPDATE_HISTORY).sort("TimeGenerated").group_by(key, maintain_order=True).last()
    needed = latest.filter(pl.col("UpdateState") == "Needed").select(*key, *told).sort(key)
    assert needed.equals(_read(home, UPDATE).select(*key, *told).sort(key))
