"""Every published query and documentation example is read."""

import json
from pathlib import Path

import pytest

from query.kql.parser import parse

SHARED = Path(__file__).parents[4] / "shared" / "kql"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the test data of ../shared is not beside this repository")
@pytest.mark.parametrize("name", ["update-management.jsonl", "kusto-docs.jsonl"])
def test_published_queries_are_read(name: str) -> None:
    """Update Management's own queries and Kusto's documentation parse as they stand."""
    queries = [json.loads(line)["query"] for line in (SHARED / name).read_text(encoding="utf-8").splitlines()]
    assert queries
    for query in queries:
        parse(query)
        parse(query.replace("\n", "\r\n") + "\r\n;")
