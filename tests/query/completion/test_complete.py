"""What is offered at a place of a query that is still being written."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.completion.candidates import ColumnValues
from query.completion.complete import complete
from query.language import QueryLanguage

SQL, KQL = QueryLanguage.SQL, QueryLanguage.KQL
CURSOR = "¦"


def offered(written: str, language: QueryLanguage, values: tuple[str, ...] | None = None) -> list[str]:
    offset = written.index(CURSOR)
    found = complete(written.replace(CURSOR, ""), offset, language, lambda _: values)
    return [each.text for each in found.candidates]


@pytest.mark.parametrize(
    ("written", "language", "first"),
    [
        (f"SEL{CURSOR}", SQL, "SELECT"),
        (f"SELECT * FROM Up{CURSOR}", SQL, "Update"),
        (f"SELECT * FROM Update, Mach{CURSOR}", SQL, "Machine"),
        (f"SELECT Clas{CURSOR} FROM Update", SQL, "Classification"),
        (f"SELECT m.Kern{CURSOR} FROM Update AS u JOIN Machine m USING (Computer)", SQL, "Kernel"),
        (f"WITH x AS (SELECT count(*) AS Number FROM Update) SELECT Num{CURSOR} FROM x", SQL, "Number"),
        (f"SELECT coun{CURSOR} FROM Update", SQL, "count("),
        (f"SELECT * FROM Update WHERE UpdateState = {CURSOR}", SQL, "'Needed'"),
        (f"SELECT * FROM Update WHERE UpdateState IN ('Needed', 'Not{CURSOR}", SQL, "'NotNeeded'"),
        (f"SELECT * FROM MachineRun r WHERE r.Status = 'Unr{CURSOR}", SQL, "'Unreachable'"),
        (f"SELECT 1; SELECT * FROM Hear{CURSOR}", SQL, "Heartbeat"),
        (f"Upd{CURSOR}", KQL, "Update"),
        (f"Update | {CURSOR}", KQL, "where"),
        (f"Update | project-a{CURSOR}", KQL, "project-away"),
        (f"Update | where Clas{CURSOR}", KQL, "Classification"),
        (f'Update | where Classification == "Sec{CURSOR}', KQL, '"Security Updates"'),
        (f'Update | where Classification in ("Others", {CURSOR}', KQL, '"Critical Updates"'),
        (f"Update | summarize Total=count() by Computer | where Tot{CURSOR}", KQL, "Total"),
        (f"Update | summarize {CURSOR}", KQL, "count("),
        (f"Update | join kind={CURSOR}", KQL, "inner"),
        (f"Update | join kind=leftouter (Mach{CURSOR}", KQL, "Machine"),
        (f"let mine = Update | project Computer; mi{CURSOR}", KQL, "mine"),
        (f"Update | render bar{CURSOR}", KQL, "barchart"),
        (f"Update | where TimeGenerated > ag{CURSOR}", KQL, "ago("),
    ],
)
def test_what_fits_comes_first(written: str, language: QueryLanguage, first: str) -> None:
    """Tables, columns, functions, operators and values are each offered where they can stand."""
    assert offered(written, language)[0] == first


@pytest.mark.parametrize(
    ("written", "language"),
    [
        (f"SELECT 1 AS na{CURSOR}", SQL),
        (f"SELECT 1 -- Upd{CURSOR}", SQL),
        (f"SELECT 12{CURSOR}", SQL),
        (f"SELECT 'Needed'{CURSOR}", SQL),
        (f"Update // Upd{CURSOR}", KQL),
        (f"let na{CURSOR}", KQL),
        (f"Update | take {CURSOR}", KQL),
    ],
)
def test_nothing_is_offered_where_nobody_knows(written: str, language: QueryLanguage) -> None:
    """New names, comments, numbers and texts that are closed are the writer's own."""
    assert offered(written, language) == []


def test_columns_of_other_tables_are_not_offered() -> None:
    """Only what the query names is in reach."""
    assert "Kernel" not in offered(f"SELECT {CURSOR} FROM Update", SQL)
    assert "Kernel" not in offered(f"Update | project {CURSOR}", KQL)


def test_projected_columns_are_all_that_is_left() -> None:
    """Behind project there are its columns only."""
    found = offered(f"Update | project Computer, Days = 1 | sort by {CURSOR}", KQL)
    assert found[:2] == ["Computer", "Days"]
    assert "Classification" not in found


def test_values_of_the_store_are_asked_for_and_quoted() -> None:
    """A column that no enumeration knows is named to the caller; its values are written so that they are read back."""
    text = "SELECT * FROM Update WHERE Computer = '"
    assert complete(text, len(text), SQL, lambda _: None).wanted == ColumnValues("Update", "Computer")
    assert offered(f"SELECT * FROM Update WHERE Computer = '{CURSOR}", SQL, ("o'neil",)) == ["'o''neil'"]
    assert offered(f'Update | where Computer == "{CURSOR}', KQL, ('a"b\\',)) == ['"a\\"b\\\\"']


@given(
    st.text(alphabet=string.ascii_letters + string.digits + " \n'\"|()[]{},;.=<>!~-/*`$@#", max_size=80),
    st.sampled_from(QueryLanguage),
    st.integers(0, 80),
)
def test_no_text_breaks_completion(text: str, language: QueryLanguage, offset: int) -> None:
    """Whatever is written so far, the answer is candidates or none."""
    at = min(offset, len(text))
    found = complete(text, at, language, lambda _: ("value",))
    assert 0 <= found.start <= at


def test_long_statement_is_left_alone() -> None:
    """A statement that no hand wrote costs no key anything."""
    text = "SELECT " + "Computer, " * 20_000
    assert complete(text, len(text), SQL, lambda _: None).candidates == ()
