"""`patchdeck tables load|check|compact|vacuum|stats`, `export` and the formats of `query`, as commands."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest
from deltalake import DeltaTable

from fleet.tables import TABLES

Patchdeck = Callable[..., Any]
SHARED = Path(__file__).parents[4] / "shared" / "kql"
NOW = ("--now", "2026-11-20T12:00:00Z")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two rows that can be taken."""
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "".join(json.dumps({"TimeGenerated": f"2026-11-{day}", "Computer": "=a|b"}) + "\n" for day in (19, 20))
    )
    return path


def test_load_tells_what_became_of_the_rows(patchdeck: Patchdeck, rows: Path) -> None:
    """As JSON, and bad rows on standard error with their lines."""
    (told,) = json.loads(patchdeck("tables", "load", "heartbeat", str(rows), "--json").out)
    assert (told["taken"], told["known"], told["refused"], told["refusals"]) == (2, 0, 0, [])

    rows.write_text(rows.read_text() + '{"TimeGenerated": "never\\u001b[31m"}\n')
    ended = patchdeck("tables", "load", "Heartbeat", str(rows), code=2)
    assert "line 3: TimeGenerated is" in ended.err
    assert "\x1b" not in ended.err
    (told,) = json.loads(patchdeck("tables", "load", "Heartbeat", str(rows), "--skip-bad", "--json").out)
    assert (told["known"], told["refused"], told["refusals"][0]["line"]) == (2, 1, 3)


def test_load_refuses_what_it_does_not_know(patchdeck: Patchdeck, rows: Path) -> None:
    """A table, a file, a column, each in one line."""
    assert "Did you mean 'Heartbeat'" in patchdeck("tables", "load", "Hartbeat", str(rows), code=2).err
    assert "Cannot read" in patchdeck("tables", "load", "Heartbeat", "nowhere.csv", code=2).err
    rows.write_text('{"TimeGenerated": "2026-11-20", "Extra": "x"}\n')
    assert "--unknown aside" in patchdeck("tables", "load", "Heartbeat", str(rows), code=2).err
    assert "aside/Heartbeat-" in patchdeck("tables", "load", "Heartbeat", str(rows), "--unknown", "aside").err


def test_check_ends_with_one_where_a_file_is_torn(patchdeck: Patchdeck, rows: Path, home: Path) -> None:
    """And says what to do; then it goes on without it."""
    patchdeck("tables", "load", "Heartbeat", str(rows))
    assert f"{len(TABLES)} tables are whole." in patchdeck("tables", "check").err
    Path(DeltaTable(home / "tables" / "Heartbeat").file_uris()[0]).write_bytes(b"PAR1")

    ended = patchdeck("tables", "check", "--json", code=1)
    assert "backup" in json.loads(ended.out)[0]["remedy"]
    assert "goes on without" in patchdeck("tables", "check", "Heartbeat", "--forget").err
    assert json.loads(patchdeck("query", "SELECT count(*) AS n FROM Heartbeat", "--json").out) == [{"n": 1}]


def test_upkeep_on_request(patchdeck: Patchdeck, rows: Path) -> None:
    """Compact, vacuum and stats, a row for each table; files are kept longer than a query may last."""
    patchdeck("tables", "load", "Heartbeat", str(rows))

    assert json.loads(patchdeck("tables", "compact", "Heartbeat", "--json").out)[0]["files"] == 2
    assert json.loads(patchdeck("tables", "vacuum", "Heartbeat", "--dry-run", "--json").out)[0]["files"] == 0
    (told,) = json.loads(patchdeck("tables", "stats", "Heartbeat", "--json").out)
    assert (told["rows"], told["days"], told["newest"], told["kept_days"]) == (2, 2, "2026-11-20T00:00:00Z", 731)
    assert len(json.loads(patchdeck("tables", "stats", "--json").out)) == len(TABLES)


@pytest.mark.parametrize(
    "verb", [("list",), ("stats",), ("compact",), ("vacuum", "--dry-run")], ids=lambda verb: verb[0]
)
def test_one_broken_table_does_not_stop_the_others(
    patchdeck: Patchdeck, rows: Path, home: Path, verb: tuple[str, ...]
) -> None:
    """It is told, with what says what to do; the others are dealt with; the code is that of an unusable home."""
    patchdeck("tables", "load", "Heartbeat", str(rows))
    for commit in (home / "tables/Heartbeat/_delta_log").glob("*.json"):
        commit.write_text("{")

    told = patchdeck("tables", *verb, "--json", code=4)

    tables = {row.get("name") or row["table"] for row in json.loads(told.out)}
    assert tables == {table.name for table in TABLES} - {"Heartbeat"}
    assert "patchdeck tables check Heartbeat" in told.err


def test_vacuum_keeps_what_a_query_may_still_need(patchdeck: Patchdeck, home: Path) -> None:
    """By the settings."""
    patchdeck("tables", "list")
    (home / "config.toml").write_text("[query]\ntime_limit_seconds = 7200\n")
    assert "query.time_limit_seconds" in patchdeck("tables", "vacuum", "--hours", "1", code=2).err


def test_every_format_of_a_query_is_chosen_by_the_ending(patchdeck: Patchdeck, rows: Path, tmp_path: Path) -> None:
    """Those for files only are not for standard output."""
    patchdeck("tables", "load", "Heartbeat", str(rows))
    sql = "SELECT Computer, TimeGenerated FROM Heartbeat ORDER BY ALL"
    for ending in ("txt", "json", "ndjson", "csv", "md", "parquet", "arrow", "xlsx"):
        told = patchdeck("query", sql, "-o", str(tmp_path / f"answer.{ending}")).err
        assert "2 rows in" in told

    assert (tmp_path / "answer.md").read_text().splitlines()[2] == r"| =a\|b | 2026-11-19T00:00:00Z |"
    assert (tmp_path / "answer.csv").read_text().splitlines()[1] == "'=a|b,2026-11-19T00:00:00Z"
    assert polars.read_ipc(tmp_path / "answer.arrow").schema["TimeGenerated"] == polars.Datetime("us", "UTC")
    assert (tmp_path / "answer.xlsx").read_bytes().startswith(b"PK")
    assert patchdeck("query", sql, "--format", "markdown").out.startswith("| Computer |")
    for name in ("parquet", "arrow", "xlsx"):
        assert "goes to a file: give -o FILE" in patchdeck("query", sql, "--format", name, code=2).err


def test_export_parts_and_bounds(patchdeck: Patchdeck, rows: Path, tmp_path: Path) -> None:
    """Into folders as Hive has them."""
    patchdeck("tables", "load", "Heartbeat", str(rows))
    given = ("Heartbeat", str(tmp_path / "out"), "--partition", "day", "--since", "2026-11-20", "--json")
    (told,) = json.loads(patchdeck("export", *given).out)
    assert (told["rows"], told["files"]) == (1, 1)
    assert (tmp_path / "out" / "Heartbeat" / "Day=2026-11-20" / "part-0.parquet").is_file()


def _cases() -> list[dict[str, Any]]:
    path = SHARED / "update-management.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


@pytest.fixture
def workspace(patchdeck: Patchdeck) -> None:
    """The shared fixture, loaded."""
    for name in ("Update", "Heartbeat", "UpdateSummary", "UpdateRunProgress"):
        patchdeck("tables", "load", name, str(SHARED / "fixture" / f"{name}.jsonl"))


@pytest.mark.skipif(not _cases(), reason="the shared cases are not beside this checkout")
@pytest.mark.usefixtures("workspace")
def test_published_queries_give_over_the_loaded_rows_what_they_gave(patchdeck: Patchdeck) -> None:
    """By counts of rows, and by the rows of those that end with numbers only."""
    pytest.importorskip("query.kql.translate")
    for case in _cases():
        answer = json.loads(patchdeck("query", "--kql", case["query"], *NOW, "--json").out)
        assert len(answer) == len(case["rows"]), case["name"]
        if all(type_ == "long" for _, type_ in case["columns"]):
            assert [list(row.values()) for row in answer] == case["rows"], case["name"]
