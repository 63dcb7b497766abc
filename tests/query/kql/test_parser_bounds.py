"""Whatever stands in a text, the parser answers: a tree or a `KqlProblem`, soon."""

import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.kql.errors import KqlProblem
from query.kql.parser import parse

REAL_QUERIES = tuple(
    query.strip() for query in Path(__file__).with_name("authored-queries.kql").read_text("utf-8").split("\n---\n")
)
STRAYS = ("{", "`", "\\", "é", "\0")
WORDS = sorted({word for query in REAL_QUERIES for word in re.findall(r"\w+|\W", query)}.union(STRAYS))


def answers(text: str) -> None:
    """Reads ``text``, and looks at the place of what is wrong with it."""
    problem: KqlProblem | None = None
    try:
        parse(text)
    except KqlProblem as raised:
        problem = raised
    if problem is not None:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert str(problem)
        assert "\n" not in str(problem)


@given(st.text(max_size=200))
@settings(max_examples=120, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    """Random characters."""
    answers(text)


@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=120, deadline=None)
def test_any_words_are_answered(words: list[str]) -> None:
    """Random words of KQL, with a table before them so that most get behind the first word."""
    answers("".join(words))
    answers("Update | " + " ".join(words))


@given(st.sampled_from(REAL_QUERIES), st.data())
@settings(max_examples=120, deadline=None)
def test_damaged_queries_are_answered(query: str, data: st.DataObject) -> None:
    """Real queries with words left out, doubled, exchanged."""
    words = re.findall(r"\w+|\W", query)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(words)))
        words[place : place + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(WORDS), max_size=2))
    answers("".join(words))


@pytest.mark.parametrize("query", REAL_QUERIES)
def test_every_beginning_of_a_query_is_answered(query: str) -> None:
    """A query that is being typed, word by word."""
    parse(query)
    for beginning in re.finditer(r"\w+|\W", query):
        answers(query[: beginning.start()])


DEEP = {
    "brackets": "T | where " + "(" * 2_000,
    "closed brackets": "T | where " + "(" * 2_000 + "a" + ")" * 2_000,
    "calls": "T | where " + "f(" * 2_000,
    "signs": "T | where " + "-(" * 2_000,
    "elements": "T | where a" + "[a" * 2_000,
    "arrays": "print dynamic(" + "[" * 2_000,
    "bags": "print dynamic(" + '{"a":' * 2_000,
    "tables": "(" * 2_000 + "T",
    "unions": "union " + "(union " * 2_000,
    "joins": "T " + "| join (T " * 2_000,
    "subqueries": "T | where " + "a in ((T | where " * 2_000,
    "functions": "let f = () {" * 2_000,
    "mv-apply": "T | mv-apply a on (" + "mv-apply a on (" * 2_000,
    "skipped brackets": "T | fork " + "(" * 2_000,
    "iff": "T | where " + "iff(a, 1, " * 2_000,
    "ranges": "T | where " + "a between (" * 2_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_refused(text: str) -> None:
    """Two thousand brackets are a problem of the query, never of Python's stack."""
    with pytest.raises(KqlProblem, match=r"nested more than|never closed"):
        parse(text)


def test_nesting_needs_little_of_the_stack() -> None:
    """The deepest query that is taken leaves room for whoever called the parser, in a deep stack of its own."""
    limit = sys.getrecursionlimit()
    text = "T | where " + "f(x, (T | where a in (" * 15 + "1" + ")))" * 15
    try:
        sys.setrecursionlimit(700)
        parse(text)
    finally:
        sys.setrecursionlimit(limit)


LONG = {
    "conditions": "T | where " + " and ".join(["a == 1"] * 5_000),
    "sums": "T | where " + "+".join(["a"] * 20_000),
    "steps": "T" + " | where a" * 5_000,
    "members": "T | where a" + ".b" * 20_000,
    "elements": "T | where a" + "[0]" * 20_000,
    "strings": "print " + '"x" ' * 20_000,
    "doubled quotes": 'print @"' + '""' * 50_000,
    "escapes": "print '" + "\\n" * 50_000,
    "digits": "print " + "9" * 50_000,
    "days": "print " + "9" * 50_000 + "d",
    "exponent": "print 1e" + "9" * 50_000,
    "blank": "T" + " " * 50_000 + "|",
    "blank in a date": "print datetime(2026-01-01 " + " " * 50_000 + "x)",
    "stars": "T | project-away " + "a*" * 20_000,
    "comments": "//\n" * 50_000 + "T",
    "names": "T | extend (" + "a, " * 20_000,
    "opened names": "T | where " + "(a, " * 5_000,
    "statements": "let a = 1;" * 5_000 + "T",
    "hyphens": "T | project" + "-a" * 20_000,
    "exclamation marks": "print " + "!a" * 20_000,
    "typed literals": "print " + "datetime(" * 20_000,
    "lists": "T | where a in (" + "1," * 20_000 + "1)",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.timeout(20)
def test_long_texts_take_no_more_than_their_length(text: str) -> None:
    """What would take minutes if any step were quadratic; the deadline is a hundred times what is needed."""
    answers(text)


def test_random_words_never_escape() -> None:
    """A long, repeatable walk through damaged queries."""
    chance = random.Random(4)
    for _ in range(3_000):
        words = re.findall(r"\w+|\W", chance.choice(REAL_QUERIES))
        for _ in range(chance.randint(1, 5)):
            words[chance.randrange(len(words))] = chance.choice(WORDS)
        answers("".join(words))
