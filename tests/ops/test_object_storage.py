"""A home whose tables lie in object storage does all that one with local tables does; against a real S3 server."""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from fleet.machines import Machine, TransportKind
from fleet.records import Row, blank_row
from fleet.tables import ASSESSMENT, AUDIT, CVE, HEARTBEAT, MACHINE, MACHINE_RUN, TABLES, UPDATE_HISTORY, Table
from ops.assess import FleetOptions, assess_fleet
from ops.cli import main
from ops.config import load_settings
from ops.enrolment import Definition, enrol
from ops.feeds.publishing import publish_cves
from ops.home import Home, open_home
from ops.missing import list_missing
from ops.questions import open_engine
from ops.state import MachineBook, connect
from ops.store import TableStore
from ops.store.care import compact_table, vacuum_table
from ops.store.checking import check_table, forget_lost_files
from ops.store.delta import StoredTable
from ops.store.place import tables_of
from ops.store.retention import expire_rows
from ops.store.run_rows import RunRows, RunRowStore
from ops.store.table_stats import read_stats
from ops.store.upkeep import keep_in_order
from query.language import QueryLanguage
from query.objects import open_objects
from tests.ops.object_store import ObjectStore
from tests.ops.storing_process import make_batch

_PROGRAM = Path(__file__).with_name("storing_process.py")
_KILLED = -9
_MACHINES = 4


@pytest.fixture
def home(object_store: ObjectStore, tmp_path: Path) -> Home:
    """A home with four machines and no assessment yet."""
    return with_machines(object_store.home(tmp_path / "home"))


def with_machines(home: Home) -> Home:
    with closing(connect(home.state_file)) as connection:
        for number in range(_MACHINES):
            machine = Machine(f"id-{number}", f"m-{number}", TransportKind.LOCAL, datetime(2026, 11, 1, tzinfo=UTC))
            MachineBook(connection).add(machine)
    return home


def machines_of(home: Home) -> list[Machine]:
    with closing(connect(home.state_file)) as connection:
        return MachineBook(connection).list_machines()


def store_scans(home: Home, count: int, name: str = "scan") -> None:
    store = TableStore(home)
    for number in range(count):
        store.commit_batch(make_batch(name, number, machines_of(home)))


def rows(home: Home, table: Table) -> pl.DataFrame:
    return StoredTable(tables_of(home), table).read()


def batches(home: Home) -> Counter[str]:
    return Counter(rows(home, ASSESSMENT)["BatchId"].to_list())


def objects(home: Home) -> list[str]:
    return [entry["path"] for chunk in open_objects(tables_of(home)).list() for entry in chunk]


def local_twin(tmp_path: Path, count: int) -> Home:
    """The same scans in a home with local tables."""
    twin = with_machines(open_home(tmp_path / "twin"))
    store_scans(twin, count)
    return twin


async def test_an_assessed_fleet_is_in_the_store(home: Home, recorded: Path) -> None:
    """Scripted machines are assessed; rows, missing updates and queries come from the bucket, nothing lies locally."""
    machine = enrol(home, Definition("good", TransportKind.SCRIPTED, transcript=str(recorded))).machine

    result = await assess_fleet(home, [machine], FleetOptions(), lambda _event: None)

    offered = sorted((u.name, u.architecture, u.offered_version) for u in result.assessments[0].updates)
    missing = list_missing(home)
    assert [(m.update.name, m.update.architecture, m.update.offered_version) for m in missing] == offered
    with open_engine(home, load_settings(home)) as engine:
        assert engine.run("SELECT Computer FROM Heartbeat").rows == [("good",)]
        kql = engine.run("Assessment | project Computer", language=QueryLanguage.KQL)
        assert kql.rows == [("good",)]
    assert not home.tables_dir.exists()
    assert any(name.startswith("Heartbeat/Day=") for name in objects(home))


def test_the_store_holds_what_local_tables_hold(home: Home, tmp_path: Path) -> None:
    """Row by row in every table, and queries give the same, of an earlier time too."""
    store_scans(home, 2)
    twin = local_twin(tmp_path, 2)

    for table in set(TABLES) - {AUDIT}:  # what was done in a home is its own
        assert sorted(map(repr, rows(home, table).iter_rows())) == sorted(map(repr, rows(twin, table).iter_rows()))
    questions = ("SELECT * FROM Update ORDER BY ALL", "SELECT Day, count(*) FROM UpdateHistory GROUP BY 1 ORDER BY 1")
    for as_of in (None, datetime(2026, 11, 20, 23, 59, 30, tzinfo=UTC)):
        with (
            open_engine(home, load_settings(home), as_of=as_of) as far,
            open_engine(twin, load_settings(twin), as_of=as_of) as near,
        ):
            for question in questions:
                assert far.run(question).rows == near.run(question).rows


def test_a_second_query_reads_the_store_again_only_for_its_logs(home: Home, object_store: ObjectStore) -> None:
    """Files are read once; a query of the same version asks one listing a table, and one more to be sure."""
    store_scans(home, 1)
    with open_engine(home, load_settings(home)) as engine:
        engine.run("SELECT count(*) FROM Heartbeat")
        before = len(object_store.requests())
        engine.run("SELECT max(TimeGenerated) FROM Heartbeat")
        asked = object_store.requests()[before:]

    assert len(asked) == 2
    assert all("list-type=2" in line and "start-after" in line for line in asked)


def test_upkeep_works_on_the_store(home: Home) -> None:
    """Compact, vacuum, upkeep, stats and retention; the rows stay until they are let go."""
    store_scans(home, 3)
    held = sorted(map(repr, rows(home, UPDATE_HISTORY).iter_rows()))

    compacted = compact_table(home, UPDATE_HISTORY, 5)
    assert compacted.after.files < compacted.before.files
    kept = keep_in_order(home, UPDATE_HISTORY, date(2026, 11, 22), 5)
    assert kept.after.rows == len(held)
    assert sorted(map(repr, rows(home, UPDATE_HISTORY).iter_rows())) == held
    assert read_stats(home, UPDATE_HISTORY, date(2026, 11, 21)).rows == len(held)
    open_objects(tables_of(home)).put("UpdateHistory/Day=2026-11-20/part-left.parquet", b"left by a killed writer")
    assert vacuum_table(home, UPDATE_HISTORY, None, 5, dry_run=True).files == 0  # too young
    assert expire_rows(home, UPDATE_HISTORY, 1, date(2026, 11, 22), 5) == 1
    assert set(rows(home, UPDATE_HISTORY)["TimeGenerated"].dt.date()) == {date(2026, 11, 21)}


def test_lost_files_are_found_and_let_go(home: Home) -> None:
    """One file is missing, one torn, one commit cut short: each is told; without the files the table goes on."""
    store_scans(home, 3)
    store = open_objects(tables_of(home))
    first, second, *_ = sorted(name for name in objects(home) if name.startswith("Heartbeat/Day="))
    store.delete(first)
    store.put(second, bytes(store.get(second).bytes())[:-100])

    problems = check_table(home, HEARTBEAT)
    assert [problem.is_lost for problem in problems] == [True, True]
    lost = forget_lost_files(home, HEARTBEAT, 5)

    assert len(lost) == 2
    assert check_table(home, HEARTBEAT) == ()
    assert [path.name for path in home.aside_dir.iterdir()] == [f"Heartbeat-{Path(second).name}"]
    assert second not in objects(home)
    store.put("Heartbeat/_delta_log/00000000000000000001.json", b'{"commitInf')
    assert "its log cannot be read" in check_table(home, HEARTBEAT)[0].what


def test_runs_and_feeds_write_to_the_store(home: Home) -> None:
    """Rows of runs, each once, and the table Cve."""
    at = datetime(2026, 11, 20, tzinfo=UTC)
    named: Row = {"TimeGenerated": at, "Day": at.date(), "CorrelationId": "r-1", "SourceComputerId": "m-1"}
    row: Row = {**blank_row(MACHINE_RUN), **named}
    for name in ("a", "b"):
        RunRowStore(home).commit(RunRows(name, {MACHINE_RUN.name: [row]}), wait_seconds=5)
    publish_cves(home, [])

    assert rows(home, MACHINE_RUN).height == 1
    assert StoredTable(tables_of(home), CVE).last_number("patchdeck.feeds") == 1


def run(capfd: pytest.CaptureFixture[str], home: Home, *arguments: str) -> tuple[int, str, str]:
    sys.argv = ["patchdeck", "--home", str(home.path), *arguments]
    capfd.readouterr()
    code = main(lambda *_: 0)
    return (code, *capfd.readouterr())


def test_verbs_work_on_the_store(home: Home, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """tables list, load, check, compact, vacuum, stats, query and export, as commands."""
    store_scans(home, 2)
    loaded = tmp_path / "rows.jsonl"
    loaded.write_text('{"TimeGenerated": "2026-11-19", "Computer": "old"}\n')

    assert run(capfd, home, "tables", "load", "Heartbeat", str(loaded))[0] == 0
    code, out, _ = run(capfd, home, "tables", "load", "Heartbeat", str(loaded), "--json")
    assert (code, json.loads(out)[0]["known"]) == (0, 1)
    sizes = {row["name"]: row["rows"] for row in json.loads(run(capfd, home, "tables", "list", "--json")[1])}
    assert sizes["Heartbeat"] == 7
    for verb in ("check", "compact", "vacuum", "stats"):
        assert run(capfd, home, "tables", verb, "Heartbeat", "Machine")[0] == 0
    code, out, _ = run(capfd, home, "query", "--kql", "Heartbeat | where Computer == 'old' | count", "--json")
    assert (code, list(json.loads(out)[0].values())) == (0, [1])
    assert run(capfd, home, "export", "Heartbeat", str(tmp_path / "out"))[0] == 0
    assert pl.read_parquet(next((tmp_path / "out").rglob("*.parquet"))).height == 7


@pytest.mark.parametrize("die_at", [2, 4, 7])
def test_killed_commits_are_finished_by_the_next(home: Home, tmp_path: Path, die_at: int) -> None:
    """Killed after a step, the next to open the tables completes the batch: whole and once."""
    assert storing(home, "scan", 1, die_at) == _KILLED

    TableStore(home).publish_machines()

    assert batches(home) == {"scan-0": _MACHINES}
    assert list(home.pending_dir.iterdir()) == []
    assert rows(home, HEARTBEAT).height == _MACHINES - 1
    assert rows(home, MACHINE).height == _MACHINES


def storing(home: Home, name: str, count: int, die_at: int = -1) -> int:
    return start(home, name, count, die_at).wait(60)


def start(home: Home, name: str, count: int, die_at: int = -1) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(_PROGRAM), str(home.path), name, "0", str(count), str(die_at)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=dict(os.environ))


def test_two_consoles_store_at_once(home: Home) -> None:
    """Two processes of one home write the same machines: every scan is stored whole and once."""
    writers = [start(home, name, 2) for name in ("anna", "bert")]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert batches(home) == {f"{name}-{number}": _MACHINES for name in ("anna", "bert") for number in range(2)}
    assert rows(home, HEARTBEAT).height == 4 * (_MACHINES - 1)
