"""Our parser takes and refuses what Microsoft's does; where it does not, the difference is listed with its reason.

Development only: `make test-kql-oracles` installs the parser (npm, @kusto/language-service-next) outside of the
repository's tracked files; without it these tests are skipped.
"""

import json
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from query.kql.errors import KqlProblem
from query.kql.parser import parse

HERE = Path(__file__).parent
CACHE = Path(__file__).parents[4] / ".cache" / "kql-oracles"
SHARED = Path(__file__).parents[5] / "shared" / "kql"
NODE = shutil.which("node")
DIFFERENCES = tomllib.loads((HERE / "differences.toml").read_text("utf-8"))

pytestmark = pytest.mark.skipif(
    NODE is None or not (CACHE / "node_modules" / "@kusto").is_dir(),
    reason="Microsoft's parser is not installed: make test-kql-oracles",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Microsoft's parser says of a query."""

    is_taken: bool
    first_error: str
    tree: str


def microsoft(queries: list[str]) -> list[Verdict]:
    """The verdicts on queries, in their order, from one process."""
    assert NODE is not None
    answer = subprocess.run(
        [NODE, str(HERE / "microsoft_parser.js"), str(CACHE)],
        input="\n".join(json.dumps(query) for query in queries),
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    return [
        Verdict(not item["errors"], item["errors"][0]["message"] if item["errors"] else "", item["tree"])
        for item in found
    ]


def is_taken(query: str) -> bool:
    """Whether our parser takes a query."""
    try:
        parse(query)
    except KqlProblem:
        return False
    return True


def differing(queries: list[str]) -> dict[str, str]:
    """The queries that one of the two takes and the other does not, with what Microsoft's says."""
    verdicts = microsoft(queries)
    return {
        query: verdict.first_error or "taken"
        for query, verdict in zip(queries, verdicts, strict=True)
        if is_taken(query) != verdict.is_taken
    }


def authored() -> list[str]:
    """Our own queries in the style of Azure Monitor and of hunters."""
    return [query.strip("\n") for query in (HERE.parent / "authored-queries.kql").read_text("utf-8").split("\n---\n")]


def broken() -> list[str]:
    """Our table of broken queries."""
    lines = (HERE.parent / "broken-queries.jsonl").read_text("utf-8").splitlines()
    return [str(json.loads(line)["query"]) for line in lines]


@pytest.mark.parametrize("name", ["authored", "broken"])
def test_both_take_the_same_queries(name: str) -> None:
    """Every query on which the two differ is listed with the reason, and none is listed that they agree on."""
    queries = authored() if name == "authored" else broken()
    assert len(queries) >= 280
    assert sorted(differing(queries)) == sorted(DIFFERENCES[name])


def test_every_difference_has_a_reason() -> None:
    """A difference without a reason is a bug."""
    assert all(reason for part in DIFFERENCES.values() for reason in part.values())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the test data of ../shared is not beside this repository")
@pytest.mark.parametrize("name", ["update-management.jsonl", "kusto-docs.jsonl"])
def test_both_take_what_is_published(name: str) -> None:
    """Update Management's queries and the documentation's examples are taken by both."""
    queries = [json.loads(line)["query"] for line in (SHARED / name).read_text("utf-8").splitlines()]
    assert differing(queries) == {}


@pytest.mark.parametrize(
    ("written", "bracketed"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a == b + 1 * 2", "(a == (b + (1 * 2)))"),
        ("a == b < c", "(a == (b < c))"),
        ("a < b == c", "((a < b) == c)"),
        ("a * b has c", "(a * (b has c))"),
        ("a =~ b + c", "((a =~ b) + c)"),
        ("-a * b", "((- a) * b)"),
        ("a has -1", "(a has (- 1))"),
        ("a - b - c", "((a - b) - c)"),
        ("a and b and c or d", "(((a and b) and c) or d)"),
    ],
)
def test_operators_bind_as_in_microsofts_parser(written: str, bracketed: str) -> None:
    """Our tree of a value is that of its bracketed form, which is how Microsoft's parser shows it."""
    ours = [re.sub(r"Span\([^)]*\)", "", repr(parse(f"T | where {text}").result)) for text in (written, bracketed)]
    assert ours[0] == ours[1]
    assert microsoft([f"T | where {written}"])[0].tree == f"(T | (where {bracketed}))"
