"""The comment that heads a saved query, in both languages; and what is said of one that is wrong."""

import pytest

from fleet.errors import BadInput
from query.header import ChartKind, QueryChart, parse_header
from query.language import QueryLanguage

TITLE = "-- title: x\n"


def test_header_of_kql_stands_in_its_own_comments() -> None:
    """With all that a header in SQL can say."""
    header = parse_header(
        "// title: Missing\n// group: Mine\n// help: One row\n// help: a machine.\n// param: hours int = 5: since\n"
        "// column: Needed [updates]: not installed\n// chart: bar x=Computer y=Needed\n\nUpdate\n| take 1\n",
        QueryLanguage.KQL,
    )

    assert (header.title, header.group, header.help) == ("Missing", "Mine", "One row a machine.")
    assert [(p.name, p.default) for p in header.parameters] == [("hours", 5)]
    assert [(c.name, c.unit) for c in header.columns] == [("Needed", "updates")]
    assert header.chart == QueryChart(ChartKind.BAR, "Computer", ("Needed",))


def test_comments_of_the_other_language_are_no_header() -> None:
    """And the error shows how it is written in this one."""
    with pytest.raises(BadInput, match="write '// title: …'"):
        parse_header(TITLE, QueryLanguage.KQL)


def test_header_ends_where_the_query_begins() -> None:
    """A comment below it is the query's own."""
    assert parse_header(f"{TITLE}SELECT 1\n-- chart: nonsense\n").chart is None


def test_names_of_lines_may_be_in_any_case() -> None:
    """People write Title."""
    assert parse_header("-- Title: x").title == "x"


@pytest.mark.parametrize(
    ("line", "choices", "default"),
    [
        ("c string one of (Security Updates, Critical Updates): m", ("Security Updates", "Critical Updates"), None),
        ("c string one of ('a, b', 'it''s (c)', d) = 'a, b': m", ("a, b", "it's (c)", "d"), "a, b"),
        ("c int one of (7, 30, 90) = 30: m", (7, 30, 90), 30),
        ("c  string  one of (a,b)=a: m", ("a", "b"), "a"),
        ("c string = 'a: b': m", (), "a: b"),
    ],
)
def test_parameters_may_have_choices(line: str, choices: tuple[object, ...], default: object) -> None:
    """Set apart by commas, quoted where they hold one, of the parameter's type."""
    (parameter,) = parse_header(f"{TITLE}-- param: {line}").parameters

    assert (parameter.choices, parameter.default, parameter.meaning) == (choices, default, "m")


@pytest.mark.parametrize(
    ("line", "chart"),
    [
        ("line x=Day y=Needed,Installed", QueryChart(ChartKind.LINE, "Day", ("Needed", "Installed"))),
        ("sparkline  x=Day  y=Needed , Installed", QueryChart(ChartKind.SPARKLINE, "Day", ("Needed", "Installed"))),
        ('bar x="Of a day" y="a, b",c', QueryChart(ChartKind.BAR, "Of a day", ("a, b", "c"))),
    ],
)
def test_chart_names_its_columns(line: str, chart: QueryChart) -> None:
    """One along it, and those that are drawn."""
    assert parse_header(f"{TITLE}-- chart: {line}").chart == chart


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("chart: pie x=a y=b", "line 2: 'pie' is no kind of chart: bar, line, sparkline"),
        ("chart: barr x=a y=b", "Did you mean 'bar'?"),
        ("chart: bar x=a", "line 2: 'bar x=a' is no chart: write 'KIND x=COLUMN y=COLUMN,COLUMN'"),
        ("chrat: bar x=a y=b", "line 2: there is no 'chrat' in a header. Did you mean 'chart'?"),
        ("chart: bar x=a y=b\n-- chart: bar x=a y=b", "line 3: there is a chart already"),
        ("param: a int: m\n-- param: a int: m", "line 3: there is a parameter 'a' already"),
        ("column: a: m\n-- column: a: m", "line 3: there is a column 'a' already"),
        ("param: a integer: m", "line 2: 'integer' is no type of a parameter: string, int, real"),
        ("param: a boolean: m", "Did you mean 'bool'?"),
        ("param: a int one of (1, x): m", "line 2: Parameter a takes a whole number, and 'x' is none"),
        ("param: a int one of (1, 2) = 3: m", "line 2: Parameter a takes one of 1, 2, and '3' is none"),
        ("param: a string one of (yes, no) = yess: m", "Did you mean 'yes'?"),
        ("param: a string one of () = b: m", "line 2: 'a string one of () = b: m' is no parameter"),
    ],
)
def test_wrong_lines_are_told_with_their_place_and_the_nearest_word(line: str, problem: str) -> None:
    """In one line."""
    with pytest.raises(BadInput) as refusal:
        parse_header(f"{TITLE}-- {line}\nSELECT 1")

    assert problem in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
