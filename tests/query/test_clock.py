"""What time it is in a query."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from query.engine import QueryEngine
from query.limits import Limits

WriteRows = Callable[..., None]


@pytest.fixture
def in_tokyo() -> Iterator[None]:
    """The process in a zone that is far from UTC."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Tokyo"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    "expression",
    [
        "now()",
        "NOW()",
        "current_timestamp",
        "get_current_timestamp()",
        "transaction_timestamp()",
        "localtimestamp",
        "current_localtimestamp()",
        "ago(INTERVAL 0 HOUR)",
        "CAST(now() AS TIMESTAMPTZ)",
        "current_date + current_time",
    ],
)
@pytest.mark.usefixtures("in_tokyo")
def test_every_clock_tells_the_pinned_instant_in_utc(engine: QueryEngine, now: datetime, expression: str) -> None:
    """Whatever asks for the time, and wherever the process runs."""
    assert engine.run(f"SELECT {expression}").rows == [(now,)]


@pytest.mark.parametrize("expression", ["current_date", "today()", "CAST(now() AS DATE)"])
@pytest.mark.usefixtures("in_tokyo")
def test_today_is_the_day_in_utc(tables_dir: Path, tmp_path: Path, expression: str) -> None:
    """At 23:30 UTC it is the next day in Tokyo."""
    with QueryEngine(tables_dir, tmp_path, Limits(), now=datetime(2026, 11, 20, 23, 30, tzinfo=UTC)) as engine:
        assert engine.run(f"SELECT {expression}").rows == [(date(2026, 11, 20),)]


def test_now_is_utc_whatever_zone_it_is_given_in(tables_dir: Path, tmp_path: Path) -> None:
    """An instant is an instant."""
    moment = datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=9)))
    with QueryEngine(tables_dir, tmp_path, Limits(), now=moment) as engine:
        assert engine.run("SELECT now()").rows == [(datetime(2026, 11, 20, 3, tzinfo=UTC),)]


@pytest.mark.usefixtures("in_tokyo")
def test_times_of_rows_compare_with_now(engine: QueryEngine, write_rows: WriteRows, now: datetime) -> None:
    """The look-back of Update Management's queries, exact to the microsecond."""
    edge = now - timedelta(hours=5)
    write_rows("Heartbeat", {"TimeGenerated": edge}, {"TimeGenerated": edge + timedelta(microseconds=1)})

    result = engine.run("SELECT TimeGenerated FROM Heartbeat WHERE TimeGenerated > now() - INTERVAL 5 HOUR")

    assert result.rows == [(edge + timedelta(microseconds=1),)]


def test_age_of_one_argument_counts_from_the_pinned_day(engine: QueryEngine) -> None:
    """As DuckDB's own counts from today's midnight."""
    assert engine.run("SELECT age(TIMESTAMP '2026-11-18'), age(now(), TIMESTAMP '2026-11-18')").rows == [
        ("2 days", "2 days 12:00:00")
    ]


def test_clock_that_is_not_pinned_is_one_instant_a_query(tables_dir: Path, tmp_path: Path) -> None:
    """Two calls in a query agree, and it is about now."""
    with QueryEngine(tables_dir, tmp_path, Limits()) as engine:
        ((first, second),) = engine.run("SELECT now(), current_timestamp").rows

    assert first == second
    assert isinstance(first, datetime)
    assert abs(datetime.now(UTC) - first) < timedelta(minutes=5)


def test_parameters_are_instants_too(engine: QueryEngine, now: datetime) -> None:
    """A time with a zone is bound as UTC."""
    tokyo = now.astimezone(timezone(timedelta(hours=9)))

    assert engine.run("SELECT $moment = now()", {"moment": tokyo}).rows == [(True,)]


@pytest.mark.parametrize(("days", "is_noted"), [(-2, True), (0, False), (2, False)])
def test_an_instant_before_the_newest_rows_is_noted(
    tables_dir: Path, tmp_path: Path, write_rows: WriteRows, now: datetime, days: int, is_noted: bool
) -> None:
    """Ages counted from it come out negative, and another question is meant most of the time."""
    write_rows("Assessment", {"TimeGenerated": now})
    with QueryEngine(tables_dir, tmp_path, Limits(), now=now + timedelta(days=days)) as engine:
        notes = engine.run("SELECT * FROM Assessment").notes
    assert any("--as-of" in note for note in notes) is is_noted
