"""The sample data is what its generator makes, and small enough to be committed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from fleet.tables import TABLES


def slow(test: Callable[..., None]) -> Callable[..., None]:
    """Makes all of the sample anew, which takes half a minute: `make soak` does, and who changes the generator."""
    marked: Callable[..., None] = pytest.mark.soak(pytest.mark.xdist_group("sample-data")(test))
    return marked


@slow
@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_generator_makes_the_committed_rows(compare: Callable[[str], int], table: str) -> None:
    """Made anew, each table has the same rows; otherwise run ``python sample-data/generate.py`` and commit."""
    assert compare(table) == 0


@slow
@pytest.mark.parametrize(
    "table",
    [
        *("machines", "statuses", "feeds", "audit", "deployments", "runs", "machine_runs", "starts", "plans"),
        *("alert_rules", "alerts", "alert_events", "alert_memories", "channels", "messages", "deliveries"),
        *("approvals", "editions", "report_schedules"),
    ],
)
def test_generator_makes_the_committed_state(sample: Path, remade: Path, table: str) -> None:
    """Made anew, state.db holds the same."""
    assert read_rows(sample / "state.db", table) == read_rows(remade / "state.db", table)


@slow
def test_generator_makes_the_committed_transcripts(sample: Path, remade: Path) -> None:
    """Made anew, each machine answers the same."""
    assert read_folder(sample / "transcripts") == read_folder(remade / "transcripts")


@slow
@pytest.mark.parametrize("feed", ["kev", "debian", "ubuntu"])
@pytest.mark.parametrize("table", ["cves", "fixes"])
def test_generator_makes_the_committed_feeds(sample: Path, remade: Path, feed: str, table: str) -> None:
    """Made anew, what was read of each feed is the same."""
    file = f"feeds/{feed}.db"
    assert read_rows(sample / file, table) == read_rows(remade / file, table)


def test_sample_data_is_small(sample: Path) -> None:
    """All of it is below 7.5 MB in fewer than 750 files: it is cloned and installed with the code."""
    files = [path for path in sample.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 7_500_000
    assert len(files) < 750


def read_rows(state: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{state}?immutable=1", uri=True)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def read_folder(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
