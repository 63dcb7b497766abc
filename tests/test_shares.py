"""Tests that share something go to one worker, others go one by one."""

from collections import Counter, OrderedDict
from typing import Any  # xdist has no types

import pytest

from tests.shares import MANY, MODULE, Shares, in_order_of_sending, share_of, shares_with_its_file

FILE = "tests/ops/test_x.py"
TEST = f"{FILE}::test_a[1]"


@pytest.mark.parametrize(
    ("nodeid", "group", "tests_in_file", "share"),
    [
        (TEST, TEST, MANY, TEST),
        (TEST, TEST, MANY + 1, FILE),
        (f"{TEST}@{MODULE}", MODULE, 2, FILE),
        (f"{TEST}@lab", "lab", MANY + 1, "lab"),
    ],
    ids=["alone", "one of many", "shares with its file", "has a group"],
)
def test_what_goes_in_one_piece(nodeid: str, group: str, tests_in_file: int, share: str) -> None:
    """A group, a file that shares something, a table of cases; any other test is a piece of its own."""
    assert share_of(nodeid, group, Counter({FILE: tests_in_file})) == share


@pytest.fixture(scope="module")
def made_once() -> int:
    """What a file makes once."""
    return 1


@pytest.fixture
def made_of_it(made_once: int) -> int:
    """What each test has of it."""
    return made_once


def test_what_is_made_once_is_seen_through_others(request: pytest.FixtureRequest, made_of_it: int) -> None:
    """Asking for it by way of another fixture is asking for it."""
    assert shares_with_its_file(request.node)


def test_what_each_test_makes_is_not_shared(request: pytest.FixtureRequest) -> None:
    """A folder of one's own is nothing that others wait for."""
    assert not shares_with_its_file(request.node)


def test_the_lab_is_sent_first_then_the_largest_share(request: pytest.FixtureRequest) -> None:
    """And those of one share stay in their order."""
    alone, first, second = (FakeItem.from_parent(request.session, name=name) for name in ("alone", "first", "second"))
    lab = FakeItem.from_parent(request.session, name="lab")
    for item in (first, second):
        item.add_marker(pytest.mark.xdist_group("two"))
    lab.add_marker(pytest.mark.lab)
    assert in_order_of_sending([alone, first, second, lab]) == [lab, first, second, alone]


class FakeItem(pytest.Item):
    """A test of a name."""

    def runtest(self) -> None:
        """Nothing."""


class Worker:
    """Takes what it is sent."""

    shutting_down = False

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        """Keeps what is sent."""
        self.sent += indices


def test_a_test_that_ends_its_worker_is_not_sent_to_the_next() -> None:
    """The rest of its file is."""
    tests = [f"{FILE}::test_a[{n}]@{MODULE}" for n in range(4)]
    ended, other = Worker(), Worker()
    shares: Any = object.__new__(Shares)  # a scheduler of no session
    shares.log = lambda *said: None
    shares.registered_collections = {ended: tests, other: tests}
    shares.assigned_work = {ended: {FILE: dict.fromkeys(tests, False)}, other: {}}
    shares.workqueue = OrderedDict()

    shares.assigned_work[ended][FILE][tests[0]] = True
    assert shares.remove_node(ended) == tests[1]
    assert other.sent == [2, 3]
