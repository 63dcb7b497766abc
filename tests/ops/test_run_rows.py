"""Rows of runs: stored once, however often and in however many parts they are given."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.records import Row, blank_row
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS, Table
from ops.home import Home, open_home
from ops.store import TableStore
from ops.store.delta import StoredTable
from ops.store.run_rows import RunRows, RunRowStore, read_rows, write_rows

_NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A new home."""
    return open_home(tmp_path / "home")


def _row(table: Table, run: str, machine: str = "", **values: str | bool) -> Row:
    begun: Row = {"TimeGenerated": _NOW, "Day": _NOW.date(), "CorrelationId": run, "SourceComputerId": machine}
    return {**blank_row(table), **begun, "Type": table.name, **values}


def _batch(name: str, run: str, *machines: str) -> RunRows:
    progress = [
        _row(UPDATE_RUN_PROGRESS, run, each, Product=p, SucceededOnRetry=True) for each in machines for p in "ab"
    ]
    return RunRows(
        name,
        {
            MACHINE_RUN.name: [_row(MACHINE_RUN, run, machine, Status="Größe") for machine in machines],
            UPDATE_RUN_PROGRESS.name: progress,
            DEPLOYMENT_RUN.name: [_row(DEPLOYMENT_RUN, run)],
        },
    )


def _counts(home: Home) -> tuple[int, ...]:
    tables = (MACHINE_RUN, UPDATE_RUN_PROGRESS, DEPLOYMENT_RUN)
    return tuple(StoredTable(home.tables_dir, table).read().height for table in tables)


def test_rows_are_read_as_they_were_written() -> None:
    """Times, days, truths and blanks."""
    batch = _batch("b", "r-1", "m-1")
    assert read_rows("b", write_rows(batch)) == batch


def test_rows_of_a_machine_of_a_run_are_stored_once(home: Home) -> None:
    """The same batch again, or one that holds some of it, adds only what is not there."""
    store = RunRowStore(home)
    for batch in (_batch("b-1", "r-1", "m-1"), _batch("b-1", "r-1", "m-1"), _batch("b-2", "r-1", "m-1", "m-2")):
        store.commit(batch, wait_seconds=5)
    assert _counts(home) == (2, 4, 1)
    store.commit(_batch("b-3", "r-2", "m-1"), wait_seconds=5)
    assert _counts(home) == (3, 6, 2)


def test_whoever_opens_the_tables_stores_what_was_accepted(home: Home) -> None:
    """A process that was killed after it accepted rows loses none."""
    RunRowStore(home).accept(_batch("b-1", "r-1", "m-1"))
    TableStore(home).replay()
    assert _counts(home) == (1, 2, 1)
    assert not RunRowStore(home).has_pending()


def test_rows_that_cannot_be_read_stop_no_others(home: Home) -> None:
    """They are set aside for somebody to look at."""
    store = RunRowStore(home)
    store.accept(_batch("b-2", "r-1", "m-1"))
    (home.pending_dir / "runs" / "b-1.json").write_text("{")
    TableStore(home).replay()
    assert _counts(home) == (1, 2, 1)
    assert [path.name for path in (home.pending_dir / "runs").iterdir()] == ["unreadable-b-1.json"]
