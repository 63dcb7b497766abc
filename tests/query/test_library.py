"""Queries in files: found, read, and reported where they are broken."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.errors import BadInput, UnknownName
from fleet.tables import ColumnType
from query.header import parse_header
from query.library import SavedQuery, find_queries
from query.literals import parse_value

HEADER = """\
-- title: Machines by name
-- group: Mine
-- help: Those whose name
-- help: fits.
-- An ordinary comment.
-- param: machine string = '*': a pattern
-- param: days int: how far back
-- column: Seconds [s]: since
SELECT Computer FROM Machine
"""


def save(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(folder: Path, name: str) -> SavedQuery:
    return next(query for query in find_queries([folder]) if query.name == name)


def test_saved_query_is_found_by_being_there(tmp_path: Path) -> None:
    """In any folder below, beside the predefined ones; hidden files are not looked at."""
    path = save(tmp_path, "deep/er/mine.sql", HEADER)
    save(tmp_path, ".git/hidden.sql", HEADER)

    query = found(tmp_path, "mine")

    assert (query.title, query.group, query.help) == ("Machines by name", "Mine", "Those whose name fits.")
    assert [(p.name, p.type, p.default, p.meaning) for p in query.parameters] == [
        ("machine", "string", "*", "a pattern"),
        ("days", "int", None, "how far back"),
    ]
    assert [(c.name, c.unit, c.meaning) for c in query.columns] == [("Seconds", "s", "since")]
    assert (query.path, query.is_predefined, query.problem) == (path, False, "")
    assert "hidden" not in {each.name for each in find_queries([tmp_path])}


def test_every_predefined_query_can_be_used() -> None:
    """Each has a title, a group, help and a name of its own."""
    queries = find_queries()

    assert len(queries) >= 15
    assert all(query.is_predefined and not query.problem and query.help and query.group for query in queries)
    assert len({query.name for query in queries}) == len(queries)


def test_folder_that_is_not_there_has_no_queries(tmp_path: Path) -> None:
    """A home without saved queries lists the predefined ones."""
    assert find_queries([tmp_path / "none"]) == find_queries()


def test_saved_query_takes_the_place_of_a_predefined_one(tmp_path: Path) -> None:
    """The administrator's word stands above ours."""
    save(tmp_path, "fleet-compliance.sql", HEADER)

    assert not found(tmp_path, "fleet-compliance").is_predefined
    assert len(find_queries([tmp_path])) == len(find_queries())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT 1", "it has no title"),
        ("-- titel: x\nSELECT 1", "line 1: there is no 'titel' in a header. Did you mean 'title'?"),
        ("-- title: x\n-- param: days\nSELECT 1", "line 2: 'days' is no parameter"),
        ("-- title: x\n-- param: days integer: y\nSELECT 1", "line 2: 'integer' is no type"),
        ("-- title: x\n-- param: days int = many: y\nSELECT 1", "line 2: Parameter days takes a whole number"),
        ("-- title: x\n-- column: Days\nSELECT 1", "line 2: 'Days' is no column"),
        ("x" * 200_000, "it is larger than"),
    ],
)
def test_broken_query_is_reported_and_the_others_are_listed(tmp_path: Path, text: str, problem: str) -> None:
    """The problem names the file and the line; using it says so."""
    path = save(tmp_path, "broken.sql", text)
    save(tmp_path, "good.sql", HEADER)

    query = found(tmp_path, "broken")

    assert problem in query.problem
    assert str(path) in query.problem
    assert not found(tmp_path, "good").problem
    with pytest.raises(BadInput, match="cannot be used"):
        query.values({})


def test_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    """With the byte."""
    (tmp_path / "latin.sql").write_bytes(b"-- title: \xe9\nSELECT 1")

    assert "not UTF-8 at byte 10" in found(tmp_path, "latin").problem


def test_values_are_of_their_types_and_defaults_fill_in(tmp_path: Path) -> None:
    """Text as the command line gives it, or values as the app does."""
    save(tmp_path, "mine.sql", HEADER)
    query = found(tmp_path, "mine")

    assert query.values({"days": "3"}) == {"machine": "*", "days": 3}
    assert query.values({"days": 3, "machine": "web-*"}) == {"machine": "web-*", "days": 3}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "needs a value for days"),
        ({"days": "soon"}, "takes a whole number, and 'soon' is none"),
        ({"days": "1" * 400}, "takes a whole number"),
        ({"days": "1", "day": "1"}, "no parameter 'day'. Did you mean 'days'"),
    ],
)
def test_wrong_values_are_refused_in_one_line(tmp_path: Path, given: dict[str, object], message: str) -> None:
    """Missing, of another type, unknown."""
    save(tmp_path, "mine.sql", HEADER)

    with pytest.raises(BadInput, match=message) as refusal:
        found(tmp_path, "mine").values(given)

    assert len(str(refusal.value).splitlines()) == 1


def test_unknown_parameter_is_an_unknown_name(tmp_path: Path) -> None:
    """So that the nearest is at hand."""
    save(tmp_path, "mine.sql", HEADER)

    with pytest.raises(UnknownName) as refusal:
        found(tmp_path, "mine").values({"machines": "x"})

    assert refusal.value.suggestion == "machine"


def test_default_of_every_type_is_read() -> None:
    """As they are written in a header."""
    header = parse_header(
        "-- title: x\n"
        "-- param: a string = 'it''s': m\n-- param: b int = -3: m\n-- param: c real = 1.5: m\n"
        "-- param: d bool = true: m\n-- param: e datetime = 2026-11-20T12:00:00+01:00: m\n"
        "-- param: f date = 2026-11-20: m\n-- param: g string = plain: m\n"
    )

    assert [p.default for p in header.parameters] == [
        "it's",
        -3,
        1.5,
        True,
        datetime(2026, 11, 20, 11, tzinfo=UTC),
        datetime(2026, 11, 20, tzinfo=UTC).date(),
        "plain",
    ]


def test_nan_is_no_number() -> None:
    """It would compare with nothing."""
    with pytest.raises(BadInput):
        parse_value("x", ColumnType.REAL, "nan")


def test_listing_queries_and_tables_needs_no_engine() -> None:
    """The command line lists them without waiting for DuckDB."""
    code = (
        "import sys, query.library, query.catalogue; query.library.find_queries(); query.catalogue.list_catalogue(); "
        "print(sorted({'duckdb', 'deltalake', 'polars', 'sqlglot'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
