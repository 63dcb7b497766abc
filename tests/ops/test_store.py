"""Storing scans: what lies in the tables afterwards, who may write, and what happens when nothing can be written."""

import fcntl
import os
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.errors import HomeUnusable, PatchdeckError, StoreBusy
from fleet.facts import MachineFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.tables import ASSESSMENT, HEARTBEAT, MACHINE, UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY, ColumnType, Table
from fleet.updates import Classification, Update
from ops.home import Home, open_home
from ops.state import MachineBook, connect
from ops.store import Batch, TableStore
from ops.store.checking import check_table

_NOW = datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=UTC)
_MACHINES = [Machine(f"id-{name}", name, TransportKind.LOCAL, _NOW) for name in ("db-01", "web-01")]
_OPENSSL = Update("openssl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12", size_bytes=9)
_CURL = Update("curl", "amd64", "7", "8", Classification.OTHERS, "origin", "Debian:12")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two machines, in a folder whose name means something in URLs and in globs."""
    made = open_home(tmp_path / "Flotte Zürich #1?*{a}")
    with closing(connect(made.state_file)) as connection:
        for machine in _MACHINES:
            MachineBook(connection).add(machine)
    return made


@pytest.fixture
def store(home: Home) -> TableStore:
    """The tables of that home."""
    return TableStore(home)


def _scan(machine: Machine, hours: int, *updates: Update) -> Assessment:
    at = _NOW + timedelta(hours=hours)
    facts = MachineFacts(os_type=OSType.LINUX, os_name="Debian", os_version="12", clock_skew_seconds=0.5)
    installed = {(update.name, update.architecture): update.installed_version for update in updates}
    return Assessment(
        machine.id, machine.name, at, at, Coverage.COMPLETE, facts, updates, installed or {("bash", "amd64"): "5"}
    )


def _files(home: Home, table: Table) -> list[str]:
    return [unquote(uri) for uri in DeltaTable(home.tables_dir / table.name).file_uris()]


def _read(home: Home, table: Table) -> pl.DataFrame:
    stored = [pl.read_parquet(file, hive_partitioning=True, glob=False) for file in _files(home, table)]
    return pl.concat(stored, how="diagonal") if stored else pl.DataFrame()


def _needed(home: Home) -> list[tuple[str, str]]:
    return [(row["Computer"], row["Product"]) for row in _read(home, UPDATE).iter_rows(named=True)]


def test_scan_is_one_commit_in_each_table(home: Home, store: TableStore) -> None:
    """Whatever the number of machines, one scan is one version."""
    store.commit_batch(Batch("a", tuple(_scan(machine, 0, _OPENSSL, _CURL) for machine in _MACHINES)))

    for table, rows in ((ASSESSMENT, 2), (HEARTBEAT, 2), (UPDATE_SUMMARY, 2), (UPDATE_HISTORY, 4), (UPDATE, 4)):
        assert (DeltaTable(home.tables_dir / table.name).version(), _read(home, table).height) == (0, rows)


def test_stored_columns_are_those_declared(home: Home, store: TableStore) -> None:
    """Names, order and types are those of fleet.tables; times are instants for every reader."""
    delta_types = {
        ColumnType.STRING: "string",
        ColumnType.DYNAMIC: "string",
        ColumnType.DATETIME: "timestamp",
        ColumnType.DATE: "date",
        ColumnType.BOOL: "boolean",
        ColumnType.INT: "integer",
        ColumnType.LONG: "long",
        ColumnType.REAL: "double",
    }
    store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))

    for table in (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, UPDATE_HISTORY, UPDATE, MACHINE):
        opened = DeltaTable(home.tables_dir / table.name)
        stored = [(field.name, field.type.to_json().strip('"')) for field in opened.schema().fields]
        assert stored == [(column.name, delta_types[column.type]) for column in table.columns]
        assert opened.protocol().min_reader_version == 1


def test_duckdb_reads_times_to_the_microsecond(home: Home, store: TableStore) -> None:
    """What was stored is what a query sees, with the partition of its UTC day."""
    store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))

    with closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        row = connection.execute(
            "SELECT TimeGenerated AT TIME ZONE 'UTC', Day, SizeBytes, Optional, KBID "
            "FROM read_parquet(?, hive_partitioning = true)",
            [_files(home, UPDATE_HISTORY)],
        ).fetchone()

    assert row == (_NOW.replace(tzinfo=None), date(2026, 11, 20), 9, None, "")


def test_rows_lie_in_the_order_of_the_table(home: Home, store: TableStore) -> None:
    """Sorted files are small, and queries skip parts of them."""
    store.commit_batch(Batch("a", tuple(_scan(machine, 0, _OPENSSL, _CURL) for machine in reversed(_MACHINES))))

    assert _needed(home) == [("db-01", "curl"), ("db-01", "openssl"), ("web-01", "curl"), ("web-01", "openssl")]


def test_scan_replaces_what_its_machines_need_and_no_other(home: Home, store: TableStore) -> None:
    """A scan of one machine leaves the others as they are."""
    store.commit_batch(Batch("a", tuple(_scan(machine, 0, _OPENSSL) for machine in _MACHINES)))
    store.commit_batch(Batch("b", (_scan(_MACHINES[0], 1),)))
    store.commit_batch(Batch("c", (_scan(_MACHINES[1], 1, _OPENSSL, _CURL),)))

    assert _needed(home) == [("web-01", "curl"), ("web-01", "openssl")]


def test_unchanged_scan_adds_no_history(home: Home, store: TableStore) -> None:
    """Only changes go into UpdateHistory; each scan goes into Assessment."""
    for hours in range(3):
        store.commit_batch(Batch(f"b{hours}", (_scan(_MACHINES[0], hours, _OPENSSL),)))

    assert (_read(home, UPDATE_HISTORY).height, _read(home, ASSESSMENT).height) == (1, 3)


def test_scan_that_ended_before_what_is_known_leaves_it(home: Home, store: TableStore) -> None:
    """An older scan that is stored later is history; what is needed now is what the newer one said: nothing."""
    store.commit_batch(Batch("new", (_scan(_MACHINES[0], 1),)))
    store.commit_batch(Batch("old", (_scan(_MACHINES[0], 0, _OPENSSL),)))

    assert (_needed(home), _read(home, ASSESSMENT).height) == ([], 2)


def test_machine_twice_in_a_scan_is_taken_in_order(home: Home, store: TableStore) -> None:
    """The later answer holds, whatever their order in the batch."""
    later = _scan(_MACHINES[0], 1, replace(_OPENSSL, offered_version="3"))

    store.commit_batch(Batch("a", (later, _scan(_MACHINES[0], 0, _OPENSSL))))

    assert _read(home, UPDATE)["ProductVersion"].to_list() == ["3"]
    assert _read(home, UPDATE_HISTORY).height == 2


def test_machine_that_was_removed_is_gone_from_what_is_current(home: Home, store: TableStore) -> None:
    """Its history stays; an answer that comes in later is let go; the others are as they were."""
    store.commit_batch(Batch("a", tuple(_scan(machine, 0, _OPENSSL) for machine in _MACHINES)))
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).remove("db-01")

    assert store.publish_machines() is True
    store.commit_batch(Batch("b", (_scan(_MACHINES[0], 1, _OPENSSL),)))

    assert _needed(home) == [("web-01", "openssl")]
    assert _read(home, MACHINE)["Computer"].to_list() == ["web-01"]
    assert _read(home, UPDATE_HISTORY)["Computer"].to_list() == ["db-01", "web-01"]


def test_renamed_machine_is_renamed_in_what_is_current(home: Home, store: TableStore) -> None:
    """Before its next scan, too."""
    store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))
    with closing(connect(home.state_file)) as connection:
        book = MachineBook(connection)
        book.edit(replace(book.get("db-01"), name="zz-01"))

    store.publish_machines()

    assert _needed(home) == [("zz-01", "openssl")]
    assert _read(home, MACHINE)["Computer"].to_list() == ["web-01", "zz-01"]


def test_machines_are_published_when_something_changed(home: Home, store: TableStore) -> None:
    """Publishing what is published does nothing; each change of the state is seen."""
    assert store.publish_machines() is True
    assert store.publish_machines() is False
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).set_enabled("db-01", enabled=False)
    assert store.publish_machines() is True

    assert _read(home, MACHINE).select("Computer", "Enabled").rows() == [("db-01", False), ("web-01", True)]


def test_text_that_ends_a_line_elsewhere_is_stored(home: Home, store: TableStore) -> None:
    """The least and the greatest text of a column stand in the table's log as they are, whatever they hold."""
    names = ["\u2028first", "between\x85\x1c", "\u2029last\u2028\x0b"]
    store.commit_batch(Batch("odd", (_scan(_MACHINES[0], 0, *(replace(_CURL, name=name) for name in names)),)))

    assert sorted(product for _, product in _needed(home)) == sorted(names)
    assert not home.pending_dir.joinpath("unreadable-odd.json").exists()
    assert check_table(home, UPDATE) == ()


def test_state_put_back_from_a_copy_is_published_whole(home: Home, store: TableStore) -> None:
    """A lower revision than the published one means another past: all of Machine is written anew."""
    store.publish_machines()
    home.state_file.rename(home.path / "copy")
    for name in ("state.db-wal", "state.db-shm"):
        (home.path / name).unlink(missing_ok=True)
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).add(replace(_MACHINES[0], id="other", name="only"))

    assert store.publish_machines() is True

    assert _read(home, MACHINE)["Computer"].to_list() == ["only"]


def test_busy_tables_name_their_holder_and_keep_the_scan(home: Home) -> None:
    """Whoever waits too long learns which process it is, and the next writer stores what was accepted."""
    with _held(home.store_lock), pytest.raises(StoreBusy, match=rf"^Process {os.getpid()} holds the tables of "):
        TableStore(home, wait_seconds=0).commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))

    TableStore(home).replay()

    assert _needed(home) == [("db-01", "openssl")]


def test_readers_and_idle_writers_need_no_lock(home: Home, store: TableStore) -> None:
    """Replaying and publishing nothing do not wait for another writer."""
    store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))
    waiting = TableStore(home, wait_seconds=0)

    with _held(home.store_lock):
        waiting.replay()
        assert waiting.publish_machines() is False
        assert _needed(home) == [("db-01", "openssl")]


def test_scans_are_stored_in_the_order_they_were_accepted(home: Home) -> None:
    """Whoever gets the lock at last stores the older one first."""
    for name, hours in (("z", 0), ("a", 1)):
        with _held(home.store_lock), pytest.raises(StoreBusy):
            TableStore(home, wait_seconds=0).commit_batch(Batch(name, (_scan(_MACHINES[0], hours, _OPENSSL),)))

    TableStore(home).replay()

    first_seen = _read(home, UPDATE)["FirstSeen"].to_list()
    assert first_seen == [_NOW]


def test_journal_that_cannot_be_read_is_set_aside(home: Home, store: TableStore) -> None:
    """A damaged entry stops no other scan and is kept for someone to look at."""
    home.pending_dir.mkdir()
    (home.pending_dir / "damaged.json").write_text('{"id": "damaged", "assess')

    store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))

    assert [path.name for path in home.pending_dir.iterdir()] == ["unreadable-damaged.json"]
    assert _needed(home) == [("db-01", "openssl")]


def test_scan_that_fits_no_column_is_told_and_set_aside(home: Home, store: TableStore) -> None:
    """A value that no column holds fails its own scan only."""
    huge = _scan(_MACHINES[0], 0, replace(_OPENSSL, size_bytes=2**70))

    with pytest.raises(PatchdeckError, match="The scan huge cannot be stored; it was kept as"):
        store.commit_batch(Batch("huge", (huge,)))
    store.commit_batch(Batch("a", (_scan(_MACHINES[1], 0, _OPENSSL),)))

    assert _needed(home) == [("web-01", "openssl")]


def test_scan_that_fails_once_it_is_begun_is_set_aside_too(home: Home, store: TableStore) -> None:
    """Its file has another name by then: it is found, and the scan is told of as what it is."""

    def refuse(step: str) -> None:
        if step == "begun":
            raise ValueError("no table takes this")

    with pytest.raises(PatchdeckError, match=r"The scan odd cannot be stored; it was kept as .*unreadable-odd\.json"):
        TableStore(home, on_step=refuse).commit_batch(Batch("odd", (_scan(_MACHINES[0], 0, _OPENSSL),)))
    store.commit_batch(Batch("a", (_scan(_MACHINES[1], 0, _OPENSSL),)))

    assert [path.name for path in home.pending_dir.iterdir()] == ["unreadable-odd.json"]
    assert _needed(home) == [("web-01", "openssl")]


@pytest.mark.parametrize("full_after", ["begun", "committed Heartbeat", "committed UpdateHistory", "committed Update"])
def test_full_disk_loses_nothing(
    home: Home, store: TableStore, full_after: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """One clear line; what was stored stays, and what was accepted is stored when there is room again."""
    store.commit_batch(Batch("a", tuple(_scan(machine, 0, _OPENSSL) for machine in _MACHINES)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(step: str) -> None:
        if step == full_after:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # every write fails from now on

    try:
        with pytest.raises(HomeUnusable) as caught:
            TableStore(home, on_step=fill).commit_batch(Batch("b", (_scan(_MACHINES[0], 1, _CURL),)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    seen = _needed(home)
    TableStore(home).replay()

    assert "\n" not in str(caught.value)
    assert str(home.path) in str(caught.value)
    assert capfd.readouterr().err == ""  # no panic of deltalake
    assert seen in ([("db-01", "openssl"), ("web-01", "openssl")], [("db-01", "curl"), ("web-01", "openssl")])
    assert _needed(home) == [("db-01", "curl"), ("web-01", "openssl")]
    assert sorted(_read(home, ASSESSMENT)["BatchId"].to_list()) == ["a", "a", "b"]


def test_scan_that_cannot_be_accepted_is_told(home: Home, store: TableStore) -> None:
    """Without room for the journal the scan is not stored, and says so."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(HomeUnusable, match=r"Cannot write the scan to .*a\.json: .* It is not stored\."):
            store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0),)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(home.pending_dir.iterdir()) == []


def test_table_of_an_older_version_gets_the_new_columns(home: Home, store: TableStore) -> None:
    """Rows that were stored before have nothing in them, and stay."""
    store.commit_batch(Batch("a", (_scan(_MACHINES[0], 0, _OPENSSL),)))
    for table in (UPDATE, UPDATE_HISTORY):
        older = _read(home, table).drop("NotInstallableDetail", "SizeBytes")
        partitions = ["Day"] if table is UPDATE_HISTORY else None
        path = home.tables_dir / table.name
        write_deltalake(path, older, mode="overwrite", schema_mode="overwrite", partition_by=partitions)

    store.commit_batch(Batch("b", (_scan(_MACHINES[1], 1, _OPENSSL),)))

    for table in (UPDATE, UPDATE_HISTORY):
        fields = {field.name for field in DeltaTable(home.tables_dir / table.name).schema().fields}
        assert fields == set(table.column_names)
        stored = {row["Computer"]: row["SizeBytes"] for row in _read(home, table).iter_rows(named=True)}
        assert stored == {"db-01": None, "web-01": 9}


@pytest.mark.soak
def test_many_scans_leave_few_files(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days that are over lie in one file each, and versions that no reader can be at are deleted."""
    monkeypatch.setattr("ops.store.commits.today_in_utc", lambda: date(2027, 1, 1))
    monkeypatch.setattr("ops.store.delta.KEEP_HOURS", dict.fromkeys(_KINDS, 0))
    store = TableStore(home)
    home.pending_dir.mkdir()
    (home.pending_dir / ".b0.4711").write_text("half")
    os.utime(home.pending_dir / ".b0.4711", (0, 0))

    for number in range(20):
        store.commit_batch(Batch(f"b{number}", (_scan(_MACHINES[0], 0, replace(_CURL, offered_version=f"{number}")),)))

    on_disk = list((home.tables_dir / "Assessment").rglob("*.parquet"))
    assert len(on_disk) == len(_files(home, ASSESSMENT)) == 1
    assert len(list((home.tables_dir / "Update").glob("*.parquet"))) == 1
    assert _read(home, ASSESSMENT).height == 20
    assert list(home.pending_dir.iterdir()) == []


_KINDS = {table.kind for table in (UPDATE, UPDATE_HISTORY)}


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """The lock, held by another open file as another process would."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def test_what_does_not_belong_into_the_journal_stops_nothing(home: Home, store: TableStore) -> None:
    """A folder is left alone; a file that is named like a batch and is none is set aside."""
    home.pending_dir.mkdir()
    (home.pending_dir / "folder.json").mkdir()
    for name in ("active-zz-x.json", "active-7.json", "scan.json"):
        (home.pending_dir / name).write_text("{")

    store.commit_batch(Batch("b1", (_scan(_MACHINES[0], 0, _CURL),)))

    assert len(_files(home, UPDATE)) == 1
    assert sorted(path.name for path in home.pending_dir.iterdir()) == [
        "folder.json",
        "unreadable-active-7.json",
        "unreadable-active-zz-x.json",
        "unreadable-scan.json",
    ]


def test_a_journal_that_cannot_be_read_is_an_unusable_home(home: Home, store: TableStore) -> None:
    """As when its folder belongs to somebody else, here also for root."""
    home.pending_dir.write_text("")

    with pytest.raises(HomeUnusable, match="pending"):
        store.replay()
