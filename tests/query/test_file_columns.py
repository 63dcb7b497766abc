"""What columns files have is learnt once for each, from as little of them as tells it."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from query.file_columns import UNKNOWN, FileColumnsReader
from query.files import TableFile
from query.footers import schema_bytes

ROWS = {"Computer": ["web-01", "db-01"], "Count": [1, 2]}


class Opener:
    """Opens files under a folder, and counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[str] = []

    def __call__(self, uri: str) -> TableFile:
        self.opened.append(uri)
        return TableFile(self.folder / uri)


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Of a folder in which DuckDB finds files by the same names."""
    monkeypatch.chdir(tmp_path)
    return Opener(tmp_path)


def _write(path: Path, **changes: object) -> None:
    pl.DataFrame({**ROWS, **changes}).write_parquet(path)


def test_files_with_the_same_columns_are_alike_whatever_their_rows(opener: Opener, tmp_path: Path) -> None:
    """The bytes of the schema are the same, those of the rest of the footer are not."""
    _write(tmp_path / "a.parquet")
    _write(tmp_path / "b.parquet", Count=[70_000, 3])

    found = FileColumnsReader(opener).read(duckdb.connect(), ["a.parquet", "b.parquet"])

    assert schema_bytes(opener("a.parquet")) == schema_bytes(opener("b.parquet"))
    assert found.are_alike
    assert found.types == {"computer": "VARCHAR", "count": "BIGINT"}


@pytest.mark.parametrize("changes", [{"More": [True, False]}, {"Count": ["1", "2"]}])
def test_files_with_another_column_or_type_are_not_alike(
    opener: Opener, tmp_path: Path, changes: dict[str, object]
) -> None:
    """Then nothing is taken for granted."""
    _write(tmp_path / "a.parquet")
    _write(tmp_path / "b.parquet", **changes)

    assert FileColumnsReader(opener).read(duckdb.connect(), ["a.parquet", "b.parquet"]) == UNKNOWN


def test_writers_that_put_the_same_columns_in_other_bytes_are_alike(opener: Opener, tmp_path: Path) -> None:
    """Polars and DuckDB describe the same columns differently."""
    _write(tmp_path / "a.parquet")
    duckdb.connect().execute(f"COPY (FROM '{tmp_path}/a.parquet') TO '{tmp_path}/b.parquet' (FORMAT parquet)")

    assert FileColumnsReader(opener).read(duckdb.connect(), ["a.parquet", "b.parquet"]).are_alike


def test_a_file_is_looked_at_once(opener: Opener, tmp_path: Path) -> None:
    """It never changes."""
    _write(tmp_path / "a.parquet")
    reader = FileColumnsReader(opener)
    for _ in range(3):
        reader.read(duckdb.connect(), ["a.parquet"])

    assert opener.opened == ["a.parquet"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 20, b"\xff" * 40 + b"\x28\x00\x00\x00PAR1"])
def test_what_is_no_parquet_file_has_no_schema(tmp_path: Path, content: bytes) -> None:
    """Whatever the bytes are, nothing is raised and nothing waits."""
    (tmp_path / "a.parquet").write_bytes(content)

    assert schema_bytes(TableFile(tmp_path / "a.parquet")) is None
