"""What runs made of an update, as reasons: each outcome of an update, and each end of a machine, is one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.answers import Answer
from fleet.deployments.rollout import FailureBudget, Rollout
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, RunStatus
from fleet.reasons.explain import explain
from fleet.reasons.reason import ReasonKind, Weight
from fleet.reasons.tries import BY_MACHINE, BY_OUTCOME, try_reasons
from tests.fleet.reasons.made import NOW, OPENSSL, ROLLUP, case, deployment, home, run, sight, status, tried


@pytest.mark.parametrize("outcome", InstallationStatus)
def test_each_outcome_of_an_update_is_a_reason_with_a_remedy(outcome: InstallationStatus) -> None:
    """A new one without words or remedy fails here."""
    (reason,) = try_reasons(case(OPENSSL, tried(outcome, "E: broken", log_line="dpkg: error")))
    assert reason.kind is BY_OUTCOME[outcome][0]
    assert "E: broken: log: dpkg: error" in reason.evidence
    assert reason.words.startswith("The run R1 of nightly ")
    assert reason.remedy
    assert reason.run_id == "R1"


@pytest.mark.parametrize("stands", MachineRunStatus)
def test_each_end_of_a_machine_is_a_reason(stands: MachineRunStatus) -> None:
    """Where the run says nothing of the update; one that is in work still is told by its run."""
    reasons = [*try_reasons(case(OPENSSL, tried(None, "no route", status=stands)))]
    told = BY_MACHINE[stands]
    assert [each.kind for each in reasons] == ([] if told is None else [told[0]])


def test_same_error_again_says_how_often() -> None:
    """The next run meets it again; another error before does not count."""
    failed = [tried(InstallationStatus.INSTALL_FAILED, "E: dpkg") for _ in range(3)]
    before = tried(InstallationStatus.INSTALL_FAILED, "E: other")
    (reason,) = try_reasons(case(OPENSSL, *failed, before))
    assert reason.kind is ReasonKind.FAILED_AGAIN
    assert "for the 3rd time with the same error" in reason.words


def test_last_run_tells_and_not_one_that_is_not_over() -> None:
    """What was before it is no reason any more."""
    going = tried(None, status=MachineRunStatus.IN_PROGRESS, of=run(RunStatus.IN_PROGRESS))
    last = tried(InstallationStatus.WINDOW_EXCEEDED, "no time")
    older = tried(InstallationStatus.INSTALL_FAILED, "E: dpkg")
    assert [each.kind for each in try_reasons(case(OPENSSL, going, last, older))] == [ReasonKind.WINDOW_EXCEEDED]


def test_installed_after_the_last_answer_is_the_answer() -> None:
    """The machine has to be assessed for the update to go away."""
    done = tried(InstallationStatus.SUCCEEDED, status=MachineRunStatus.SUCCEEDED, ended_at=NOW - timedelta(minutes=5))
    reasons = explain(case(OPENSSL, done), home(sight(start=None), service_stopped="nobody holds the lease"))
    assert (reasons[0].kind, reasons[0].command) == (ReasonKind.INSTALLED_SINCE, "patchdeck assess web-01")
    assert not any(each.stops for each in reasons)


def test_installed_and_offered_again_went_wrong() -> None:
    """It was rolled back, or the machine's metadata is old."""
    done = tried(InstallationStatus.SUCCEEDED, status=MachineRunStatus.SUCCEEDED)
    (reason,) = try_reasons(case(OPENSSL, done))
    assert (reason.kind, reason.weight) == (ReasonKind.OFFERED_AGAIN, Weight.WENT_WRONG)


def test_windows_update_that_waits_for_its_restart_says_so() -> None:
    """Windows goes on to offer what it installs at the next restart."""
    done = tried(InstallationStatus.SUCCEEDED, "installed; the restart is pending", status=MachineRunStatus.SUCCEEDED)
    waiting = status(manager="windows-update", reboot=Answer.YES)
    (reason,) = try_reasons(case(ROLLUP, done, of=waiting))
    assert (reason.kind, reason.weight) == (ReasonKind.RESTART_FIRST, Weight.STOPS)


@pytest.mark.parametrize(
    ("ended", "counts", "kind"),
    [
        (run(RunStatus.CANCELLED, note="cancelled by anna"), {}, ReasonKind.RUN_CANCELLED),
        (run(required_plan="abc", plan_hash="def", note="the plan drifted"), {}, ReasonKind.PLAN_DRIFTED),
        (
            run(deployment=deployment(rollout=Rollout(budget=FailureBudget(machines=1)))),
            {MachineRunStatus.FAILED: 2, MachineRunStatus.NOT_STARTED: 8},
            ReasonKind.BUDGET_EXHAUSTED,
        ),
        (run(note="a gate failed"), {}, ReasonKind.RUN_FAILED),
    ],
    ids=lambda value: value.value if isinstance(value, ReasonKind) else "",
)
def test_machine_that_was_not_begun_says_why_the_run_ended(ended, counts, kind) -> None:  # type: ignore[no-untyped-def]  # as above
    """Cancelled, drifted, out of its failure budget, or for another reason that its note tells."""
    each = replace(tried(None, status=MachineRunStatus.NOT_STARTED, of=ended), counts=counts)
    (reason,) = try_reasons(case(OPENSSL, each))
    assert reason.kind is kind
    assert ended.note in reason.evidence
