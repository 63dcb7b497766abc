"""Limits of time, rows, memory and disk, cancelling, and that the engine works afterwards."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import BadInput, QueryCancelled, QueryFailed, QueryTimedOut
from query.engine import QueryEngine
from query.limits import Limits

OpenEngine = Callable[..., QueryEngine]

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(10_000_000) b"


@pytest.mark.parametrize(
    "sql",
    [
        ENDLESS,
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "SELECT a.range + b.range AS x FROM range(1_000_000) a, range(1_000_000) b ORDER BY x",
        "SELECT count(*) FROM range(100_000_000_000_000)",
    ],
)
def test_endless_query_ends_at_its_time_limit(open_engine: OpenEngine, sql: str) -> None:
    """Whatever it does, it is stopped, and the next query is answered."""
    engine = open_engine(seconds=0.3)

    with pytest.raises(QueryTimedOut, match=r"took longer than 0\.3 s"):
        engine.run(sql)

    assert engine.run("SELECT 1").rows == [(1,)]


def test_one_query_can_be_given_less_time(engine: QueryEngine) -> None:
    """Limits of a call stand above those of the engine."""
    with pytest.raises(QueryTimedOut):
        engine.run(ENDLESS, limits=Limits(seconds=0.2))


def test_cancelled_query_ends_and_the_engine_lives_on(engine: QueryEngine) -> None:
    """cancel() comes from another thread, as the app's Escape does."""
    errors: list[Exception] = []

    def ask() -> None:
        try:
            engine.run(ENDLESS)
        except QueryCancelled as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    deadline = time.monotonic() + 20
    while not engine._running and time.monotonic() < deadline:
        threading.Event().wait(0.001)
    engine.cancel()
    thread.join(20)

    assert [str(error) for error in errors] == ["The query was cancelled."]
    assert engine.run("SELECT 1").rows == [(1,)]


def test_a_signal_ends_a_query_of_the_main_thread_as_it_ends_the_rest(open_engine: OpenEngine) -> None:
    """DuckDB says something of its own of it, once it looks."""
    engine = open_engine(seconds=0.5)
    threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()

    with pytest.raises(KeyboardInterrupt):
        engine.run("SELECT count(*) FROM range(100_000_000_000) WHERE range % 7 = 3")

    assert engine.run("SELECT 1").rows == [(1,)]


def test_cancelling_nothing_does_nothing(engine: QueryEngine) -> None:
    """A cancel that comes too late does not hit the next query."""
    engine.cancel()

    assert engine.run("SELECT 1").rows == [(1,)]


def test_row_limit_cuts_and_says_so(engine: QueryEngine) -> None:
    """Exactly at the limit nothing is cut; beyond it the rows are the first ones."""
    cut = engine.run("SELECT * FROM range(100_000)", limits=Limits(rows=5_000))
    whole = engine.run("SELECT * FROM range(5_000)", limits=Limits(rows=5_000))

    assert (len(cut.rows), cut.rows[-1], cut.truncated) == (5_000, (4_999,), True)
    assert (len(whole.rows), whole.truncated) == (5_000, False)


def test_row_limit_of_zero_gives_the_columns(engine: QueryEngine) -> None:
    """No rows, and whether there are any."""
    result = engine.run("SELECT 1 AS a", limits=Limits(rows=0))

    assert (result.columns[0].name, result.rows, result.truncated) == ("a", [], True)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(range) FROM range(1_000_000_000)",
        "SELECT range(1_000_000_000)",
        "SELECT string_agg(repeat('x', 100_000)) FROM range(100_000)",
        "SELECT length(repeat('x', 1_000_000_000))",
        "SELECT length(lpad('x', 2_000_000_000, 'y'))",
        "SELECT array_resize([1], 1_000_000_000)",
        "SELECT list_resize([1], 1_000_000_000, 0)",
        "SELECT range(0, 1_000_000_000_000, 2)",
        "SELECT generate_series(DATE '1000-01-01', current_date, INTERVAL 1 SECOND)",
        "SELECT list_transform(range(100_000_000), lambda x: x + 1)",
        "SELECT bitstring('1', 2_000_000_000)",
    ],
)
def test_query_that_needs_too_much_fails_in_one_line(open_engine: OpenEngine, sql: str) -> None:
    """Memory, what may be laid aside on disk, and the growth of texts have ceilings."""
    engine = open_engine(memory="60MB", spill="1MB")

    with pytest.raises(QueryFailed) as failure:
        engine.run(sql)

    assert len(str(failure.value).splitlines()) == 1
    assert engine.run("SELECT 1").rows == [(1,)]


def test_series_of_numbers_and_times_work_below_their_ceiling(engine: QueryEngine) -> None:
    """The shadowed functions give what DuckDB's own give, as values and as sources."""
    sql = (
        "SELECT range(3), range(1, 3), range(9, 1, -4), generate_series(1, 2), list_resize([1], 2, 0), range(NULL), "
        "len(range(DATE '2026-01-01', DATE '2026-01-04', INTERVAL 1 DAY))"
    )

    assert engine.run(sql).rows == [([0, 1, 2], [1, 2], [9, 5], [1, 2], [1, 0], None, 3)]
    assert engine.run("SELECT repeat('ab', 2), repeat([1], 2), lpad('x', 2, 'y')").rows == [("abab", [1, 1], "yx")]
    assert engine.run("SELECT count(*) FROM range(2_000_000)").rows == [(2_000_000,)]


def test_query_larger_than_memory_is_laid_aside_and_cleared_away(open_engine: OpenEngine, tmp_path: Path) -> None:
    """Spilling works although the engine can open no file itself; closing leaves nothing behind."""
    engine = open_engine(memory="40MB")
    sql = "SELECT md5(CAST(range AS VARCHAR)) AS x FROM range(500_000) ORDER BY x LIMIT 1 OFFSET 499_999"

    assert len(engine.run(sql).rows) == 1

    engine.close()
    assert list((tmp_path / "temp").glob("*")) == []


def test_stream_holds_few_rows_at_a_time(engine: QueryEngine) -> None:
    """A million rows come in batches."""
    with engine.stream("SELECT * FROM range(1_000_000)", limits=Limits(rows=None)) as stream:
        sizes = [len(batch) for batch in stream.batches()]

    assert sum(sizes) == 1_000_000
    assert max(sizes) <= 2_048
    assert not stream.truncated


def test_stream_that_is_left_early_frees_the_engine(engine: QueryEngine) -> None:
    """Who stops reading stops the query."""
    with engine.stream("SELECT * FROM range(1_000_000_000)", limits=Limits(rows=None)) as stream:
        next(stream.batches())

    assert not engine._running
    assert engine.run("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize(("text", "size"), [("1GB", 10**9), ("1.5 GiB", 1_610_612_736), ("512mb", 512_000_000)])
def test_memory_limit_is_a_size(text: str, size: int) -> None:
    """As DuckDB writes sizes."""
    assert Limits(memory=text).memory_bytes == size


@pytest.mark.parametrize("text", ["", "1", "GB", "1XB", "-1GB", "1GB2"])
def test_memory_limit_that_is_none_is_refused(text: str) -> None:
    """One line that says how to write it."""
    with pytest.raises(BadInput, match="not usable"):
        _ = Limits(memory=text).memory_bytes


def test_query_that_lays_more_aside_than_it_may_fails_and_names_the_setting(open_engine: OpenEngine) -> None:
    """DuckDB's own limit lets a sort go far beyond it, so what lies in the folder is counted."""
    engine = open_engine(memory="64MB", spill="3MB")

    with pytest.raises(QueryFailed, match=r"more than the 3MB of disk .* query\.spill_mib"):
        engine.run("SELECT i, md5(CAST(i AS VARCHAR)) AS t FROM range(3_000_000) AS r(i) ORDER BY t")

    assert engine.run("SELECT 1").rows == [(1,)]
