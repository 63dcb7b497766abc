"""What is refused, with the place, the reason and what to write instead."""

from collections.abc import Callable
from typing import Any

import pytest

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.parser import parse
from query.kql.values import bind, bind_aggregate_columns

# An expression, what it is about (the text at the span), and words of the message.
PROBLEMS = [
    ("coutn()", "coutn", ["no function 'coutn'", "'count'"]),
    ("todatetiem('x')", "todatetiem", ["'todatetime'"]),
    ("zzzzqqq()", "zzzzqqq", ["There is no function 'zzzzqqq'."]),
    ("strlen()", "strlen()", ["strlen(text: string): long takes 1 argument, not 0."]),
    ("strlen('a', 'b')", "strlen('a', 'b')", ["takes 1 argument, not 2"]),
    ("strlen(5)", "5", ["'text' is a string, not a long"]),
    ("substring('a')", "substring('a')", ["takes 2 to 3 arguments, not 1"]),
    ("strcat()", "strcat()", ["takes 1 or more arguments"]),
    ("substring('a', 'b')", "'b'", ["'start' is a int or long, not a string"]),
    ("array_length('x')", "'x'", ["'array' is a dynamic, not a string"]),
    ("iff(1, 2, 3)", "1", ["A condition stands here", "long"]),
    ("iff(true, 1, 'a')", "'a'", ["one type", "tolong"]),
    ("case(true, 1)", "case(true, 1)", ["3 or more arguments"]),
    ("case(true, 1, false, 2)", "case(true, 1, false, 2)", ["pairs of a condition and a value"]),
    ("'a' + 'b'", "'a' + 'b'", ["strcat"]),
    ("1 + now()", "1 + now()", ["'+' does not go with long and datetime"]),
    ("now() > '2026-01-01'", "now() > '2026-01-01'", ["write datetime(2026-01-01)"]),
    ("now() == 5", "now() == 5", ["cannot compare datetime with long"]),
    ("'a' > 'b'", "'a' > 'b'", ["strcmp"]),
    ("1 has 'a'", "1 has 'a'", ["not a long", "tostring"]),
    ("5 and true", "5", ["'and' connects conditions", "long"]),
    ("-'a'", "-'a'", ["'-' does not go with string"]),
    ("'a'.b", "b", ["A string has no members", "parse_json"]),
    ("dynamic([1])[now()]", "now()", ["a whole number or a text", "datetime"]),
    ("count()", "count()", ["aggregate", "summarize"]),
    ("bin(now(), 1)", "1", ["no bins of a long"]),
    ("datetime_diff('decade', now(), now())", "'decade'", ["no part of a time", "year, quarter"]),
    ("datetime_add(strcat('da', 'y'), 1, now())", "strcat('da', 'y')", ["must be written out"]),
    ("format_datetime(now(), 'qq')", "'qq'", ["without a meaning"]),
    ("format_datetime(now(), 'MMMMM')", "'MMMMM'", ["'MMMMM' is no part of a format"]),
    ("row_number()", "row_number()", ["sort by"]),
    ("rand()", "rand", ["from run to run"]),
    ("hash('x')", "hash", ["hash_sha256"]),
    ("geo_distance_2points(1, 2, 3, 4)", "geo_distance_2points", ["not supported"]),
    ("series_decompose(dynamic([]))", "series_decompose", ["summarize"]),
    ("ipv6_compare('a', 'b')", "ipv6_compare", ["IPv4"]),
    ("ingestion_time()", "ingestion_time", ["TimeGenerated"]),
    ("url_encode('x')", "url_encode('x')", ["url_encode_component"]),
    ("extract('x', 1, 'y', 'nope')", "'nope'", ["'nope' is no type"]),
    ("extract_all('x', 'y')", "'x'", ["needs a group"]),
    ("bag_pack('a')", "bag_pack('a')", ["2 or more arguments"]),
    ("bag_pack('a', 1, 'b')", "bag_pack('a', 1, 'b')", ["pairs"]),
    ("range(1.5, 2.5)", "1.5", ["whole numbers"]),
    ("'a\\0b'", "'a\\0b'", ["NUL"]),
    ("'x' like 'y'", None, ["like"]),
    ("x = 5", "x = 5", []),
    ("*", "*", []),
]
OF_AGGREGATES = [
    ("sum('a')", "'a'", ["'value' is a number or timespan, not a string"]),
    ("sum(count())", "count()", ["aggregate"]),
    ("max(dynamic([1]))", "dynamic([1])", ["no order"]),
    ("percentile(1, 101)", "101", ["between 0 and 100"]),
    ("(a, b, c) = arg_max(1, 2)", "arg_max(1, 2)", ["gives 2 columns, and 3 are named"]),
    ("(a, b) = count()", "(a, b) = count()", ["one column, and 2 are named"]),
    ("arg_max(1, 2) + 1", "arg_max(1, 2)", ["gives 2 columns here"]),
    ("hll('x')", "hll", ["dcount"]),
    ("dcoutn(1)", "dcoutn", ["'dcount'"]),
    ("zip(make_list(1), make_list(2))", "zip(make_list(1), make_list(2))", ["extend after it"]),
]


class NoRows:
    """A scope without columns."""

    columns = ()
    order = ""
    window = ""

    def __init__(self, *, allows_aggregates: bool) -> None:
        self.allows_aggregates = allows_aggregates

    def value(self, name: tree.Name) -> Any:
        """No name is known."""
        raise KqlProblem("unknown", name.span)

    def side(self, path: tree.Path) -> None:
        """There is no join."""

    def relation(self, query: tree.Query) -> Any:
        """There are no rows."""
        raise KqlProblem("no rows", query.span)

    def table(self, expression: tree.Expression) -> None:
        """No name means rows."""

    def function(self, call: tree.Call) -> None:
        """No function is defined."""


def problem_of(text: str, aggregates: Callable[..., Any] | None = None) -> tuple[str, str]:
    """The text at the place of a problem, and the message."""
    prefix = "print 1 | summarize " if aggregates else "print x = iff(true, 1, 2), "
    try:
        script = parse(prefix + text)
        query = script.result
        assert isinstance(query, tree.Query)
        if aggregates:
            step = query.operators[0]
            assert isinstance(step, tree.Summarize)
            aggregates(step.aggregates[0], NoRows(allows_aggregates=True))
        else:
            assert isinstance(query.source, tree.Print)
            expression = query.source.columns[1]
            bind(expression, NoRows(allows_aggregates=False))
    except KqlProblem as problem:
        return (prefix + text)[problem.span.start : problem.span.end], str(problem)
    return "", ""


@pytest.mark.parametrize(("text", "place", "words"), PROBLEMS, ids=[text for text, _, _ in PROBLEMS])
def test_expression_is_refused_at_its_place(text: str, place: str | None, words: list[str]) -> None:
    """The place is that of what is wrong, and the message says what would do."""
    given, message = problem_of(text)
    assert message
    assert place is None or given == place
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(("text", "place", "words"), OF_AGGREGATES, ids=[text for text, _, _ in OF_AGGREGATES])
def test_aggregate_is_refused_at_its_place(text: str, place: str, words: list[str]) -> None:
    """So it is in summarize."""
    given, message = problem_of(text, bind_aggregate_columns)
    assert message
    assert given == place
    assert [word for word in words if word not in message] == []
