"""Which days of the history a query opens; and that it never matters to its answer."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from fleet.tables import TABLES
from query.bounds import asks_for_needed_only, day_bounds, evaluator, first_days
from query.clock import set_clock
from query.engine import QueryEngine
from query.gate import check_query

WriteRows = Callable[..., None]
NAMES = [table.name for table in TABLES]

YESTERDAY = date(2026, 11, 19)
TODAY = date(2026, 11, 20)

BOUNDED = [
    ("SELECT 1 FROM Heartbeat WHERE TimeGenerated > now() - INTERVAL 14 HOUR", YESTERDAY),
    ("SELECT 1 FROM Heartbeat WHERE TimeGenerated >= ago(INTERVAL 5 HOUR)", TODAY),
    ("SELECT 1 FROM Heartbeat WHERE now() - INTERVAL '1' DAY <= TimeGenerated", YESTERDAY),
    ("SELECT 1 FROM Heartbeat AS h WHERE h.TimeGenerated BETWEEN TIMESTAMP '2026-11-19 23:00:00' AND now()", YESTERDAY),
    ("SELECT 1 FROM Heartbeat WHERE TimeGenerated > '2026-11-19T10:00:00Z' AND OSType = 'Linux'", YESTERDAY),
    ("SELECT 1 FROM Heartbeat WHERE Day = current_date", TODAY),
    ("SELECT 1 FROM Heartbeat WHERE Day >= current_date - 1", YESTERDAY),
    ("SELECT 1 FROM Heartbeat WHERE TimeGenerated > $since", YESTERDAY),
    ("SELECT 1 FROM Heartbeat WHERE (TimeGenerated > $since AND OSType = 'a') AND TimeGenerated > now()", TODAY),
    ("WITH r AS (SELECT * FROM Heartbeat WHERE TimeGenerated >= current_date) SELECT 1 FROM r", TODAY),
    ("SELECT 1 FROM Machine m LEFT JOIN Heartbeat h USING (Computer) WHERE h.TimeGenerated >= current_date", TODAY),
    (
        "SELECT 1 FROM Heartbeat WHERE Day = current_date UNION ALL SELECT 2 FROM Heartbeat WHERE Day >= '2026-11-19'",
        YESTERDAY,
    ),
]

UNBOUNDED = [
    "SELECT 1 FROM Heartbeat",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated < now()",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated > now() OR OSType = 'Linux'",
    "SELECT 1 FROM Heartbeat WHERE NOT TimeGenerated > now()",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated > (SELECT max(TimeGenerated) FROM Machine)",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated > to_timestamp(RemoteIPLatitude)",
    "SELECT 1 FROM (SELECT * FROM Heartbeat) WHERE TimeGenerated >= current_date",
    "SELECT 1 FROM Heartbeat TABLESAMPLE 50% WHERE TimeGenerated >= current_date",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated >= current_date UNION ALL SELECT 1 FROM Heartbeat",
    "SELECT 1 FROM Machine m POSITIONAL JOIN Heartbeat h WHERE h.TimeGenerated >= current_date",
    "SELECT 1 FROM Machine m ASOF JOIN Heartbeat h ON m.AddedAt >= h.TimeGenerated WHERE h.Day >= current_date",
    "SELECT 1 FROM Heartbeat h, Machine m WHERE m.TimeGenerated >= current_date",
    "SELECT now() AS TimeGenerated FROM Heartbeat WHERE TimeGenerated >= current_date",
    "SELECT 1 FROM Heartbeat AS h(TimeGenerated, b) WHERE h.b > now()",
    "SELECT count(*) FROM Heartbeat HAVING max(TimeGenerated) > now()",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated > NULL",
    "SELECT 1 FROM Heartbeat WHERE TimeGenerated > now() - random() * INTERVAL 1 DAY",
]


def first_day(engine: QueryEngine, sql: str, now: datetime) -> date | None:
    cursor = engine._database.cursor()
    set_clock(cursor, now)
    values: dict[str, object] = {"since": datetime(2026, 11, 19, 3)}  # noqa: DTZ001 - as it is bound
    bounds = day_bounds(check_query(cursor, sql, NAMES), cursor)
    return first_days(bounds, evaluator(cursor, values)).get("Heartbeat")


@pytest.mark.parametrize(("sql", "day"), BOUNDED)
def test_lower_bound_keeps_older_days_unopened(engine: QueryEngine, now: datetime, sql: str, day: date) -> None:
    """Constants, the clock and parameters, written either way round."""
    assert first_day(engine, sql, now) == day


@pytest.mark.parametrize("sql", UNBOUNDED)
def test_what_is_not_certain_opens_all_days(engine: QueryEngine, now: datetime, sql: str) -> None:
    """A bound that does not filter the rows of the table itself is none."""
    assert first_day(engine, sql, now) is None


@pytest.mark.parametrize("sql", [sql for sql, _ in BOUNDED])
def test_answer_is_that_of_all_days(
    engine: QueryEngine, write_rows: WriteRows, now: datetime, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    """With the days opened that the bound leaves, and with all of them, the rows are the same."""
    beats = [{"TimeGenerated": now - timedelta(hours=age), "Computer": "a", "OSType": "Linux"} for age in range(42)]
    write_rows("Heartbeat", *beats)
    write_rows("Machine", {"Computer": "a"}, {"Computer": "b"})
    values = {"since": now - timedelta(hours=33)} if "$since" in sql else {}

    pruned = engine.run(sql, values)
    monkeypatch.setattr("query.run.first_days", lambda *_: {})

    assert sorted(pruned.rows) == sorted(engine.run(sql, values).rows)


def test_old_files_are_not_even_looked_at(
    engine: QueryEngine, write_rows: WriteRows, tables_dir: Path, now: datetime
) -> None:
    """A broken file of an old day does not disturb a query over the last hours."""
    write_rows("Heartbeat", {"TimeGenerated": now})
    write_rows("Heartbeat", {"TimeGenerated": now - timedelta(days=9)})
    (old,) = (tables_dir / "Heartbeat").glob("Day=2026-11-11/*.parquet")
    old.write_bytes(b"broken")

    result = engine.run("SELECT count(*) FROM Heartbeat WHERE TimeGenerated > now() - INTERVAL 14 HOUR")

    assert result.rows == [(1,)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 FROM Update WHERE UpdateState = 'Needed'", True),
        (
            "SELECT 1 FROM Update AS u WHERE 'Needed' = u.UpdateState AND (u.OSType = 'Linux' AND u.Computer GLOB '*')",
            True,
        ),
        ("SELECT 1 FROM Machine LEFT JOIN Update USING (Computer) WHERE Update.UpdateState = 'Needed'", True),
        ("WITH n AS (SELECT * FROM Update WHERE UpdateState = 'Needed') SELECT 1 FROM n", True),
        ("SELECT 1 FROM Update WHERE lower(UpdateState) = 'needed'", True),
        ("SELECT 1 FROM Update WHERE lower(UpdateState) = 'Needed'", False),
        ("SELECT 1 FROM Update WHERE upper(UpdateState) = 'needed'", False),
        ("SELECT 1 FROM Update", False),
        ("SELECT 1 FROM Update WHERE UpdateState <> 'Needed'", False),
        ("SELECT 1 FROM Update WHERE UpdateState = 'needed'", False),
        ("SELECT 1 FROM Update WHERE UpdateState = 'Needed' OR OSType = 'Linux'", False),
        ("SELECT 1 FROM Update WHERE UpdateState = 'Needed' UNION ALL SELECT 1 FROM Update", False),
        ("SELECT 1 FROM (SELECT * FROM Update) WHERE UpdateState = 'Needed'", False),
        ("SELECT 'x' AS UpdateState FROM Update WHERE UpdateState = 'Needed'", False),
        ("SELECT count(*) FILTER (UpdateState = 'Needed') FROM Update", False),
    ],
)
def test_history_is_left_out_only_where_needed_is_asked_for(engine: QueryEngine, sql: str, expected: bool) -> None:
    """What is needed now has no part in the history of what was settled."""
    query = check_query(engine._database.cursor(), sql, NAMES)

    assert asks_for_needed_only(query) is expected
