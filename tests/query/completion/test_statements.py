"""Which part of a text is one statement."""

import pytest

from query.completion.statements import looks_like_kql, statement_at
from query.language import QueryLanguage


@pytest.mark.parametrize(
    ("text", "offset", "language", "expected"),
    [
        ("SELECT 1; SELECT 2", 3, QueryLanguage.SQL, "SELECT 1;"),
        ("SELECT 1; SELECT 2", 14, QueryLanguage.SQL, "SELECT 2"),
        ("SELECT ';'; SELECT 2", 5, QueryLanguage.SQL, "SELECT ';';"),
        ("SELECT 1\n\nFROM x", 3, QueryLanguage.SQL, "SELECT 1\n\nFROM x"),
        ("let a = 1;\nUpdate | take a\n\nMachine", 3, QueryLanguage.KQL, "let a = 1;\nUpdate | take a"),
        ("Update\n\nMachine | count", 10, QueryLanguage.KQL, "Machine | count"),
        ("Update\n\nMachine\n\n", 17, QueryLanguage.KQL, "Machine"),
        ("print ```a\n\nb```", 14, QueryLanguage.KQL, "print ```a\n\nb```"),
    ],
)
def test_statement_under_the_cursor(text: str, offset: int, language: QueryLanguage, expected: str) -> None:
    """In SQL semicolons end a statement, in KQL blank lines do, outside of texts."""
    start, end = statement_at(text, offset, language)
    assert text[start:end] == expected


@pytest.mark.parametrize(
    ("text", "is_kql"),
    [
        ("Update | where Computer == 'a'", True),
        ("Update\n| summarize count()", True),
        ("let x = 1; print x", True),
        ("// a comment\nUpdate | take 3", True),
        ("SELECT 1 | 2", False),
        ("FROM Update", False),
        ("", False),
        ("Update", False),
    ],
)
def test_kql_is_recognised_by_its_pipes(text: str, is_kql: bool) -> None:
    """Only what cannot be SQL counts as KQL."""
    assert looks_like_kql(text) is is_kql
