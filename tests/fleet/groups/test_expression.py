"""Expressions of groups: what is read, and what is said of what cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import ExpressionMistake
from fleet.groups.expression import parse_expression
from fleet.groups.terms import Both, Comparison, Either, FactTerm, Not, TargetTerm


def test_not_binds_more_than_and_and_that_more_than_or() -> None:
    """As everybody expects who writes no brackets."""
    tree = parse_expression("a or not b and c")

    assert isinstance(tree, Either)
    assert isinstance(tree.right, Both)
    assert isinstance(tree.right.left, Not)


def test_brackets_bind_most() -> None:
    """They say what belongs together."""
    tree = parse_expression("(a or b) and c")

    assert isinstance(tree, Both)
    assert isinstance(tree.left, Either)


@pytest.mark.parametrize("target", ["web-01", "web-*", "tag:env=prod", "tag:env", "os:linux", "group:web", "all"])
def test_targets_are_terms(target: str) -> None:
    """Whatever the command line takes."""
    assert parse_expression(target) == TargetTerm(target, target)


@pytest.mark.parametrize(
    ("text", "comparison", "values"),
    [
        ("system = debian", Comparison.EQUAL, ("debian",)),
        ("system==debian", Comparison.EQUAL, ("debian",)),
        ('system-name != "Debian GNU/Linux"', Comparison.UNEQUAL, ("Debian GNU/Linux",)),
        ("system-version<12", Comparison.LESS, ("12",)),
        ("System in (rhel, rocky, 'oracle linux')", Comparison.EQUAL, ("rhel", "rocky", "oracle linux")),
        ("tag.site = 'x y'", Comparison.EQUAL, ("x y",)),
    ],
)
def test_facts_are_compared(text: str, comparison: Comparison, values: tuple[str, ...]) -> None:
    """With and without spaces, quotes and capitals."""
    tree = parse_expression(text)

    assert isinstance(tree, FactTerm)
    assert (tree.comparison, tree.values, tree.text) == (comparison, values, text)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "A target or a fact is expected, not the end."),
        ("a and", 6, "A target or a fact is expected, not the end."),
        ("a b", 3, "'and', 'or' or the end is expected, not 'b'."),
        ("(a or b", 1, "This bracket is not closed."),
        ("a)", 2, "'and', 'or' or the end is expected, not ')'."),
        ("system = 'debian", 10, "This quote is not closed."),
        ("sistem = debian", 1, "There is no fact 'sistem'. Did you mean 'system'?"),
        ("system < debian", 8, "system is a text: '=' and '!=' compare it."),
        ("missing > many", 11, "missing is compared with a number, and 'many' is none."),
        ("end-of-life < soon", 15, "end-of-life is compared with a day like 2027-01-31, and 'soon' is none."),
        ("system in debian", 11, "A list in brackets is expected: in (a, b)."),
        ("system in (debian rhel)", 19, "',' or ')' is expected."),
        ("system =", 9, "A value is expected."),
        ("os:linus", 1, "There is no operating system 'linus'. Did you mean 'linux'?"),
        ("machine:web", 1, "Target 'machine:web' is not usable"),
        ("(" * 100 + "a" + ")" * 100, 52, "The brackets are too deep."),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, column: int, said: str) -> None:
    """One line, and a caret can be shown below it."""
    with pytest.raises(ExpressionMistake) as caught:
        parse_expression(text)

    assert caught.value.position.column == column
    assert said in str(caught.value)


@given(st.text(alphabet="ab()<>=!, '\"-*:.antdorgupsyemilx0129", max_size=60))
def test_any_text_is_an_expression_or_a_mistake(text: str) -> None:
    """Nothing else ever comes out."""
    column = 1
    try:
        parse_expression(text)
    except ExpressionMistake as mistake:
        column = mistake.position.column
    assert 1 <= column <= len(text) + 1
