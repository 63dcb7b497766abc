"""Giving and withdrawing approvals: whose count, of what, and what rows that nobody gave are worth."""

from dataclasses import replace
from pathlib import Path

import pytest

from fleet.errors import BadInput, NotPermitted, UnknownName
from fleet.messages import MessageKind
from fleet.persons import Person
from ops import processes
from ops.approvals.giving import approve, withdraw
from ops.approvals.overview import list_approvals, list_waiting
from ops.deployments.definitions import enable_deployment, remove_deployment
from ops.permission import Closed, close_to_writing, open_to_writing
from ops.state.approvals import ApprovalBook
from ops.state.audit import Actor, Audit
from ops.state.database import opened
from tests.ops.approvals.approving import (
    ANNA,
    BOB,
    CARL,
    DORA,
    GUARDED,
    approvals_of,
    approve_plan,
    ask_for_run,
    define,
    messages_of,
    previewed,
)
from tests.ops.approvals.forging import forge
from tests.ops.deployments.fake_runs import FakeRuns


@pytest.fixture
def plan(runs: FakeRuns) -> str:
    """The hash of what a run would do now."""
    return previewed(runs).hash


def test_approval_is_audited_and_given_once(runs: FakeRuns, plan: str) -> None:
    """The same person again changes nothing."""
    first, second = approve_plan(runs, plan), approve_plan(runs, plan)
    assert (first.is_new, second.is_new) == (True, False)
    assert len(approvals_of(runs)) == 1
    with opened(runs.home.state_file) as connection:
        actions = [entry.action for entry in Audit(connection).list_entries()]
    assert actions.count("approval.give") == 1


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (ANNA, "anna added the deployment"),
        (replace(ANNA, name="anne"), "anne added the deployment"),
        (Person((ANNA.numbers[0], CARL.numbers[0]), "carl"), "carl added the deployment"),
        (DORA, "dora edited the deployment last"),
        (BOB, "bob asked for the run"),
        (Person((0,), "root"), "nobody can tell who that is"),
    ],
    ids=["adder", "another name of the adder", "adder who became another", "editor", "asker", "root without login"],
)
def test_nobody_approves_their_own(runs: FakeRuns, person: Person, why: str) -> None:
    """By the numbers of users, whatever they are called and whichever of them acts."""
    edited = replace(GUARDED, description="edited")
    define(runs, edited, DORA)
    plan = previewed(runs, edited).hash
    ask_for_run(runs, edited, required_plan=plan)
    with pytest.raises(NotPermitted, match=why):
        approve_plan(runs, plan, person)
    assert not approvals_of(runs)


def test_who_asked_for_one_run_may_approve_that_of_another(runs: FakeRuns, plan: str) -> None:
    """It counts for the other's only."""
    ask_for_run(runs, person=BOB, required_plan=plan)
    ask_for_run(runs, person=CARL, opens_in=60, required_plan=plan)
    approve_plan(runs, plan, BOB)
    own, other = list_waiting(runs.home, clock=runs.clock)
    assert [each.why for each in own.standing.refused] == ["bob asked for the run"]
    assert other.standing.is_enough


@pytest.mark.parametrize("text", ["", "zz", "a" * 63, "a" * 64, "../../config", "*" * 64])
def test_what_is_no_known_plan_is_refused(runs: FakeRuns, text: str) -> None:
    """Nobody can have seen it."""
    with pytest.raises(BadInput, match="--plan"):
        approve_plan(runs, text)


def test_beginning_of_a_hash_is_refused(runs: FakeRuns, plan: str) -> None:
    """Two plans can be made that begin alike."""
    with pytest.raises(BadInput, match="is no hash"):
        approve_plan(runs, plan[:12])


def test_plan_of_another_deployment_is_refused(runs: FakeRuns) -> None:
    """An approval cannot be played for another deployment: the hash is of one."""
    other = replace(GUARDED, name="other")
    define(runs, other)
    with pytest.raises(BadInput, match="it is of other"):
        approve_plan(runs, previewed(runs, other).hash)


def test_deployment_that_needs_no_approval_takes_none(runs: FakeRuns) -> None:
    """Nobody believes then that it waits for it."""
    free = replace(GUARDED, name="free", needs_approval=0)
    define(runs, free)
    with pytest.raises(BadInput, match="free needs no approval"):
        approve_plan(runs, previewed(runs, free).hash, name="free")


def test_unknown_deployment_is_told_with_the_nearest(runs: FakeRuns, plan: str) -> None:
    """As everywhere."""
    with pytest.raises(UnknownName, match="nightly"):
        approve_plan(runs, plan, name="nightl")


def test_row_without_its_entry_in_the_audit_counts_for_nothing(runs: FakeRuns, plan: str) -> None:
    """Somebody wrote it past Patchdeck; a copy of a true row is none either."""
    forge(runs, plan, CARL)
    assert [each.problem for each in list_approvals(runs.home, past=True)] == ["lapsed: the audit has no such approval"]
    approve_plan(runs, plan)
    with opened(runs.home.state_file) as connection:
        connection.execute(
            "INSERT INTO approvals (deployment, plan_hash, document) "
            "SELECT deployment, plan_hash, replace(document, '[4003]', '[4004]') FROM approvals WHERE id = 2"
        )
        connection.execute(
            "INSERT INTO approvals (deployment, plan_hash, document) "
            "SELECT deployment, plan_hash, document FROM approvals WHERE id = 2"
        )
    assert [each.is_standing for each in approvals_of(runs)] == [False, True, False, False]


@pytest.mark.parametrize(
    "change",
    [
        """json_remove(document, '$.lapsed_for', '$.lapsed_at')""",
        """json_set(json_remove(document, '$.lapsed_for', '$.lapsed_at'), '$.used_by', 'another')""",
        """json_set(json_remove(document, '$.lapsed_for'), '$.used_by', 'another', '$.use_id', 1)""",
    ],
    ids=["stands again", "is the run's own", "names an entry"],
)
def test_row_of_what_was_withdrawn_cannot_be_made_to_stand_again(runs: FakeRuns, plan: str, change: str) -> None:
    """The audit says how it ended."""
    approve_plan(runs, plan)
    withdraw(runs.home, "nightly", person=CARL, clock=runs.clock)
    with opened(runs.home.state_file) as connection:
        connection.execute(f"UPDATE approvals SET document = {change}")
    assert [each.lapsed_for for each in approvals_of(runs)] == ["the audit has no such approval"]


def test_row_of_what_a_run_used_cannot_be_made_to_stand_again(runs: FakeRuns, plan: str) -> None:
    """Neither as if it was never used, nor as if another run had used it; as it is it is shown."""
    approve_plan(runs, plan)
    with opened(runs.home.state_file) as connection:
        book = ApprovalBook(connection, clock=runs.clock)
        for _ in range(2):
            book.use(book.given("nightly"), "first")
        (used,) = book.given("nightly")
        connection.execute("UPDATE approvals SET document = json_set(document, '$.used_by', 'second')")
        (claimed,) = book.given("nightly")
        connection.execute("UPDATE approvals SET document = json_remove(document, '$.used_by', '$.use_id')")
        (renewed,) = book.given("nightly")
        actions = [entry.action for entry in Audit(connection).list_entries()]
    assert (used.used_by, used.lapsed_for) == ("first", "")
    assert {claimed.lapsed_for, renewed.lapsed_for} == {"the audit has no such approval"}
    assert actions.count("approval.use") == 1


def test_row_cannot_be_made_younger(runs: FakeRuns, plan: str) -> None:
    """When it was given is in the audit, too."""
    approve_plan(runs, plan)
    with opened(runs.home.state_file) as connection:
        connection.execute("UPDATE approvals SET document = json_set(document, '$.at', '2030-01-01T00:00:00+00:00')")
    assert not approvals_of(runs)[0].is_standing


def test_nobody_approves_from_within_a_user_namespace(
    runs: FakeRuns, plan: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`unshare --map-user` makes anybody anybody there."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "uid_map").write_text("      4002       4001          1\n")
    monkeypatch.setattr(processes, "_PROC", tmp_path)
    with pytest.raises(NotPermitted, match="user namespace"):
        approve(runs.home, "nightly", plan)


def test_ones_own_approval_is_withdrawn_and_all_if_that_is_asked(runs: FakeRuns, plan: str) -> None:
    """Others' stand until then."""
    for person in (CARL, DORA):
        approve_plan(runs, plan, person)
    assert [each.person for each in withdraw(runs.home, "nightly", person=CARL)] == [CARL]
    assert not withdraw(runs.home, "nightly", person=CARL)
    assert [each.person for each in withdraw(runs.home, "nightly", of_all=True, person=BOB)] == [DORA]


def test_removing_the_deployment_lapses_and_switching_it_does_not(runs: FakeRuns, plan: str) -> None:
    """Enabling and disabling change nothing of what is done; people are told of what lapsed."""
    approve_plan(runs, plan)
    for enabled in (False, True):
        enable_deployment(runs.home, "nightly", enabled=enabled)
    assert approvals_of(runs)[0].is_standing
    remove_deployment(runs.home, "nightly")
    assert approvals_of(runs)[0].lapsed_for.endswith("removed the deployment")
    assert len(messages_of(runs, MessageKind.APPROVAL_LAPSED)) == 1


def test_run_of_a_removed_deployment_can_still_be_approved(runs: FakeRuns, plan: str) -> None:
    """It has its own copy, and waits."""
    ask_for_run(runs, required_plan=plan)
    remove_deployment(runs.home, "nightly")
    assert approve_plan(runs, plan).standing.is_enough


def test_whoever_added_it_before_there_were_editions_is_known_by_name(runs: FakeRuns, plan: str) -> None:
    """A home of an older Patchdeck: the audit says who it was."""
    with opened(runs.home.state_file) as connection:
        connection.execute("DELETE FROM editions")
        Audit(connection, Actor("root (daemon)", "", "patchdeck")).record("deployment.add", "nightly")
    with pytest.raises(NotPermitted, match="daemon added the deployment"):
        approve_plan(runs, plan, Person((1,), "daemon"))


def test_home_that_is_only_read_takes_no_approvals(runs: FakeRuns, plan: str) -> None:
    """Whatever the rows would allow."""
    close_to_writing(runs.home.path, Closed("it is opened read-only", is_asked=True))
    try:
        with pytest.raises(NotPermitted, match="Cannot approve plans"):
            approve_plan(runs, plan)
    finally:
        open_to_writing(runs.home.path)


def test_long_note_is_refused_and_a_hostile_one_made_harmless(runs: FakeRuns, plan: str) -> None:
    """It is shown on terminals."""
    with pytest.raises(BadInput, match="longer than 1,000"):
        approve(runs.home, "nightly", plan, "x" * 1001, person=CARL)
    given = approve(runs.home, "nightly", plan, "fine\x1b[2J\nnext", person=CARL, clock=runs.clock)
    assert "\x1b" not in given.approval.note
    assert "\n" not in given.approval.note
