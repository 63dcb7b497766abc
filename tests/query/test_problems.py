"""What is said when a query makes no sense: the place, and the nearest name."""

from pathlib import Path

import pytest

from fleet.errors import BadInput, PatchdeckError, Position, QueryFailed, QueryRefused, UnknownName
from query.engine import QueryEngine
from query.positions import position_at


@pytest.mark.parametrize(
    ("sql", "kind", "name", "suggestion", "line", "column"),
    [
        ("SELECT 1 FROM Updte", "table", "Updte", "Update", 1, 15),
        ("SELECT 1\nFROM Machine m,\n  Hartbeat", "table", "Hartbeat", "Heartbeat", 3, 3),
        ("SELECT Computr FROM Machine", "column", "Computr", "Computer", 1, 8),
        ("SELECT 'é',\n\tm.Clasification\nFROM Update AS m", "column", "Clasification", "Classification", 2, 2),
        ("SELECT now() - INTERVAL 1 DAY, Computr FROM Machine", "column", "Computr", "Computer", 1, 32),
        ("SELECT 1 FROM Machine WHERE lowr(Computer) = 'x'", "function", "lowr", "lower", 1, 29),
        ("WITH recent AS (SELECT 1) FROM recnt", "table", "recnt", "recent", 1, 32),
    ],
)
def test_unknown_name_has_its_place_and_the_nearest(
    engine: QueryEngine, sql: str, kind: str, name: str, suggestion: str, line: int, column: int
) -> None:
    """Tables, columns, functions; columns count characters, not bytes."""
    with pytest.raises(UnknownName) as refusal:
        engine.run(sql)

    error = refusal.value
    assert (error.kind, error.name, error.suggestion) == (kind, name, suggestion)
    assert error.position == Position(line, column, sql.split("\n")[line - 1])
    assert str(error).startswith(f"Line {line}, column {column}: There is no {kind} {name!r}. Did you mean")


def test_caret_stands_below_the_name() -> None:
    """Tabs stay tabs, so that it lines up wherever they lead."""
    position = position_at("SELECT\n\té, x", len("SELECT\n\té, ".encode()))

    assert position is not None
    assert position.source_line == "\té, x"
    assert position.caret_line == "\t   ^"


@pytest.mark.parametrize("offset", [-1, 99, 2**64 - 1])
def test_place_outside_of_the_text_is_none(offset: int) -> None:
    """DuckDB's nowhere among them."""
    assert position_at("SELECT", offset) is None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT CAST(x AS INTEGER) FROM (VALUES ('a')) t(x)", QueryFailed),
        ("SELECT error('boom')", QueryFailed),
        ("SELECT 'x' + 1", QueryRefused),
        ("SELECT Computer FROM Machine GROUP BY OSType", QueryRefused),
        ("SELECT Computer FROM Machine, Update", QueryRefused),
        ("SELECT 1 UNION SELECT 1, 2", QueryRefused),
        ("SELECT upper(1, 2)", QueryRefused),
        ("SELECT * FROM Machine LIMIT 'x'", PatchdeckError),
    ],
)
def test_other_mistakes_are_one_line(engine: QueryEngine, sql: str, expected: type[PatchdeckError]) -> None:
    """What DuckDB says, without its JSON, its candidates and its hints."""
    with pytest.raises(expected) as refusal:
        engine.run(sql)

    assert len(str(refusal.value).splitlines()) == 1
    assert "{" not in str(refusal.value)


@pytest.mark.parametrize(
    ("sql", "given", "message"),
    [
        ("SELECT $a, $b", {}, r"needs a value for \$a, \$b"),
        ("SELECT $a", {"a": 1, "aa": 2}, "no parameter 'aa'. Did you mean 'a'"),
        ("SELECT 1", {"a": 1}, "no parameter 'a'"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    engine: QueryEngine, sql: str, given: dict[str, object], message: str
) -> None:
    """Missing and unknown ones."""
    with pytest.raises(BadInput, match=message):
        engine.run(sql, given)


def test_parameter_is_a_value_and_never_sql(engine: QueryEngine) -> None:
    """Whatever it holds."""
    text = "'; DROP TABLE Machine; --"

    assert engine.run("SELECT $x, $x = $x", {"x": text}).rows == [(text, True)]


@pytest.mark.parametrize("name", ["Machine", "UpdateHistory"])
def test_table_whose_log_is_broken_is_named(engine: QueryEngine, tables_dir: Path, name: str) -> None:
    """One line, not a traceback of the store."""
    log = tables_dir / name / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("no json")

    with pytest.raises(QueryFailed, match=f"Table {name} cannot be read") as failure:
        engine.run(f"SELECT 1 FROM {name}")

    assert len(str(failure.value).splitlines()) == 1
