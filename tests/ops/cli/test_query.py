"""`patchdeck query`, `queries`, `export` and `tables`."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest
from rich.cells import cell_len

from fleet.tables import TABLES

ROOT = Path(__file__).parents[3]
Patchdeck = Callable[..., Any]


@pytest.fixture
def fleet(patchdeck: Patchdeck) -> None:
    """Three machines that were never assessed."""
    for name in ("web-01", "web-02", "db-01"):
        patchdeck("machines", "add", name, "--tag", f"role={name[:2]}")


NAMES = "SELECT Computer, Enabled, AddedAt FROM Machine ORDER BY Computer"


@pytest.mark.usefixtures("fleet")
def test_the_state_is_in_the_tables_when_it_is_asked(patchdeck: Patchdeck) -> None:
    """A machine that was enrolled a moment ago is there, and one that was removed is not."""
    patchdeck("machines", "remove", "web-02")

    rows = json.loads(patchdeck("query", NAMES, "--json").out)

    assert [row["Computer"] for row in rows] == ["db-01", "web-01"]
    assert rows[0]["Enabled"] is True
    assert rows[0]["AddedAt"].endswith("Z")
    assert list(rows[0]) == ["Computer", "Enabled", "AddedAt"]


@pytest.mark.usefixtures("fleet")
def test_formats_agree(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """JSON, NDJSON, CSV and Parquet hold the same names; the file's ending chooses the format."""
    as_json = [row["Computer"] for row in json.loads(patchdeck("query", NAMES, "--format", "json").out)]
    lines = patchdeck("query", NAMES, "--format", "ndjson").out.splitlines()
    sheet = list(csv.DictReader(io.StringIO(patchdeck("query", NAMES, "--format", "csv").out)))
    told = patchdeck("query", NAMES, "-o", str(tmp_path / "names.parquet")).err

    assert as_json == ["db-01", "web-01", "web-02"]
    assert [json.loads(line)["Computer"] for line in lines] == as_json
    assert [row["Computer"] for row in sheet] == as_json
    assert polars.read_parquet(tmp_path / "names.parquet")["Computer"].to_list() == as_json
    assert "3 rows" in told


@pytest.mark.usefixtures("fleet")
def test_a_table_is_in_full_where_there_is_no_terminal(patchdeck: Patchdeck) -> None:
    """However long a text is, nothing is cut and nothing is coloured."""
    out = patchdeck("query", "SELECT repeat('x', 3000) AS long, 7 AS n").out

    assert "x" * 3000 in out
    assert "\x1b" not in out


def test_sql_comes_from_standard_input(patchdeck: Patchdeck) -> None:
    """A dash reads the query; parameters have their values by name."""
    ended = patchdeck("query", "-", "--param", "n=20", "--json", given="SELECT $n::INT * 2 + 2 AS answer")

    assert json.loads(ended.out) == [{"answer": 42}]


def test_now_is_what_was_said(patchdeck: Patchdeck) -> None:
    """--now pins the clock of the query; a time without a zone is UTC."""
    ended = patchdeck("query", "SELECT now() AS n", "--now", "2026-11-20T13:00:00+01:00", "--json")

    assert json.loads(ended.out) == [{"n": "2026-11-20T12:00:00Z"}]


def test_the_row_limit_says_when_it_bites(patchdeck: Patchdeck) -> None:
    """Exactly the limit is no cut; one more is, and is said on standard error."""
    exact = patchdeck("query", "SELECT range AS n FROM range(5)", "--limit", "5")
    cut = patchdeck("query", "SELECT range AS n FROM range(6)", "--limit", "5")
    free = patchdeck("query", "SELECT range AS n FROM range(200001)", "--limit", "0", "--format", "csv")

    assert exact.err == ""
    assert "first 5 rows" in cut.err
    assert len(cut.out.splitlines()) == 6
    assert free.err == ""
    assert len(free.out.splitlines()) == 200_002


def test_the_time_limit_has_its_own_exit_code(patchdeck: Patchdeck) -> None:
    """A query without end is stopped, and says so."""
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"

    ended = patchdeck("query", endless, "--time-limit", "0.3", code=6)

    assert ended.err.startswith("patchdeck: ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["SELECT Computr FROM Machine"], "Did you mean 'Computer'?"),
        (["SELECT * FROM Machines"], "Did you mean 'Machine'?"),
        (["DELETE FROM Machine"], "SELECT"),
        (["COPY Machine TO '/tmp/stolen.csv'"], "SELECT"),
        (["SELECT * FROM read_csv('/etc/passwd')"], "read_csv"),
        (["SELECT * FROM '/etc/passwd'"], "/etc/passwd"),
        (["SELECT 1; SELECT 2"], "One statement"),
        (["SELEC 1"], "patchdeck: "),
        (["SELECT $x"], "$x"),
        (["SELECT 1", "--param", "x=1"], "'x'"),
        (["SELECT 1", "--param", "x"], "name=value"),
        (["SELECT 1", "--now", "yesterday"], "2026-11-20T12:00:00Z"),
        (["SELECT 1", "--now", ""], "2026-11-20T12:00:00Z"),
        (["SELECT 1", "--now", "9999-12-31T23:59:59-12:00"], "2026-11-20T12:00:00Z"),
        (["SELECT $x", "--param", "x=\udcff"], "UTF-8"),
        (["SELECT 1", "--json", "--format", "csv"], "contradict"),
        (["SELECT 1", "--limit", "-1"], "equal to 0. See"),
        (["SELECT 1", "--format", "xml"], "--format"),
        (["SELECT 1", "--format", "parquet"], "-o FILE"),
        (["SELECT 1", "-o", "answer.xyz"], "--format"),
        (["--name", "no-such-query"], "no query"),
        (["SELECT 1", "--name", "no-such-query"], "just one"),
        ([], "--name"),
        (["-"], "no query"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_questions_get_one_clear_line(patchdeck: Patchdeck, arguments: list[str], says: str) -> None:
    """Exit code 2, one line that names the mistake, below it its place in the query; nothing on standard output."""
    ended = patchdeck("query", *arguments, code=2)

    assert ended.out == ""
    assert ended.err.startswith("patchdeck: ")
    assert ended.err.count("\n") == (3 if "Line 1, column" in ended.err else 1)
    assert says in ended.err


def test_mistake_is_shown_at_its_place(patchdeck: Patchdeck) -> None:
    """The line of the query and a caret; of a long line what is around the place; nothing that steers a terminal."""
    ended = patchdeck("query", f"SELECT 1,\n'\x1b[31m', {'1, ' * 200} Computr FROM Machine", code=2)

    message, line, caret = ended.err.splitlines()
    assert "Line 2, column" in message
    assert "\x1b" not in line
    assert line[caret.index("^") :].startswith("Computr FROM Machine")
    assert len(line) < 140


def test_caret_stands_below_what_is_meant_behind_wide_characters(patchdeck: Patchdeck) -> None:
    """A terminal gives them two cells, and marks upon others none."""
    ended = patchdeck("query", "SELECT '日本', 'e\u0301', Computr FROM Machine", code=2)

    _, line, caret = ended.err.splitlines()
    assert caret.index("^") == cell_len(line[: line.index("Computr")])


def test_standard_input_that_is_no_text_is_told(environment: dict[str, str]) -> None:
    """Not as half of a surrogate pair, which nobody wrote."""
    command = [sys.executable, str(ROOT / "patchdeck.py"), "query", "-"]
    done = subprocess.run(command, input=b"\xff", env=environment, capture_output=True, timeout=60, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith(b"patchdeck: Standard input is not UTF-8 at ")


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("damage", ["missing", "torn"])
def test_damaged_table_is_named_with_what_says_more(patchdeck: Patchdeck, home: Path, damage: str) -> None:
    """Its file is told by its place in the home, as `tables check` tells it, not as DuckDB is given it."""
    patchdeck("query", "SELECT * FROM Machine")
    file = next((home / "tables" / "Machine").rglob("*.parquet"))
    file.unlink() if damage == "missing" else file.write_bytes(b"PAR1")

    ended = patchdeck("query", "SELECT * FROM Machine", code=1)

    assert "table Machine" in ended.err
    assert file.name in ended.err
    assert "patchdeck tables check" in ended.err
    assert "umro" not in ended.err


@pytest.mark.usefixtures("fleet")
def test_query_is_shown_rather_than_run(patchdeck: Patchdeck) -> None:
    """What would run is printed, also that of a saved query; what would be refused is refused."""
    shown = patchdeck("query", "SELECT 'é' AS x\n\tFROM Machine", "--show").out
    saved = patchdeck("query", "--name", "reboot-pending", "--show").out

    assert shown.splitlines()[0] == "SELECT 'é' AS x"
    assert "FROM Machine" in saved
    assert "read_csv" in patchdeck("query", "SELECT * FROM read_csv('x')", "--show", code=2).err


@pytest.mark.usefixtures("fleet")
def test_question_about_the_past_says_what_is_not_kept(patchdeck: Patchdeck) -> None:
    """Before they were enrolled there were no machines, and now() was then."""
    sql = "SELECT count(*) AS machines, now() AS at FROM Machine"
    ended = patchdeck("query", sql, "--as-of", "2001-02-03T04:05:06Z", "--json")
    pinned = patchdeck("query", sql, "--as-of", "2001-02-03T04:05:06Z", "--now", "2002-02-02", "--json")

    assert json.loads(ended.out) == [{"machines": 0, "at": "2001-02-03T04:05:06Z"}]
    assert json.loads(pinned.out)[0]["at"] == "2002-02-02T00:00:00Z"
    assert "Kernel" in ended.err
    assert patchdeck("query", "SELECT 1 AS x", "--as-of", "2001-02-03", "--json").err == ""
    assert "9999-12-31 00:00Z is yet to come" in patchdeck("query", sql, "--as-of", "9999-12-31", code=2).err


def test_a_file_that_cannot_be_written_is_named(patchdeck: Patchdeck) -> None:
    """Code 1, and nothing half-written."""
    ended = patchdeck("query", "SELECT 1", "-o", "/no/such/folder/x.csv", code=1)

    assert "/no/such/folder/x.csv" in ended.err


@pytest.mark.usefixtures("fleet")
def test_a_reader_that_has_enough_ends_the_query_quietly(environment: dict[str, str]) -> None:
    """`| head` costs neither a traceback nor a complaint."""
    command = (
        f"{sys.executable} {ROOT / 'patchdeck.py'} query 'SELECT range FROM range(90000)' --format csv | head -n 2"
    )

    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == "range\n0\n"
    assert done.stderr == ""


@pytest.mark.usefixtures("fleet")
def test_export_writes_whole_tables(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """One file for each table, all of them with --all, in the format asked for."""
    some = json.loads(
        patchdeck("export", "machine", "Assessment", str(tmp_path / "some"), "--format", "ndjson", "--json").out
    )
    patchdeck("export", "--all", str(tmp_path / "all"))

    assert [(entry["table"], entry["rows"]) for entry in some] == [("Machine", 3), ("Assessment", 0)]
    first = json.loads((tmp_path / "some" / "Machine.ndjson").read_text().splitlines()[0])
    assert first["Computer"] == "db-01"
    assert {path.stem for path in (tmp_path / "all").glob("*.parquet")} == {table.name for table in TABLES}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Nope", "out"], "no table"),
        (["out"], "--all"),
        (["--all", "Machine", "out"], "--all"),
        (["Machine", "/proc/none"], "/proc/none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_exports_get_one_clear_line(patchdeck: Patchdeck, arguments: list[str], says: str) -> None:
    """Exit code 2 and the mistake."""
    ended = patchdeck("export", *arguments, code=2)

    assert says in ended.err


@pytest.mark.usefixtures("fleet")
def test_tables_list_tells_sizes_and_columns(patchdeck: Patchdeck) -> None:
    """Every declared table, and of one table every column with its meaning."""
    patchdeck("query", "SELECT 1")

    tables = {row["name"]: row for row in json.loads(patchdeck("tables", "list", "--json").out)}
    columns = json.loads(patchdeck("tables", "list", "update", "--json").out)

    assert tables["Machine"]["rows"] == 3
    assert tables["Update"]["version"] is None
    assert {
        "name": "PublishedDate",
        "type": "datetime",
        "unit": "",
        "meaning": "when it was published, where known",
    } in columns


def test_saved_queries_are_listed_shown_and_asked(patchdeck: Patchdeck, home: Path) -> None:
    """A file in the home's queries folder is a query with a name, parameters and defaults."""
    patchdeck("machines", "list")
    (home / "queries").mkdir(exist_ok=True)
    (home / "queries" / "twice.sql").write_text(
        "-- title: Twice a number\n-- group: Mine\n-- help: For the test.\n-- param: n int = 4: the number\n"
        "-- column: Doubled: twice n\nSELECT $n * 2 AS Doubled\n"
    )

    listed = {row["name"]: row for row in json.loads(patchdeck("queries", "list", "--json").out)}
    shown = patchdeck("queries", "show", "twice").out
    default = json.loads(patchdeck("query", "--name", "twice", "--json").out)
    given = json.loads(patchdeck("query", "--name", "TWICE", "--param", "n=21", "--json").out)
    wrong = patchdeck("query", "--name", "twice", "--param", "n=x", code=2)

    assert listed["twice"]["title"] == "Twice a number"
    assert "--param n=int: the number (default 4)" in shown
    assert (default, given) == ([{"Doubled": 8}], [{"Doubled": 42}])
    assert "n" in wrong.err


@pytest.mark.usefixtures("fleet")
def test_kql_is_answered_and_shown(patchdeck: Patchdeck) -> None:
    """The same rows as in SQL; the SQL that it becomes can be run; a mistake is shown at its place in the KQL."""
    kql = "Machine | where Computer startswith 'web' | project Computer, computer=1 | sort by Computer asc"
    rows = json.loads(patchdeck("query", "--kql", kql, "--json").out)
    shown = patchdeck("query", "--kql", kql, "--show").out
    wrong = patchdeck("query", "--kql", "Machine\n| project Computr", code=2).err.splitlines()

    assert rows == [{"Computer": "web-01", "computer": 1}, {"Computer": "web-02", "computer": 1}]
    assert shown.startswith("WITH ")
    assert len(json.loads(patchdeck("query", shown, "--json").out)) == 2
    assert "Line 2, column 11" in wrong[0]
    assert "'Computer'" in wrong[0]
    assert wrong[1][wrong[2].index("^") :] == "Computr"
