"""Answers as files of Arrow's types, read back by pyarrow and polars."""

import gc
import io
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl
import pytest
from arro3.core import RecordBatch

from fleet.errors import QueryCancelled, QueryFailed, QueryTimedOut
from query.arrow_files import About, ArrowFormat, write_batches
from query.engine import QueryEngine
from query.limits import Limits

ABOUT = About({"patchdeck.table": "T"}, {"t": {"description": "when it was", "unit": "s"}})
_SQL = (
    "SELECT now() AS t, range AS n, 'é' || range AS s, [1.5] AS l, INTERVAL 2 MONTH AS i, 1 AS N FROM range($rows::INT)"
)


def written(engine: QueryEngine, path: Path, format_: ArrowFormat, rows: int = 3) -> None:
    with engine.stream_arrow(_SQL, {"rows": rows}) as answer, path.open("wb") as file:
        assert write_batches(answer.schema, answer.batches(), format_, file, ABOUT) == rows


@pytest.mark.parametrize("format_", list(ArrowFormat))
@pytest.mark.parametrize("rows", [0, 3, 300_000])
def test_types_are_kept(engine: QueryEngine, tmp_path: Path, format_: ArrowFormat, rows: int) -> None:
    """Times are in UTC, names differ whatever the case; polars reads it."""
    path = tmp_path / "x"
    written(engine, path, format_, rows)

    frame = pl.read_parquet(path) if format_ is ArrowFormat.PARQUET else pl.read_ipc(path)
    assert frame.height == rows
    assert frame.schema["t"] == pl.Datetime("us", "UTC")
    assert frame.schema["n"] == pl.Int64
    assert frame.columns == ["t", "n", "s", "l", "i", "N_1"]


@pytest.mark.parametrize("format_", list(ArrowFormat))
def test_columns_are_described_for_pyarrow(engine: QueryEngine, tmp_path: Path, format_: ArrowFormat) -> None:
    """As metadata of the field, and in Parquet as key and value for readers that know of no Arrow."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "x"
    written(engine, path, format_)

    is_parquet = format_ is ArrowFormat.PARQUET
    schema = parquet.read_schema(path) if is_parquet else pyarrow.ipc.open_file(path).schema
    assert schema.field("t").metadata[b"description"] == b"when it was"
    assert schema.metadata[b"patchdeck.table"] == b"T"
    assert str(schema.field("t").type) == "timestamp[us, tz=UTC]"
    if is_parquet:
        assert b"when it was" in parquet.read_metadata(path).metadata[b"patchdeck.columns"]


@pytest.mark.parametrize("format_", list(ArrowFormat))
def test_a_query_that_ends_badly_says_why(engine: QueryEngine, format_: ArrowFormat) -> None:
    """In the words that every other way of asking has."""
    sql = "SELECT CASE WHEN range > 100000 THEN error('boom') ELSE 'x' END AS x FROM range(200000)"
    with pytest.raises(QueryFailed, match="boom"), engine.stream_arrow(sql) as answer:
        write_batches(answer.schema, answer.batches(), format_, io.BytesIO())


def test_time_limits_and_cancelling_end_it(engine: QueryEngine) -> None:
    """At once, also between batches."""
    endless = "SELECT sum(a.range * b.range) AS x FROM range(10000000) a, range(10000000) b GROUP BY a.range"
    with pytest.raises(QueryTimedOut), engine.stream_arrow(endless, {}, Limits(seconds=0.3)) as answer:
        write_batches(answer.schema, answer.batches(), ArrowFormat.ARROW, io.BytesIO())
    with engine.stream_arrow("SELECT * FROM range(100000000)") as answer:
        batches = answer.batches()
        next(batches)
        engine.cancel()
        with pytest.raises(QueryCancelled):
            list(batches)


class _Full(io.RawIOBase):
    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("format_", list(ArrowFormat))
def test_a_file_that_takes_nothing_raises_what_it_raised(engine: QueryEngine, format_: ArrowFormat) -> None:
    """Not a text of another library."""
    with pytest.raises(OSError, match="No space left"), engine.stream_arrow(_SQL, {"rows": 9}) as answer:
        write_batches(answer.schema, answer.batches(), format_, cast("BinaryIO", _Full()))


def test_memory_does_not_grow_with_the_answer(engine: QueryEngine) -> None:
    """Batches are asked for one after the other, when the one before is written."""
    asked: list[int] = []

    with engine.stream_arrow("SELECT * FROM range(1000000)") as answer:

        def noted() -> Iterator[RecordBatch]:
            for batch in answer.batches():
                asked.append(batch.num_rows)
                yield batch

        write_batches(answer.schema, noted(), ArrowFormat.ARROW, io.BytesIO())
    assert len(asked) >= 5
    assert sum(asked) == 1_000_000


def test_failed_query_is_let_go(engine: QueryEngine) -> None:
    """DuckDB's binding complains at length, on standard error, about what is not freed when the program ends."""
    sql = "SELECT CASE WHEN i = 900000 THEN error('no') ELSE i END AS i FROM range(3000000) AS r(i)"
    with engine.stream_arrow(sql, {}) as answer:
        with pytest.raises(QueryFailed):
            write_batches(answer.schema, answer.batches(), ArrowFormat.ARROW, io.BytesIO())
        held = weakref.ref(answer)

    del answer
    gc.collect()
    assert held() is None
