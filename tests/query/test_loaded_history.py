"""Rows that were loaded from a workspace, as the view `Update` shows them: docs/decisions/0010-loaded-history.md."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import CommitProperties, DeltaTable, Transaction

from query.engine import QueryEngine
from query.snapshots import LOADS

WriteRows = Callable[..., None]

_AT = datetime(2026, 11, 19, 8, tzinfo=UTC)


@pytest.fixture
def loaded(write_rows: WriteRows, tables_dir: Path) -> None:
    """An assessed machine of which rows were loaded, one that was enrolled only, and one that nobody knows."""
    write_rows(
        "Machine",
        {"TimeGenerated": _AT, "Computer": "web-01", "LastAnswered": _AT},
        {"TimeGenerated": _AT, "Computer": "db-01"},
    )
    write_rows("Update", {"TimeGenerated": _AT, "Computer": "web-01", "Product": "curl", "UpdateState": "Needed"})
    rows = [
        {"TimeGenerated": _AT, "Computer": name, "Product": product, "UpdateState": state, "LoadedAt": _AT}
        for name in ("WEB-01.contoso.com", "db-01", "old-01")
        for product, state in (("vim", "Needed"), ("bash", "needed"), ("zlib", "Installed"), ("ssh", "Not needed"))
    ]
    write_rows("UpdateHistory", *rows)
    table = DeltaTable(tables_dir / "UpdateHistory")
    table.alter.set_table_properties(
        {"delta.logRetentionDuration": "interval 1 days"},
        commit_properties=CommitProperties(app_transactions=[Transaction(LOADS, 1)]),
    )


def _products(engine: QueryEngine, where: str) -> list[str]:
    sql = f"SELECT Computer || ' ' || Product FROM Update WHERE {where} ORDER BY ALL"
    return [str(row[0]) for row in engine.run(sql).rows]


@pytest.mark.usefixtures("loaded")
def test_an_assessed_machine_speaks_for_itself(engine: QueryEngine) -> None:
    """What it needed in the workspace is not what it needs now; what was settled there stays to be seen."""
    assert _products(engine, "lower(Computer) LIKE 'web%'") == [
        "WEB-01.contoso.com ssh",
        "WEB-01.contoso.com zlib",
        "web-01 curl",
    ]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", ["db-01", "old-01"])
def test_a_machine_never_assessed_is_shown_as_it_was(engine: QueryEngine, name: str) -> None:
    """Every row, enrolled or not."""
    assert _products(engine, f"Computer = '{name}'") == [f"{name} {each}" for each in ("bash", "ssh", "vim", "zlib")]


@pytest.mark.usefixtures("loaded")
def test_asking_for_what_is_needed_opens_the_history(engine: QueryEngine) -> None:
    """It is left unopened only where nothing was loaded."""
    assert _products(engine, "UpdateState = 'Needed'") == ["db-01 vim", "old-01 vim", "web-01 curl"]


@pytest.mark.usefixtures("loaded")
def test_the_time_of_the_load_is_in_the_history_only(engine: QueryEngine) -> None:
    """The view has the columns that it had."""
    assert "LoadedAt" not in [column.name for column in engine.run("SELECT * FROM Update LIMIT 0").columns]
    assert engine.run("SELECT count(LoadedAt) FROM UpdateHistory").rows == [(12,)]
