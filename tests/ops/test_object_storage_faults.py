"""What goes wrong with object storage: it is told in one line, in time, and nothing that came in is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest

from fleet.errors import HomeUnusable, PatchdeckError, QueryFailed, QueryRefused, UnknownName
from fleet.tables import HEARTBEAT
from ops.config import load_settings
from ops.home import Home
from ops.questions import open_engine
from ops.store import TableStore
from ops.store.checking import check_table
from ops.store.delta import StoredTable
from ops.store.numbers import measure_table
from ops.store.place import tables_of
from ops.store.upkeep import keep_in_order
from query.engine import QueryEngine
from query.limits import Limits
from query.object_files import ObjectTableFiles
from query.objects import open_objects, reader_of
from query.place import Place
from tests.ops.object_store import Gate, ObjectStore, start_server
from tests.ops.storing_process import make_batch
from tests.ops.test_object_storage import batches, machines_of, store_scans, with_machines

# Deadlines of the homes here are 2 s; Polars tries a request some times.
_IN_TIME_SECONDS = 15


def said(call: Callable[[], object]) -> str:
    """What ``call`` complains about, which takes no longer than it may."""
    began = time.monotonic()
    with pytest.raises(PatchdeckError) as raised:
        call()
    assert time.monotonic() - began < _IN_TIME_SECONDS
    text = str(raised.value)
    assert "\n" not in text
    assert "very-secret" not in text
    return text


def everything(home: Home) -> Iterator[Callable[[], object]]:
    """All that asks the store: the writer, readers, upkeep, a query."""
    yield lambda: TableStore(home).commit_batch(make_batch("late", 0, machines_of(home)))
    yield lambda: measure_table(tables_of(home) / HEARTBEAT.name)
    yield lambda: StoredTable(tables_of(home), HEARTBEAT).read()
    yield lambda: check_table(home, HEARTBEAT)
    yield lambda: keep_in_order(home, HEARTBEAT, date(2026, 11, 20), 1)
    yield lambda: ask(home, "SELECT count(*) FROM Heartbeat")


def ask(home: Home, sql: str) -> list[object]:
    with open_engine(home, load_settings(home)) as engine:
        return list(engine.run(sql).rows)


def test_scans_wait_while_the_store_is_away(object_store: ObjectStore, tmp_path: Path) -> None:
    """Refused, then silent: each says so in time; scans wait in the journal and are all stored once it is back."""
    gate = object_store.gate()
    home = with_machines(object_store.home(tmp_path / "home", endpoint=gate.url))
    store_scans(home, 1)

    gate.shut()
    told = [said(call) for call in everything(home)]
    gate.silence()
    silent = said(lambda: TableStore(home).commit_batch(make_batch("silent", 0, machines_of(home))))
    waiting = sorted(path.name for path in home.pending_dir.iterdir())
    gate.open()
    TableStore(home).replay()

    # A refusal is tried again within the deadline, and on a busy machine that may pass first.
    assert all(("cannot be reached" in text or "did not answer" in text) and gate.url in text for text in told)
    assert "did not answer within 2 s" in silent
    assert "is kept: the next that can write stores it" in told[0]
    assert len(waiting) == 2
    assert set(batches(home)) == {"scan-0", "late-0", "silent-0"}
    assert list(home.pending_dir.iterdir()) == []


def store_until(home: Home, step: str, gate: Gate) -> None:
    """Stores a scan, and shuts the gate after ``step``."""
    store = TableStore(home, on_step=lambda done: gate.shut() if done == step else None)
    said(lambda: store.commit_batch(make_batch(step[-3:], 0, machines_of(home))))


def test_a_store_that_goes_away_in_the_middle_loses_nothing(object_store: ObjectStore, tmp_path: Path) -> None:
    """Away after each of three steps of a commit, and during a query: the rest follows, once."""
    gate = object_store.gate()
    home = with_machines(object_store.home(tmp_path / "home", endpoint=gate.url))
    for step in ("begun", "committed Heartbeat", "recorded"):
        gate.open()
        store_until(home, step, gate)
    gate.open()
    with open_engine(home, load_settings(home)) as engine:
        engine.run("SELECT count(*) FROM Machine")
        gate.shut()
        assert "cannot be reached" in said(lambda: engine.run("SELECT count(*) FROM Heartbeat"))
        gate.open()
        assert engine.run("SELECT count(*) FROM Heartbeat").rows == [(9,)]

    assert set(batches(home).values()) == {4}
    assert len(batches(home)) == 3


def test_what_is_wrong_is_named(object_store: ObjectStore, tmp_path: Path) -> None:
    """A bucket that is not there; another home's prefix; a prefix that is empty while rows lie in the home."""
    away = with_machines(object_store.home(tmp_path / "away", bucket="no-such-bucket"))
    assert all("there is no bucket s3://no-such-bucket" in said(call) for call in everything(away))

    ours = with_machines(object_store.home(tmp_path / "ours"))
    store_scans(ours, 1)
    theirs = with_machines(object_store.home(tmp_path / "theirs"))
    text = said(lambda: store_scans(theirs, 1, "theirs"))
    assert "one home writes them" in text
    assert str(ours.path) in text
    assert set(batches(ours)) == {"scan-0"}
    assert len(list(theirs.pending_dir.iterdir())) == 1

    moved = with_machines(object_store.home(tmp_path / "moved", prefix="new"))
    (moved.tables_dir / "Heartbeat/_delta_log").mkdir(parents=True)
    (moved.tables_dir / "Heartbeat/_delta_log/00000000000000000000.json").write_text("{}")
    assert "copy them there first" in said(lambda: store_scans(moved, 1))


def test_keys_that_the_store_refuses_are_named(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that checks keys: unknown ones are told, without showing them, and nothing is set aside."""
    process, url = start_server(tmp_path / "log", INITIAL_NO_AUTH_ACTION_COUNT="0")
    try:
        home = with_machines(object_store.home(tmp_path / "home", endpoint=url))
        told = [said(call) for call in everything(home)]
    finally:
        process.kill()
        process.wait(10)

    assert all("denies access" in text or "does not know the credentials" in text for text in told)
    assert len(list(home.pending_dir.iterdir())) == 1
    assert "very-secret" not in repr(tables_of(home))
    assert not home.log_file.exists() or "very-secret" not in home.log_file.read_text()


@pytest.fixture
def guarded(object_store: ObjectStore, tmp_path: Path) -> Iterator[tuple[QueryEngine, Place]]:
    """An engine over a prefix, with a secret beside it."""
    home = with_machines(object_store.home(tmp_path / "home"))
    store_scans(home, 1)
    place = tables_of(home)
    beside = Place(f"s3://{urlsplit(place.where).netloc}/other", place.access)
    StoredTable(beside, HEARTBEAT).commit(StoredTable(place, HEARTBEAT).read(), "x", 1)
    open_objects(place).put("Heartbeat/stray.parquet", b"PAR1")
    with QueryEngine(place, tmp_path / "temp", Limits(threads=2)) as engine:
        engine.run("SELECT count(*) FROM Heartbeat")
        yield engine, place


_ATTACKS = (
    "read_parquet('umro://../other/Heartbeat/*.parquet')",
    "read_parquet('umro://Heartbeat/stray.parquet')",
    "read_text('umro://Heartbeat/_delta_log/00000000000000000000.json')",
    "'s3://fleet/other/Heartbeat/x.parquet'",
    "read_csv('http://127.0.0.1:1/x')",
    "glob('umro://*')",
    "delta_scan('s3://fleet/fleet/Heartbeat')",
    "duckdb_secrets()",
)


def test_queries_read_the_tables_and_nothing_else(guarded: tuple[QueryEngine, Place]) -> None:
    """By the gate; and below it, by the file system, where no gate stood."""
    engine, _ = guarded
    for source in _ATTACKS:
        with pytest.raises((QueryRefused, QueryFailed, UnknownName)):
            engine.run(f"SELECT * FROM {source}")
        with engine._database.cursor() as cursor, suppress(duckdb.Error):
            assert cursor.execute(f"SELECT * FROM {source}").fetchall() == [], source


def test_the_file_system_opens_files_of_versions_only(guarded: tuple[QueryEngine, Place]) -> None:
    """Not the log, not a neighbour, not a way around; and nothing is written."""
    _, place = guarded
    files = ObjectTableFiles(reader_of(place))
    (known,) = {name for name in reader_of(place)._sizes if name.startswith("Heartbeat/")}

    assert files.open(f"umro://{known}").read(4) == b"PAR1"
    for path in (
        "../other/x",
        "Heartbeat/stray.parquet",
        f"Heartbeat/../../other/{known}",
        f"{known}/../x",
        "",
        "/etc",
    ):
        with pytest.raises(PermissionError):
            files.open(f"umro://{path}")
    with pytest.raises(PermissionError):
        files.open(f"umro://{known}", "wb")
    with pytest.raises(PermissionError):
        files.ls("umro://")


def test_a_log_that_points_elsewhere_is_refused(guarded: tuple[QueryEngine, Place]) -> None:
    """Delta logs may name files of other tables; ours never do."""
    engine, place = guarded
    log = open_objects(place)
    names = [entry["path"] for chunk in log.list("Heartbeat/_delta_log") for entry in chunk]
    text = bytes(log.get(max(names)).bytes()).decode()
    _, _, rest = text.partition('"path":"')
    path = rest.partition('"')[0]
    elsewhere = text.replace(f'"path":"{path}', f'"path":"{place.where.removesuffix("fleet")}other/Heartbeat/{path}')
    log.put("Heartbeat/_delta_log/00000000000000000001.json", elsewhere.encode())

    with pytest.raises(QueryFailed, match=r"not its own|cannot be read"):
        engine.run("SELECT * FROM Heartbeat")


def test_homes_are_told_apart_by_their_ids(object_store: ObjectStore, tmp_path: Path) -> None:
    """A home keeps its id; the place of its tables names it."""
    first = object_store.home(tmp_path / "first")
    second = object_store.home(tmp_path / "second")
    assert tables_of(first) == tables_of(first)
    assert tables_of(first) != tables_of(second)
    first.id_file.unlink()
    first.id_file.mkdir()
    with pytest.raises(HomeUnusable):
        tables_of(first)
