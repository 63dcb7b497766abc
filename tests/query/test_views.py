"""The tables as queries see them."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake

from query.engine import QueryEngine
from query.limits import Limits
from query.snapshots import SnapshotReader

WriteRows = Callable[..., None]


def test_missing_table_is_an_empty_one_of_the_declared_types(engine: QueryEngine) -> None:
    """A fleet without history asks and gets no rows."""
    result = engine.run("SELECT TimeGenerated, SizeBytes, Optional, Day FROM Update")

    assert [(c.name, c.type) for c in result.columns] == [
        ("TimeGenerated", "TIMESTAMP"),
        ("SizeBytes", "BIGINT"),
        ("Optional", "BOOLEAN"),
        ("Day", "DATE"),
    ]
    assert result.rows == []


def test_update_is_what_is_needed_and_what_was_settled(
    engine: QueryEngine, write_rows: WriteRows, now: datetime
) -> None:
    """Current rows come with the last scan's time, settled ones with theirs, and needs of the past stay out."""
    write_rows("Update", {"TimeGenerated": now, "Product": "bash", "UpdateState": "Needed"})
    earlier = now - timedelta(days=3)
    write_rows(
        "UpdateHistory",
        {"TimeGenerated": earlier, "Product": "bash", "UpdateState": "Needed"},
        {"TimeGenerated": earlier, "Product": "curl", "UpdateState": "Installed"},
        {"TimeGenerated": earlier, "Product": "vim", "UpdateState": "NotNeeded"},
    )

    result = engine.run("SELECT Product, UpdateState, TimeGenerated, Day FROM Update ORDER BY Product")

    assert result.rows == [
        ("bash", "Needed", now, now.date()),
        ("curl", "Installed", earlier, earlier.date()),
        ("vim", "NotNeeded", earlier, earlier.date()),
    ]


def test_columns_that_no_file_has_are_null_and_unknown_ones_are_left_out(
    engine: QueryEngine, tables_dir: Path, now: datetime
) -> None:
    """A table of an older or a newer Patchdeck is read with the columns that are declared."""
    rows = {"Computer": ["web-01"], "TimeGenerated": [now], "Day": [now.date()], "Later": [1]}
    write_deltalake(tables_dir / "Heartbeat", pl.DataFrame(rows), partition_by=["Day"])

    result = engine.run("SELECT Computer, OSType, RemoteIPLatitude FROM Heartbeat")

    assert result.rows == [("web-01", None, None)]
    assert "Later" not in [column.name for column in engine.run("FROM Heartbeat").columns]


def test_columns_that_only_newer_files_have_are_seen(
    engine: QueryEngine, write_rows: WriteRows, tables_dir: Path, now: datetime
) -> None:
    """Old files of fewer columns and new ones of all are one table."""
    old = {"Computer": ["web-01"], "TimeGenerated": [now], "Day": [now.date()]}
    write_deltalake(tables_dir / "Heartbeat", pl.DataFrame(old), partition_by=["Day"])
    new = {**old, "Computer": ["web-02"], "OSType": ["Linux"]}
    write_deltalake(tables_dir / "Heartbeat", pl.DataFrame(new), mode="append", schema_mode="merge")

    result = engine.run("SELECT Computer, OSType FROM Heartbeat ORDER BY Computer")

    assert result.rows == [("web-01", None), ("web-02", "Linux")]


def test_times_without_a_zone_are_utc(engine: QueryEngine, tables_dir: Path) -> None:
    """Both of Delta's timestamp types are read as UTC."""
    naive = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - what is tested
    write_deltalake(
        tables_dir / "Heartbeat",
        pl.DataFrame({"TimeGenerated": [naive], "Day": [naive.date()]}),
        partition_by=["Day"],
    )

    result = engine.run("SELECT TimeGenerated FROM Heartbeat WHERE TimeGenerated = TIMESTAMP '2026-11-20 10:00:00'")

    assert result.rows == [(naive.replace(tzinfo=UTC),)]


def test_home_with_blanks_and_accents_is_read(tmp_path: Path, now: datetime) -> None:
    """Delta percent-encodes the names of files; the file system does not."""
    tables = tmp_path / "my hôme #1" / "tables"
    rows = {"Computer": ["web-01"], "TimeGenerated": [now], "Day": [now.date()]}
    tables.mkdir(parents=True)
    write_deltalake(tables / "Heartbeat", pl.DataFrame(rows), partition_by=["Day"])

    with QueryEngine(tables, tmp_path / "temp", Limits(), now=now) as engine:
        assert engine.run("SELECT Computer FROM Heartbeat").rows == [("web-01",)]


def test_new_commit_is_seen_by_the_next_query(engine: QueryEngine, write_rows: WriteRows, now: datetime) -> None:
    """What an engine keeps of a version ends with the next one."""
    write_rows("Heartbeat", {"TimeGenerated": now})
    before = engine.run("SELECT count(*) FROM Heartbeat").rows
    write_rows("Heartbeat", {"TimeGenerated": now})

    assert (before, engine.run("SELECT count(*) FROM Heartbeat").rows) == ([(1,)], [(2,)])


def test_vacuum_between_listing_and_opening_is_survived(
    engine: QueryEngine, write_rows: WriteRows, tables_dir: Path, now: datetime
) -> None:
    """A file that went away since the version was listed is looked for in a fresh list, once."""
    write_rows("Heartbeat", {"TimeGenerated": now})
    write_rows("Heartbeat", {"TimeGenerated": now})
    engine.run("SELECT 1 FROM Heartbeat")
    log = tables_dir / "Heartbeat" / "_delta_log"
    table = DeltaTable(tables_dir / "Heartbeat")
    table.optimize.compact()
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    # As if the listing had come just before: the old files under the newest commit's name.
    known = engine._snapshots._known
    known["Heartbeat"] = (max(path.name for path in log.iterdir()), known["Heartbeat"][1])

    assert engine.run("SELECT count(*) FROM Heartbeat").rows == [(2,)]


def test_only_tables_of_the_query_are_opened(engine: QueryEngine, tables_dir: Path) -> None:
    """A table whose log is broken stops only those who ask for it."""
    (tables_dir / "Machine" / "_delta_log").mkdir(parents=True)
    (tables_dir / "Machine" / "_delta_log" / "00000000000000000000.json").write_text("no json")

    assert engine.run("SELECT count(*) FROM Heartbeat").rows == [(0,)]


def test_days_before_a_bound_are_not_opened(tables_dir: Path, write_rows: WriteRows, now: datetime) -> None:
    """A snapshot since a day leaves out the files of earlier days."""
    for age in range(4):
        write_rows("Heartbeat", {"TimeGenerated": now - timedelta(days=age)})
    snapshot = SnapshotReader(tables_dir).read(["Heartbeat"])["Heartbeat"]

    recent = snapshot.since(date(2026, 11, 19))

    assert len(snapshot.uris) == 4
    assert sorted(uri.split("/")[3] for uri in recent.uris) == ["Day=2026-11-19", "Day=2026-11-20"]


def test_table_that_is_taken_away_is_empty(
    engine: QueryEngine, write_rows: WriteRows, tables_dir: Path, now: datetime
) -> None:
    """Nothing of a removed table is remembered."""
    write_rows("Heartbeat", {"TimeGenerated": now})
    engine.run("SELECT 1 FROM Heartbeat")
    shutil.rmtree(tables_dir / "Heartbeat")

    assert engine.run("SELECT count(*) FROM Heartbeat").rows == [(0,)]
