"""Rows from a Log Analytics workspace, loaded into real tables."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from fleet.errors import BadInput, HomeUnusable, StoreBusy
from fleet.tables import CVE, HEARTBEAT, MACHINE, UPDATE, UPDATE_HISTORY, ColumnType, Table, find_table
from ops.home import Home, open_home
from ops.store.loading.headings import Unknown
from ops.store.loading.load import Loader, LoadOptions
from ops.store.loading.report import LoadReport, RowsRefused
from ops.store.lock import hold_lock
from query.engine import QueryEngine
from query.limits import Limits

SHARED = Path(__file__).parents[3] / "shared" / "kql"
FIXTURE = SHARED / "fixture"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_ROW = {"TimeGenerated": "2026-11-20T10:00:00Z", "Computer": "a", "SourceComputerId": "1"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without anything."""
    return open_home(tmp_path / "home")


@pytest.fixture
def load(home: Home) -> Callable[..., LoadReport]:
    """Loads files: ``load(HEARTBEAT, path, skip_bad=True)``."""

    def run(table: Table, *paths: Path, **options: object) -> LoadReport:
        given = LoadOptions(**options)  # type: ignore[arg-type]  # of several types
        return Loader(home, table, given).load(paths, NOW, wait_seconds=5.0)

    return run


@pytest.fixture
def engine(home: Home) -> Iterator[QueryEngine]:
    """An engine over the home, at the fixture's time."""
    with QueryEngine(home.tables_dir, home.temp_dir, Limits(seconds=60.0, threads=2), NOW) as opened:
        yield opened


def test_pipe_is_refused_rather_than_waited_for(load: Callable[..., LoadReport], tmp_path: Path) -> None:
    """Nobody may ever write to it."""
    os.mkfifo(tmp_path / "rows.csv")

    with pytest.raises(BadInput, match="no ordinary file"):
        load(HEARTBEAT, tmp_path / "rows.csv")


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def counts(report: LoadReport) -> tuple[int, int, int]:
    """Taken, known, refused, of all files."""
    files = report.files
    return sum(f.taken for f in files), sum(f.known for f in files), sum(f.refused for f in files)


def stored(home: Home, table: Table) -> list[dict[str, object]]:
    path = home.tables_dir / table.name
    files = DeltaTable(path).file_uris() if DeltaTable.is_deltatable(str(path)) else []
    rows = [pl.read_parquet(file, hive_partitioning=False) for file in files]
    return pl.concat(rows, how="diagonal").to_dicts() if rows else []


def version(home: Home, table: Table) -> int:
    return DeltaTable(home.tables_dir / table.name).version()


@pytest.mark.skipif(not FIXTURE.is_dir(), reason="the shared fixture is not beside this checkout")
@pytest.mark.parametrize("name", ["Update", "Heartbeat", "UpdateSummary", "UpdateRunProgress"])
def test_the_views_hold_the_rows_of_the_workspace(
    name: str, load: Callable[..., LoadReport], engine: QueryEngine
) -> None:
    """Row by row and column by column; so whatever was asked there is answered here as it was."""
    table = find_table(name)
    exported = [json.loads(line) for line in (FIXTURE / f"{name}.jsonl").read_text("utf-8").splitlines()]
    load(table, FIXTURE / f"{name}.jsonl")

    columns = [column for column in table.columns if column.name in exported[0]]
    answer = engine.run(f'SELECT {", ".join(chr(34) + c.name + chr(34) for c in columns)} FROM "{name}"')

    def plain(type_: ColumnType, value: object) -> object:
        if type_ is ColumnType.STRING:
            return value or ""
        return datetime.fromisoformat(value) if type_ is ColumnType.DATETIME and isinstance(value, str) else value

    expected = [tuple(plain(c.type, row[c.name]) for c in columns) for row in exported]
    assert sorted(map(repr, answer.rows)) == sorted(map(repr, expected))


@pytest.mark.skipif(not FIXTURE.is_dir(), reason="the shared fixture is not beside this checkout")
def test_the_same_files_again_give_nothing_and_no_commit(load: Callable[..., LoadReport], home: Home) -> None:
    """Whatever the format in which they come the second time."""
    path = FIXTURE / "Update.jsonl"
    first = load(UPDATE, path)
    before = version(home, UPDATE_HISTORY)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    array = home.path.parent / "again.json"
    array.write_text(json.dumps(rows, indent=1), encoding="utf-8")

    assert counts(first) == (32, 0, 0)
    assert counts(load(UPDATE, path, array)) == (0, 64, 0)
    assert version(home, UPDATE_HISTORY) == before


def test_every_format_gives_the_same_rows(load: Callable[..., LoadReport], home: Home, tmp_path: Path) -> None:
    """The portal's CSV with its headings and times, an array, lines, Parquet with types: known after the first."""
    times = ["2026-11-20T10:00:00.0000000Z", "2026-11-19T22:30:00Z"]
    sheet = tmp_path / "portal.csv"
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["TimeGenerated [UTC]", "Computer", "IsGatewayInstalled", "ComputerPrivateIPs", "Solutions"])
        writer.writerow(["11/20/2026, 10:00:00.000 AM", "a,\n1", "False", '["10.0.0.1"]', '"updates"'])
        writer.writerow(["11/19/2026, 10:30:00.000 PM", "b", "", "", ""])
    plain: list[dict[str, object]] = [
        {
            "TimeGenerated": times[0],
            "Computer": "a,\n1",
            "IsGatewayInstalled": False,
            "ComputerPrivateIPs": ["10.0.0.1"],
        },
        {"TimeGenerated": times[1], "Computer": "b", "IsGatewayInstalled": None, "ComputerPrivateIPs": None},
    ]
    plain[0]["Solutions"] = '"updates"'
    array = tmp_path / "array.json"
    array.write_text(json.dumps(plain), encoding="utf-8-sig")
    parquet = tmp_path / "typed.parquet"
    typed = [{**row, "TimeGenerated": datetime.fromisoformat(str(row["TimeGenerated"]))} for row in plain]
    pl.DataFrame(typed).write_parquet(parquet)

    assert counts(load(HEARTBEAT, sheet)) == (2, 0, 0)
    assert counts(load(HEARTBEAT, array, parquet, lines(tmp_path / "x.jsonl", *plain))) == (0, 6, 0)
    row = next(row for row in stored(home, HEARTBEAT) if row["Computer"] == "a,\n1")
    assert (row["IsGatewayInstalled"], row["ComputerPrivateIPs"], row["Type"]) == (False, '["10.0.0.1"]', "Heartbeat")


def test_rows_that_are_the_same_within_files_are_one(load: Callable[..., LoadReport], tmp_path: Path) -> None:
    """Exports of overlapping times are common; a row that differs anywhere is another one."""
    other = {**_ROW, "Version": "2"}
    report = load(HEARTBEAT, lines(tmp_path / "a.jsonl", _ROW, _ROW, other), lines(tmp_path / "b.jsonl", other, _ROW))

    assert [(file.taken, file.known) for file in report.files] == [(2, 1), (0, 2)]


def test_one_bad_row_refuses_all_unless_asked(load: Callable[..., LoadReport], home: Home, tmp_path: Path) -> None:
    """Each is named with its line and reason."""
    path = lines(tmp_path / "x.ndjson", _ROW, {**_ROW, "TimeGenerated": "soon"}, [1], {"Computer": "b"})
    path.write_text(path.read_text() + "{broken\n" + json.dumps({**_ROW, "Computer": "c"}) + "\n")

    with pytest.raises(RowsRefused, match=r"4 rows cannot be taken, the first in .*x.ndjson, line 2: TimeGenerated is"):
        load(HEARTBEAT, path)
    assert stored(home, HEARTBEAT) == []

    report = load(HEARTBEAT, path, skip_bad=True)
    assert counts(report) == (2, 0, 4)
    assert [bad.line for bad in report.files[0].bad] == [2, 3, 4, 5]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1601-01-01T00:00:00Z"])
def test_times_that_stand_for_none_are_refused(load: Callable[..., LoadReport], tmp_path: Path, time: str) -> None:
    """They would be the oldest or the newest rows of all, for ever."""
    with pytest.raises(RowsRefused, match="TimeGenerated is in the year"):
        load(HEARTBEAT, lines(tmp_path / "x.ndjson", {**_ROW, "TimeGenerated": time}))


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("x.csv", "TimeGenerated,Computer,Computer\n", "there twice"),
        ("x.csv", 'TimeGenerated,Computer\n"2026', "not CSV"),
        ("x.csv", "TimeGenerated [Berlin],Computer\n2026-11-20,a\n", "not in UTC"),
        ("x.csv", "TimeGenerated,TimeGenerated [UTC]\n2026-11-20,2026-11-20\n", "there twice"),
        ("x.csv", "TimeGenerated,Komputer\n2026-11-20,a\n", "Did you mean 'Computer'"),
        ("x.json", "[{}, 1", "not a JSON array"),
        ("x.json", "[{}] x", "more after the array"),
        ("x.parquet", "PAR1", "cannot be read as Parquet"),
        ("x.txt", "", "must end with"),
        ("x.ndjson", "\udcff", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(
    name: str, text: str, why: str, load: Callable[..., LoadReport], tmp_path: Path
) -> None:
    """On one line, also where bad rows are skipped."""
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput, match=why) as failure:
        load(HEARTBEAT, path, skip_bad=True)
    assert len(str(failure.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_named(load: Callable[..., LoadReport], tmp_path: Path) -> None:
    """Each kind."""
    for name in ("no.csv", "no.json", "no.parquet", "no.jsonl"):
        with pytest.raises(BadInput, match=name.replace(".", r"\.")):
            load(HEARTBEAT, tmp_path / name)


def test_columns_that_the_table_lacks_are_kept_aside_when_asked(
    load: Callable[..., LoadReport], home: Home, tmp_path: Path
) -> None:
    """In a file that says whose they are; the same load again leaves the same file."""
    path = lines(tmp_path / "x.jsonl", {**_ROW, "_ItemId": "i-1", "Empty": None}, {**_ROW, "Computer": "b"})

    reports = [load(HEARTBEAT, path, unknown=Unknown.ASIDE) for _ in range(2)]

    assert reports[0].aside is not None
    assert reports[0].aside == reports[1].aside
    assert [each.name for each in home.aside_dir.iterdir()] == [reports[0].aside.name]
    kept = json.loads(reports[0].aside.read_text())
    assert (kept["line"], kept["Computer"], kept["values"]) == (1, "a", {"_ItemId": "i-1"})
    assert load(HEARTBEAT, path, unknown=Unknown.DROP).aside is None


def test_a_dry_run_counts_and_writes_nothing(load: Callable[..., LoadReport], home: Home, tmp_path: Path) -> None:
    """What it says is what the load then does."""
    path = lines(tmp_path / "x.jsonl", {**_ROW, "Mine": 1}, _ROW)

    assert counts(load(HEARTBEAT, path, dry_run=True, unknown=Unknown.ASIDE)) == (1, 1, 0)
    assert not home.tables_dir.exists()
    assert not home.aside_dir.exists()
    assert list(home.temp_dir.iterdir()) == []


@pytest.mark.parametrize("table", [MACHINE, CVE])
def test_a_table_of_what_is_true_now_has_no_past(table: Table, load: Callable[..., LoadReport], tmp_path: Path) -> None:
    """The error names the tables that have."""
    with pytest.raises(BadInput, match=r"has no past to load\. Rows can go to Update, UpdateHistory"):
        load(table, lines(tmp_path / "x.jsonl", _ROW))


def test_a_load_waits_for_another_writer_no_longer_than_told(home: Home, tmp_path: Path) -> None:
    """And then has written nothing."""
    path = lines(tmp_path / "x.jsonl", _ROW)
    with hold_lock(home.store_lock, 1.0), pytest.raises(StoreBusy):
        Loader(home, HEARTBEAT, LoadOptions()).load([path], NOW, wait_seconds=0.0)
    assert stored(home, HEARTBEAT) == []


def test_many_days_are_one_commit(load: Callable[..., LoadReport], home: Home, tmp_path: Path) -> None:
    """With a file a day, each row in the folder of its day."""
    rows = [{**_ROW, "TimeGenerated": f"2026-{month:02}-{day:02}T01:00:00Z"} for month in (9, 10) for day in (1, 2, 3)]
    load(HEARTBEAT, lines(tmp_path / "x.jsonl", *rows, *rows))

    table = DeltaTable(home.tables_dir / HEARTBEAT.name)
    assert table.version() == 0
    assert sorted(uri.partition("Day=")[2][:10] for uri in table.file_uris()) == sorted(
        r["TimeGenerated"][:10] for r in rows
    )


def test_a_disk_that_is_full_leaves_all_as_it_was(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says so."""

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ops.store.delta.os.posix_fallocate", refuse)
    with pytest.raises(HomeUnusable, match="No space left"):
        Loader(home, HEARTBEAT, LoadOptions()).load([lines(tmp_path / "x.jsonl", _ROW)], NOW, wait_seconds=1.0)
    assert stored(home, HEARTBEAT) == []
