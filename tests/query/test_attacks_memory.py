"""Queries that grow within one expression: they end with the limit that they hit, and the process stays small."""

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from fleet.errors import QueryFailed, QueryTimedOut
from query.ceiling import Ceiling
from query.engine import QueryEngine
from query.limits import Limits
from query.problems import explain_shortage

OpenEngine = Callable[..., QueryEngine]

TWICE = "SELECT 'x' AS s"
for _ in range(34):
    TWICE = f"SELECT s || s AS s FROM ({TWICE})"

GROWING = [
    f"SELECT length(s) FROM ({TWICE})",
    f"SELECT length(s) FROM ({TWICE.replace('s || s', 'concat(s, s)')})",
    f"SELECT length(s) FROM ({TWICE.replace('s || s', 's[:] || s[:]')})",
    "SELECT len(flatten(list_transform(range(100_000), lambda x: range(100_000))))",
    "SELECT sum(len(list_transform(range(1_000_000), lambda x: repeat('y', 10_000)))) FROM range(10)",
    "SELECT length(to_json(list_transform(range(1_000_000), lambda x: repeat('y', 10_000))))",
    "SELECT length(array_to_string(list_transform(range(1_000_000), lambda x: repeat('y', 10_000)), ''))",
    "SELECT len(string_split(string_agg(repeat('x,', 50_000), ''), ',')) FROM range(100_000)",
    "SELECT cardinality(map_from_entries(list_transform(range(1_000_000), lambda x: (x, repeat('y', 10_000)))))",
    "WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r",
    "SELECT list_reduce(range(100), lambda a, b: a || a, 'x') FROM (SELECT 1)",
    "SELECT length(list_reduce(list_transform(range(100), lambda i: 'xx'), lambda a, b: a || a))",
]


@pytest.mark.parametrize(
    "sql",
    [pytest.param(sql, marks=[] if n % 4 == 0 else pytest.mark.soak) for n, sql in enumerate(GROWING)],
    ids=range(len(GROWING)),
)
def test_growing_value_ends_at_a_limit(open_engine: OpenEngine, sql: str) -> None:
    """Doubling, lists of texts, lambdas, aggregates and recursion: one line, a live engine, and no more than it may."""
    engine = open_engine(memory="100MB", seconds=10.0)

    with pytest.raises((QueryFailed, QueryTimedOut)) as failure:
        engine.run(sql)

    assert len(str(failure.value).splitlines()) == 1
    assert engine.run("SELECT 1").rows == [(1,)]
    assert _peak_bytes() < 4 * 2**30


def test_limit_of_memory_says_what_raises_it(open_engine: OpenEngine) -> None:
    """Which limit, how much it is, and the name of the setting."""
    with pytest.raises(QueryFailed, match=r"more than the 60MB of memory .* query\.memory_mib"):
        open_engine(memory="60MB").run("SELECT list(range) FROM range(1_000_000_000)")


def test_limit_of_time_says_what_raises_it(open_engine: OpenEngine) -> None:
    """Which limit, how long it is, and the name of the setting and the option."""
    with pytest.raises(QueryTimedOut, match=r"0\.1 s .* query\.time_limit_seconds, or --time-limit"):
        open_engine(seconds=0.1).run("SELECT sum(hash(range)) FROM range(100_000_000_000)")


def test_limit_of_disk_says_what_raises_it() -> None:
    """Which limit, how much it is, and the names of the settings; DuckDB's own words name the setting it has for it."""
    error = duckdb.OutOfMemoryException(
        "Out of Memory Error: failed to offload data block of size 256.0 KiB (2.8 MiB/2.8 MiB used).\n"
        "This limit was set by the 'max_temp_directory_size' setting."
    )

    said = str(explain_shortage(error, Limits(spill="3MB")))

    assert re.search(r"more than the 3MB of disk .* query\.spill_mib", said)


def test_ceiling_is_gone_after_the_query(engine: QueryEngine) -> None:
    """What the process may take is what it was, also while two queries overlapped."""
    before = _data_limit()
    ceiling = Ceiling()

    engine.run("SELECT 1")
    assert _data_limit() == before
    with ceiling.raise_for(10**9):
        held = _data_limit()
        with ceiling.raise_for(3 * 10**9):
            assert _data_limit() != held
        assert _data_limit() == held
    assert _data_limit() == before


def _data_limit() -> str:
    return str(re.findall(r"Max data size +(\S+)", Path("/proc/self/limits").read_text())[0])


def _peak_bytes() -> int:
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) * 1024
