"""What a deed changed, told value by value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit_difference import Difference, differences

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)),
    max_leaves=12,
)


def told(before: object, after: object) -> list[str]:
    """The differences of two documents, a line each."""
    texts = (None if each is None else json.dumps(each) for each in (before, after))
    return [difference.describe() for difference in differences(*texts)]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"a": 1}, {"a": 2}, ["a: 1 → 2"]),
        ({"tags": {"env": "prod"}}, {"tags": {"env": "dev"}}, ["tags.env: prod → dev"]),
        ({"a": 1}, {"a": 1, "enabled": False}, ["+ enabled: no"]),
        ({"a": 1, "user": "root"}, {"a": 1}, ["- user: root"]),
        (None, {"name": "web", "n": None}, ["+ name: web", "+ n: null"]),
        ({"name": "web"}, None, ["- name: web"]),
        ({"t": ["a", "b"]}, {"t": ["a", "c"]}, ["t: a, b → a, c"]),
        ({"t": []}, {"t": ["a"]}, ["t: none → a"]),
        (
            {"w": [{"name": "one", "n": 1}, {"name": "two", "n": 2}]},
            {"w": [{"name": "two", "n": 3}]},
            ["- w[one].name: one", "- w[one].n: 1", "w[two].n: 2 → 3"],
        ),
        ({"a": {"b": 1}}, {"a": 5}, ['a: {"b": 1} → 5']),
        ({"a": 1}, {"a": True}, ["a: 1 → yes"]),
    ],
)
def test_differences_are_told_by_their_place(before: object, after: object, lines: list[str]) -> None:
    """What changed, what came, what went."""
    assert told(before, after) == lines


def test_of_a_long_list_only_what_moved_is_told() -> None:
    """Not the whole of it twice."""
    names = [f"machine-{number}" for number in range(500)]
    assert told({"hosts": names}, {"hosts": [*names[:7], *names[8:], "new"]}) == ["- hosts: machine-7", "+ hosts: new"]


def test_lines_of_a_text_are_compared() -> None:
    """A script or a query of several lines shows the lines that went and came."""
    change = Difference("sql", "SELECT 1\nFROM a\nWHERE x", "SELECT 1\nFROM b\nWHERE x")
    assert next(change.lines()) == "sql:"
    assert {"  - FROM a", "  + FROM b"} <= set(change.lines())


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '"\x1b[31m"', "nan"])
def test_what_is_no_json_or_hostile_is_told_harmlessly(text: str) -> None:
    """Somebody may have written anything into the audit."""
    for difference in differences(text, '{"a": 1}') + differences(None, text):
        assert "\x1b" not in difference.describe()


@given(JSON, JSON)
def test_any_two_documents_are_compared(before: object, after: object) -> None:
    """Equal ones have no difference, and each difference of others is one line."""
    assert told(before, before) == []
    for line in told(before, after):
        assert "\n" not in line
