"""The page about queries: its example is one, and it names every query."""

import re
import sys
from pathlib import Path

import pytest

from query.header import parse_header
from query.library import find_queries, make_query
from query.trial import try_query

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> str:
    """What is made of the library now."""
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    from importlib import import_module

    return str(import_module("make_queries").make())


def test_example_of_a_header_is_a_query(page: str, tmp_path: Path) -> None:
    """It could be saved as it stands."""
    example = re.search(r"(?m)^(?:    .*\n)*    -- title:(?:.*\n)(?:    .*\n)+", page)
    assert example is not None
    text = re.sub(r"(?m)^    ", "", example.group())

    header = parse_header(text)
    try_query(make_query(tmp_path / "example.sql", text, header), tmp_path)

    assert (len(header.parameters), len(header.columns), header.chart is not None) == (2, 1, True)


def test_every_query_has_its_entry(page: str) -> None:
    """With its parameters and the columns that need a word."""
    for query in find_queries():
        assert f"#### {query.title}\n\n`{query.name}`. {query.help}" in page
        assert all(f"- `{parameter.name}` ({parameter.type.value}" in page for parameter in query.parameters)
