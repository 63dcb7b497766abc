"""The committed sample data, and the same made anew."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample-data"

Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder of the sample data; only to be read."""
    return SAMPLE


@pytest.fixture(scope="session")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample data made anew by the generator."""
    folder = tmp_path_factory.mktemp("remade")
    subprocess.run([sys.executable, SAMPLE / "generate.py", folder], check=True, capture_output=True, timeout=240)
    return folder


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """Answers SQL over the committed tables, each a view of its name."""
    with duckdb.connect() as connection:
        make_views(connection, SAMPLE / "tables", "")
        yield lambda sql: connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample home."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("version", "state.db", "tables", "feeds", "transcripts"):
        if (SAMPLE / name).is_dir():
            shutil.copytree(SAMPLE / name, folder / name)
        else:
            shutil.copyfile(SAMPLE / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def compare(remade: Path) -> Iterator[Callable[[str], int]]:
    """How many rows of a table differ between what is committed and what is made anew."""
    with duckdb.connect() as connection:
        make_views(connection, SAMPLE / "tables", "old")
        make_views(connection, remade / "tables", "new")

        def count_differences(table: str) -> int:
            both = (
                f"(FROM old{table} EXCEPT ALL FROM new{table}) UNION ALL (FROM new{table} EXCEPT ALL FROM old{table})"
            )
            row = connection.execute(f"SELECT count(*) FROM ({both})").fetchone()
            assert row is not None
            return int(row[0])

        yield count_differences


def make_views(connection: duckdb.DuckDBPyConnection, tables: Path, prefix: str) -> None:
    """A view ``prefix + name`` over the newest version of each table; times as naive UTC."""
    from deltalake import DeltaTable

    from fleet.tables import TABLES

    connection.execute("SET TimeZone = 'UTC'")
    for table in TABLES:
        files = DeltaTable(tables / table.name).file_uris()
        connection.execute(
            f"CREATE VIEW {prefix}{table.name} AS "
            f"FROM read_parquet({files}, union_by_name = true, hive_partitioning = true)"
        )
