"""Which approvals count: of others, of exactly that plan, while they hold, each person once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.approvals import Approval, Barred, Wanted, judge_approvals
from fleet.editions import Edition, authors_of, needed_by
from fleet.persons import Person

NOW = datetime(2026, 12, 8, 2, 30, tzinfo=UTC)
PLAN = "a" * 64
ANNA, BOB, CARL = (Person((number,), name) for number, name in enumerate(("anna", "bob", "carl"), 1001))
WANTED = Wanted("web", PLAN, 1, 72.0, (Barred(ANNA, "asked for the run"),), "run-1")
GIVEN = Approval("web", PLAN, BOB, NOW - timedelta(hours=1), id=1)
PEOPLE = st.sets(st.integers(0, 5), min_size=1, max_size=3).map(lambda them: Person(tuple(sorted(them)), str(them)))


@pytest.mark.parametrize(
    ("approval", "why"),
    [
        (GIVEN, ""),
        (replace(GIVEN, deployment="WEB"), ""),
        (replace(GIVEN, person=ANNA), "anna asked for the run"),
        (replace(GIVEN, person=Person((1001, 1002), "bob")), "bob asked for the run"),
        (replace(GIVEN, person=Person((0,), "root")), "root without a login may be anybody"),
        (replace(GIVEN, person=Person((), "nobody")), "root without a login may be anybody"),
        (replace(GIVEN, at=NOW - timedelta(hours=72)), "lapsed: older than 72 h"),
        (replace(GIVEN, at=NOW + timedelta(hours=72)), "lapsed: older than 72 h"),
        (replace(GIVEN, lapsed_for="dora edited the deployment"), "lapsed: dora edited the deployment"),
        (replace(GIVEN, used_by="run-0"), "used by run run-0"),
        (replace(GIVEN, used_by="run-1", at=NOW - timedelta(hours=100)), ""),
        (replace(GIVEN, used_by="run-1", lapsed_for="it"), "lapsed: it"),
    ],
)
def test_approval_counts_or_says_why_not(approval: Approval, why: str) -> None:
    """Of the plan that is wanted."""
    standing = judge_approvals(WANTED, [approval], NOW)
    assert [each.why for each in standing.refused] == ([why] if why else [])
    assert standing.is_enough is not bool(why)


@pytest.mark.parametrize("approval", [replace(GIVEN, plan="b" * 64), replace(GIVEN, deployment="db")])
def test_approval_of_something_else_is_passed_over(approval: Approval) -> None:
    """Of another plan, or of another deployment with the same hash."""
    standing = judge_approvals(WANTED, [approval], NOW)
    assert (standing.counted, standing.refused) == ((), ())


def test_two_names_of_one_user_are_one_person() -> None:
    """The earlier approval counts, the later says why it does not."""
    later = replace(GIVEN, person=replace(BOB, name="robert"), at=NOW, id=2)
    standing = judge_approvals(replace(WANTED, needed=2), [later, GIVEN], NOW)
    assert standing.counted == (GIVEN,)
    assert [each.why for each in standing.refused] == ["the same person as bob"]
    assert standing.describe() == "1 of 2 approvals, by bob"
    assert standing.worth_telling == standing.refused


def test_of_each_person_only_the_last_approval_is_told_of() -> None:
    """What lapsed of somebody who approved anew since is no news."""
    lapsed = [replace(GIVEN, id=number, lapsed_for=f"edit {number}", at=NOW - timedelta(hours=5)) for number in (2, 3)]
    assert [each.why for each in judge_approvals(WANTED, lapsed, NOW).worth_telling] == ["lapsed: edit 3"]
    standing = judge_approvals(WANTED, [*lapsed, GIVEN], NOW)
    assert (len(standing.refused), standing.worth_telling) == (2, ())


@given(st.lists(PEOPLE, max_size=6), st.lists(PEOPLE, max_size=3), st.integers(0, 4))
def test_no_user_counts_twice_nor_for_their_own(people: list[Person], barred: list[Person], needed: int) -> None:
    """Whatever users people are known as: counted ones share none with each other, nor with who is barred."""
    wanted = replace(WANTED, needed=needed, barred=tuple(Barred(each, "did it") for each in barred))
    given_by = [replace(GIVEN, person=each, id=number) for number, each in enumerate(people)]
    standing = judge_approvals(wanted, given_by, NOW)
    numbers = [number for each in standing.counted for number in each.person.numbers]
    assert len(numbers) == len(set(numbers))
    assert not {*numbers} & {number for each in barred for number in each.numbers}
    assert len(standing.counted) + len(standing.refused) == len(people)
    assert standing.is_enough is (len(standing.counted) >= needed)


def editions(*needs: int, approved: int | None = None) -> list[Edition]:
    """Editions with these numbers; ``approved`` is the place of the one that a run began with."""
    return [
        Edition("web", BOB, NOW, need, place == 0, "run" if place == approved else "", place + 1)
        for place, need in enumerate(needs)
    ]


@pytest.mark.parametrize(
    ("made", "needed"),
    [
        ([], 0),
        (editions(0), 0),
        (editions(0, 2), 2),
        (editions(2, 0), 2),
        (editions(2, 0, 0), 2),
        (editions(2, 0, approved=1), 0),
        (editions(2, 1, approved=0), 2),
        (editions(2, 0, 1, approved=1), 1),
    ],
)
def test_lowered_number_holds_after_one_approved_run(made: list[Edition], needed: int) -> None:
    """Until then as many are needed as before."""
    assert needed_by(made) == needed


def test_authors_are_who_added_it_who_edited_it_last_and_whose_edition_a_run_has() -> None:
    """Of an edit in between that nobody runs any more the editor may approve."""
    made = [
        replace(edition, person=person) for edition, person in zip(editions(1, 1, 1), (ANNA, BOB, CARL), strict=True)
    ]
    assert [each.person for each in authors_of(made)] == [ANNA, CARL]
    assert [each.person for each in authors_of(made, 2)] == [ANNA, CARL, BOB]
