"""Folders of exported tables: replaced whole, whatever was there; parted, bounded, described."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput, QueryFailed, UnknownName
from fleet.records import Row, blank_row
from fleet.tables import HEARTBEAT, MACHINE, Table, find_table
from ops.cli.export_run import ExportRequest, export_tables
from ops.cli.formats import Format
from ops.config import Settings
from ops.exporting import folders
from ops.exporting.manifest import MANIFEST, read_manifest
from ops.home import Home, open_home
from ops.store.delta import StoredTable
from ops.store.frames import make_frame
from ops.store.numbers import BATCHES
from query.partitions import folder_of

Export = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Heartbeats of forty days from machines with awkward names."""
    home = open_home(tmp_path / "home")
    names = ("a/../b", "..", "é=1 %", "")
    rows: list[Row] = []
    for day in range(40):
        at = datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(days=day)
        row: Row = {"TimeGenerated": at, "Day": at.date(), "Computer": names[day % 4], "OSType": "=1+1"}
        rows.append({**blank_row(HEARTBEAT), **row})
    StoredTable(home.tables_dir, HEARTBEAT).commit(make_frame(HEARTBEAT, rows), BATCHES, 1)
    return home


@pytest.fixture
def export(home: Home) -> Export:
    """Exports: ``export(folder, HEARTBEAT, format=Format.CSV)``."""

    def run(folder: Path, *tables: Table, **options: object) -> list[tuple[object, ...]]:
        request = ExportRequest(tables, **{"format": Format.PARQUET, **options})  # type: ignore[arg-type]
        return list(export_tables(home, Settings(), request, folder).rows)

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_for_each_table_and_a_manifest(export: Export, tmp_path: Path) -> None:
    """Nothing else is left, neither in the folder nor beside it."""
    rows = export(tmp_path / "x" / "out", HEARTBEAT, MACHINE)

    assert [(row[0], row[1]) for row in rows] == [("Heartbeat", 40), ("Machine", 0)]
    assert names(tmp_path / "x") == ["out"]
    assert names(tmp_path / "x" / "out") == ["Heartbeat.parquet", "Machine.parquet", MANIFEST]
    assert [table.rows for table in read_manifest(tmp_path / "x" / "out")] == [40, 0]


@pytest.mark.parametrize(
    ("partitions", "folder"), [(("day",), "Day=2026-11-20"), (("month", "ostype"), "Month=2026-11/OSType=%3D1%2B1")]
)
def test_partitions_are_folders_as_hive_has_them(
    export: Export, tmp_path: Path, partitions: tuple[str, ...], folder: str
) -> None:
    """All rows are in one of them, and columns that a folder's name holds are not in its files."""
    export(tmp_path / "out", HEARTBEAT, partitions=partitions)

    root = tmp_path / "out" / "Heartbeat"
    assert (root / folder / "part-0.parquet").is_file()
    frame = pl.read_parquet(root / "**/*.parquet", hive_partitioning=True)
    assert frame.height == 40
    part = pl.read_parquet(next(root.rglob("*.parquet")), hive_partitioning=False)
    assert "TimeGenerated" in part.columns
    assert ("Day" in part.columns) == (partitions != ("day",))


def test_values_cannot_lead_out_of_their_folder(export: Export, tmp_path: Path) -> None:
    """A machine may be called anything; the empty name is Hive's null."""
    export(tmp_path / "out", HEARTBEAT, partitions=("Computer",))

    assert len(names(tmp_path / "out" / "Heartbeat")) == 4
    assert "Computer=%2E%2E" in names(tmp_path / "out" / "Heartbeat")
    frame = pl.read_parquet(tmp_path / "out" / "Heartbeat" / "**/*.parquet", hive_partitioning=True)
    assert set(frame["Computer"].to_list()) == {"..", "a/../b", "é=1 %", None}


@given(st.text(min_size=1))
def test_a_folder_of_a_value_is_one_folder(value: str) -> None:
    """Whatever the value."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    name = folder_of(("X",), (value,))
    assert "/" not in name
    assert name.startswith("X=")
    assert name.removeprefix("X=") not in ("", ".", "..")


def test_bounds_are_of_time_generated(export: Export, tmp_path: Path) -> None:
    """From the first on, before the second; in every format."""
    since, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC)
    for chosen in (Format.PARQUET, Format.CSV, Format.NDJSON, Format.ARROW, Format.XLSX):
        (row,) = export(tmp_path / "out", HEARTBEAT, format=chosen, since=since, until=until)
        assert row[1] == 19
    with pytest.raises(BadInput, match="--since must be before --until"):
        export(tmp_path / "out", HEARTBEAT, since=until, until=since)


def test_another_export_into_the_folder_keeps_the_other_tables(export: Export, tmp_path: Path) -> None:
    """And a table that is parted now leaves no file of when it was not."""
    out = tmp_path / "out"
    export(out, HEARTBEAT, MACHINE)
    export(out, HEARTBEAT, partitions=("month",))
    assert names(out) == ["Heartbeat", "Machine.parquet", MANIFEST]
    export(out, HEARTBEAT, partitions=("day",))
    assert len(list((out / "Heartbeat").iterdir())) == 40
    export(out, HEARTBEAT, format=Format.CSV)
    assert names(out) == ["Heartbeat", "Heartbeat.csv", "Machine.parquet", MANIFEST]
    assert {table.format for table in read_manifest(out)} == {"parquet", "csv"}


def test_files_of_others_stay(export: Export, tmp_path: Path) -> None:
    """Then entries are exchanged one by one, those that are ours and gone too."""
    out = tmp_path / "out"
    export(out, HEARTBEAT, MACHINE)
    (out / "notes.txt").write_text("mine")
    export(out, HEARTBEAT, partitions=("month",))
    assert names(out) == ["Heartbeat", "Machine.parquet", MANIFEST, "notes.txt"]
    assert (out / "notes.txt").read_text() == "mine"


def test_the_working_directory_stays_the_one_it_is(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell in it sees the new files."""
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.chdir(out)
    inode = out.stat().st_ino
    export(Path(), HEARTBEAT)
    assert out.stat().st_ino == inode
    assert names(out) == ["Heartbeat.parquet", MANIFEST]


@pytest.mark.parametrize("has_others", [False, True])
def test_what_fails_leaves_the_folder_as_it_was(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_others: bool
) -> None:
    """A disk that is full while a table is written, or a name that cannot be exchanged."""
    out = tmp_path / "out"
    export(out, HEARTBEAT, MACHINE)
    if has_others:
        (out / "notes.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    exchange, calls = folders._exchange, []

    def refuse(one: Path, other: Path) -> None:
        calls.append(other)
        if len(calls) > has_others:
            raise OSError(28, "No space left on device")
        exchange(one, other)

    monkeypatch.setattr(folders, "_exchange", refuse)
    with pytest.raises(QueryFailed, match="No space left"):
        export(out, HEARTBEAT, MACHINE, since=datetime(2026, 11, 19, tzinfo=UTC))

    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert names(tmp_path) == ["home", "out"]


def test_without_an_exchange_by_the_kernel_two_renames_do(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On file systems that know none."""
    monkeypatch.setattr(folders, "_RENAME_EXCHANGE", 1 << 10)
    export(tmp_path / "out", HEARTBEAT)
    export(tmp_path / "out", MACHINE)
    assert names(tmp_path / "out") == ["Heartbeat.parquet", "Machine.parquet", MANIFEST]
    assert names(tmp_path) == ["home", "out"]


def test_a_manifest_of_others_is_not_believed(export: Export, tmp_path: Path) -> None:
    """It could name files anywhere."""
    out, outside = tmp_path / "out", tmp_path / "mine"
    out.mkdir()
    outside.write_text("mine")
    entry = {"table": "Machine", "format": "csv", "path": "../mine", "rows": 1, "files": 1}
    (out / MANIFEST).write_text(json.dumps({"format": 1, "tables": [entry]}))
    export(out, HEARTBEAT)
    assert outside.read_text() == "mine"


def test_what_cannot_be_asked_is_refused_first(export: Export, tmp_path: Path) -> None:
    """Before the folder is touched."""
    with pytest.raises(UnknownName, match="Did you mean 'Computer'"):
        export(tmp_path / "out", HEARTBEAT, partitions=("Komputer",))
    with pytest.raises(BadInput, match="names a column twice"):
        export(tmp_path / "out", HEARTBEAT, partitions=("day", "Day"))
    with pytest.raises(BadInput, match="is for parquet and arrow"):
        export(tmp_path / "out", HEARTBEAT, partitions=("day",), format=Format.CSV)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="it is a file"):
        export(tmp_path / "file", HEARTBEAT)
    assert names(tmp_path) == ["file", "home"]


def test_columns_say_what_they_mean(export: Export, tmp_path: Path) -> None:
    """As pyarrow shows it, and with units."""
    parquet = pytest.importorskip("pyarrow.parquet")
    export(tmp_path / "out", find_table("Assessment"))
    schema = parquet.read_schema(tmp_path / "out" / "Assessment.parquet")
    assert schema.field("DurationSeconds").metadata[b"unit"] == b"seconds"
    assert schema.field("Outcome").metadata[b"description"] == b"succeeded, incomplete or failed"
    assert schema.metadata[b"patchdeck.table"] == b"Assessment"
