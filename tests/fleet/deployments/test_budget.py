"""The failure budget is exhausted when more have failed than it allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.budget import budget_text, describe_budget, is_exhausted, parse_budget
from fleet.deployments.rollout import FailureBudget
from fleet.errors import BadInput

_BUDGETS = st.one_of(
    st.integers(0, 500).map(lambda machines: FailureBudget(machines=machines)),
    st.integers(0, 1_000).map(lambda tenths: FailureBudget(percent=tenths / 10)),
)


@pytest.mark.parametrize(
    ("text", "failed", "total", "exhausted"),
    [
        ("3", 3, 200, False),
        ("3", 4, 200, True),
        ("0", 0, 5, False),
        ("0", 1, 5, True),
        ("10%", 20, 200, False),
        ("10%", 21, 200, True),
        ("0%", 1, 200, True),
        ("100%", 5, 5, False),
        ("12.3%", 123, 1000, False),
        ("12.3%", 124, 1000, True),
    ],
)
def test_budget_is_exhausted_by_more_than_it_allows(text: str, failed: int, total: int, exhausted: bool) -> None:
    """As many as it says may fail, one more may not."""
    assert is_exhausted(parse_budget(text), failed, total) is exhausted


def test_without_a_budget_nothing_is_exhausted() -> None:
    """All machines may fail."""
    assert not is_exhausted(None, 200, 200)


@given(_BUDGETS, st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_more_failures_never_mend_a_budget(budget: FailureBudget, failed: int, more: int, total: int) -> None:
    """Once exhausted, it stays so."""
    assert is_exhausted(budget, failed, total) <= is_exhausted(budget, failed + more, total)


@given(_BUDGETS, st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_more_machines_never_use_a_budget_up(budget: FailureBudget, failed: int, total: int, more: int) -> None:
    """The same failures of more machines are no more of them."""
    assert is_exhausted(budget, failed, total + more) <= is_exhausted(budget, failed, total)


@given(_BUDGETS)
def test_text_of_a_budget_reads_back(budget: FailureBudget) -> None:
    """What is written is read as the same budget."""
    assert parse_budget(budget_text(budget)) == budget


@pytest.mark.parametrize("text", ["", "many", "-1", "101%", "%", "1.5", "1e3%", "٣"])
def test_unusable_budget_is_refused(text: str) -> None:
    """What is neither a number nor a percentage is told in one line."""
    with pytest.raises(BadInput):
        parse_budget(text)


def test_use_of_a_budget_names_its_denominator() -> None:
    """How many of how many failed, and how many may."""
    assert describe_budget(parse_budget("10%"), 4, 20) == "4 of 20 machines failed, 10% may"
    assert describe_budget(None, 1, 2) == "1 of 2 machines failed, there is no failure budget"
