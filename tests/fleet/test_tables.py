"""The declared tables keep Update Management's names and columns."""

import pytest

from fleet.errors import UnknownName
from fleet.tables import DAY, TABLES, TableKind, find_table


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_columns_of_a_table_have_distinct_names_and_meanings(table: object) -> None:
    """No column is declared twice, whatever the case, and each says what it means."""
    declared = find_table(getattr(table, "name", ""))
    folded = [name.casefold() for name in declared.column_names]
    assert len(folded) == len(set(folded))
    assert all(column.meaning for column in declared.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_history_is_partitioned_by_day_and_rows_are_sorted_by_real_columns(table: object) -> None:
    """Only history tables carry Day, and every sort column exists."""
    declared = find_table(getattr(table, "name", ""))
    assert (DAY in declared.columns) is (declared.kind is TableKind.HISTORY)
    assert set(declared.sort_by) <= set(declared.column_names)


def test_azure_names_that_published_queries_use_exist() -> None:
    """The columns that the predefined queries of Update Management read are there, spelt as there."""
    update = set(find_table("Update").column_names)
    assert {"SourceComputerId", "KBID", "UpdateID", "ProductArch", "MSRCSeverity", "_ResourceId"} <= update
    assert "OsVersion" in find_table("UpdateSummary").column_names
    assert "UpdateId" in find_table("UpdateRunProgress").column_names
    assert "Solutions" in find_table("Heartbeat").column_names


def test_unknown_table_offers_the_nearest() -> None:
    """A mistyped table is answered with the one that was probably meant."""
    with pytest.raises(UnknownName, match="UpdateSummary"):
        find_table("UpdateSumary")
