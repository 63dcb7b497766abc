"""Large scans: stored a piece at a time, and the tables hold what they would have held had it been done at once."""

import random
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.machines import Machine, TransportKind
from fleet.tables import UPDATE, UPDATE_HISTORY
from fleet.updates import Classification, Update
from ops.home import Home, open_home
from ops.state import MachineBook, connect
from ops.store import Batch, TableStore, batch_frames
from ops.store.delta import StoredTable
from ops.store.frames import make_frame
from ops.store.pieces import PackedFrames, StoredRows

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_REPOSITORY = Path(__file__).parents[2]


def _machine(name: str) -> Machine:
    return Machine(f"id-{name}", name, TransportKind.LOCAL, _NOW)


def _home(folder: Path, machines: list[Machine]) -> Home:
    made = open_home(folder)
    with closing(connect(made.state_file)) as connection:
        for machine in machines:
            MachineBook(connection).add(machine)
    return made


def _scan(machine: Machine, day: int, count: int) -> Assessment:
    updates = tuple(
        Update(f"package-{number}", "amd64", "1", f"2.{day}", Classification.OTHERS, "origin", "Debian:12")
        for number in range(count)
    )
    at = _NOW + timedelta(days=day)
    return Assessment(machine.id, machine.name, at, at, Coverage.COMPLETE, updates=updates)


def _frame(*names: str) -> pl.DataFrame:
    rows = pl.DataFrame({"Computer": names, "SourceComputerId": [f"id-{name}" for name in names]})
    return pl.concat([make_frame(UPDATE, ()), rows], how="diagonal")


def _names(frames: object) -> list[str]:
    return [name for frame in frames for name in frame["Computer"]]  # type: ignore[attr-defined]


def test_large_scans_are_one_commit_in_each_table(tmp_path: Path) -> None:
    """More rows than are handed over at once: each is stored once, and those of others stay."""
    machines = [_machine(f"m{number:03}") for number in range(180)]
    home = _home(tmp_path / "home", machines)
    store = TableStore(home)
    store.commit_batch(Batch("a", tuple(_scan(machine, 0, 100) for machine in machines)))
    store.commit_batch(Batch("b", tuple(_scan(machine, 1, 101) for machine in machines[::2])))

    rows = StoredTable(home.tables_dir, UPDATE).read()
    counts = rows.unique(["Computer", "Product"]).group_by("Computer", "ProductVersion").len().sort("Computer").rows()
    assert counts == [(m.name, "2.0", 100) if n % 2 else (m.name, "2.1", 101) for n, m in enumerate(machines)]
    assert rows.height == 90 * 100 + 90 * 101
    assert StoredTable(home.tables_dir, UPDATE_HISTORY).read().height == 180 * 100 + 90 * 101
    assert rows["FleetFirstSeen"].null_count() == 0
    versions = [DeltaTable(home.tables_dir / table.name).version() for table in (UPDATE, UPDATE_HISTORY)]
    assert versions == [1, 1]


def test_a_scan_in_pieces_gives_what_one_at_once_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few machines are gone through at a time, the rows and their order are the same."""
    machines = [_machine(f"m{number}") for number in range(12)]
    stored = []
    for at_once in (1, 1_000_000):
        monkeypatch.setattr(batch_frames, "UPDATES_AT_ONCE", at_once)
        home = _home(tmp_path / str(at_once), machines)
        for day, chosen in enumerate((machines, machines[3:7], machines[::5], [])):
            scans = [_scan(machine, day, 3 + day) for machine in chosen]
            random.Random(day).shuffle(scans)
            TableStore(home).commit_batch(Batch(f"batch-{day}", tuple(scans)))
        stored.append([StoredTable(home.tables_dir, table).read() for table in (UPDATE, UPDATE_HISTORY)])

    assert stored[0][0].equals(stored[1][0])
    assert stored[0][1].equals(stored[1][1])


def test_rows_take_their_place_among_those_of_others() -> None:
    """Before, between and after them, in the order of the names; also where a machine has another name by now."""
    stored = StoredRows(_frame("a", "c", "e", "old", "x", "z").lazy())
    frames = PackedFrames()
    frames.add(_frame("b", "c"))
    frames.add(_frame("d", "y"))

    replaced = ["id-b", "id-c", "id-d", "id-old", "id-y"]
    assert _names(stored.with_replaced(UPDATE, replaced, frames)) == ["a", "b", "c", "d", "e", "x", "y", "z"]


def test_machines_without_rows_leave_only_the_others() -> None:
    """A table can become empty."""
    stored = StoredRows(_frame("a", "b").lazy())
    assert _names(stored.with_replaced(UPDATE, ["id-b"], PackedFrames())) == ["a"]
    assert _names(stored.with_replaced(UPDATE, ["id-a", "id-b"], PackedFrames())) == []


def test_waiting_frames_take_little_memory() -> None:
    """What many machines have in common, and empty columns, are next to nothing once compressed."""
    frame = _frame(*(f"machine-{number // 100}" for number in range(10_000)))
    packed = PackedFrames()
    packed.add(frame)

    assert sum(map(len, packed._packed)) * 20 < frame.estimated_size()
    assert next(iter(packed)).equals(frame)


@pytest.mark.soak
def test_memory_hardly_grows_with_what_is_missing() -> None:
    """Ten times the updates are 40,000 rows more in each of two tables: 250 MB when they were held at once."""
    few, many = (_peak_mib(400, updates) for updates in (10, 110))
    assert many - few < 130


def _peak_mib(machines: int, updates: int) -> int:
    code = (
        "import resource, sys; from bench.ingest import time_ingest; time_ingest(*map(int, sys.argv[1:]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    words = [sys.executable, "-c", code, str(machines), str(updates), "10"]
    return int(subprocess.run(words, cwd=_REPOSITORY, capture_output=True, text=True, check=True, timeout=120).stdout)
