"""Outcomes: by what is installed before and after, one for each update of the plan."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobNote, JobReport, JobState
from fleet.deployments.outcomes import Installed, judge_outcomes, status_of
from fleet.deployments.plan import (
    ChangeKind,
    LeftOut,
    LeftOutReason,
    MachinePlan,
    PackageChange,
    Selection,
    Simulation,
)
from fleet.deployments.runs import InstallationStatus, UpdateOutcome
from fleet.failures import Finding, FindingKind, Severity
from fleet.updates import Blocker, Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_KEY = ("curl", "amd64")
_BEFORE: Installed = {_KEY: "1", ("zlib", "amd64"): "1"}
_DPKG = b"Setting up curl (2) ...\ndpkg: error processing package curl (--configure):\n exit status 1\n"


def _update(name: str, blocker: Blocker | None = None) -> Update:
    return Update(name, "amd64", "1", "2", Classification.SECURITY, "", "", blocker)


def _compare(one: str, other: str) -> int:
    return int(one) - int(other)


def _plan(*names: str, left_out: tuple[LeftOut, ...] = (), changes: tuple[PackageChange, ...] = ()) -> MachinePlan:
    return MachinePlan(
        "id", "web", 0, selection=Selection(tuple(map(_update, names)), left_out), simulation=Simulation(changes)
    )


def _batch(outcome: BatchOutcome | None, number: int = 1, names: tuple[str, ...] = ("curl",)) -> BatchRecord:
    ended = None if outcome is None else number * 10.0 + 5
    packages = tuple((name, "amd64") for name in names)
    return BatchRecord(number, 1, packages, number * 10.0, ended, outcome, exit_status=100)


def _report(*batches: BatchRecord, state: JobState = JobState.ENDED) -> JobReport:
    return JobReport("run-install", state, batches)


def _judge(after: Installed | None, report: JobReport | None, **how: Any) -> UpdateOutcome:
    (outcome,) = judge_outcomes(_plan("curl"), _BEFORE, after, report, compare=_compare, **how)
    return outcome


@pytest.mark.parametrize("after", ["1", "2"])
def test_hard_stop_is_said_of_what_it_ended(after: str) -> None:
    """Left half done or not come to at all: the window's end was it, not the package."""
    batches = (_batch(BatchOutcome.FAILED, 1), _batch(None, 2))
    notes = (JobNote(60.0, "hard stop: the end of the window has come, what runs is ended"),)
    broken = Finding(FindingKind.PACKAGE_MANAGER_INTERRUPTED, Severity.ERROR, "curl is half configured")

    outcome = _judge({_KEY: after}, replace(_report(*batches), notes=notes), findings=(broken,))

    assert outcome.status is InstallationStatus.INSTALL_FAILED
    assert outcome.error.endswith("; the hard stop at the window's end ended it")


@pytest.mark.parametrize("version", ["2", "3"])
def test_offered_version_or_a_newer_one_is_success(version: str) -> None:
    """What is there is there, whatever the exit codes say."""
    outcome = _judge({_KEY: version}, _report(_batch(BatchOutcome.FAILED)))
    assert outcome.status is InstallationStatus.SUCCEEDED and not outcome.succeeded_on_retry


def test_success_after_a_failed_batch_is_success_on_retry() -> None:
    """It took more than one attempt, and the times are those of the last."""
    report = _report(_batch(BatchOutcome.NETWORK), _batch(BatchOutcome.SUCCEEDED, 2))
    outcome = _judge({_KEY: "2"}, report, began_at=_NOW)
    assert outcome.status is InstallationStatus.SUCCEEDED and outcome.succeeded_on_retry
    assert (outcome.started_at, outcome.ended_at) == (_NOW + timedelta(seconds=20), _NOW + timedelta(seconds=25))


def test_reported_success_without_the_version_is_failure() -> None:
    """An exit status of 0 proves nothing."""
    outcome = _judge(_BEFORE, _report(_batch(BatchOutcome.SUCCEEDED)))
    assert outcome.status is InstallationStatus.INSTALL_FAILED
    assert outcome.error == "the package manager reports success, but it is still at 1"


@pytest.mark.parametrize(
    ("batch", "status"),
    [
        (BatchOutcome.FAILED, InstallationStatus.INSTALL_FAILED),
        (BatchOutcome.LOCKED, InstallationStatus.FAILED),
        (BatchOutcome.NETWORK, InstallationStatus.FAILED),
        (BatchOutcome.NO_SPACE, InstallationStatus.FAILED),
        (BatchOutcome.NOT_STARTED, InstallationStatus.NOT_STARTED),
        (BatchOutcome.CANCELLED, InstallationStatus.NOT_STARTED),
        (None, InstallationStatus.INSTALL_FAILED),
    ],
)
def test_status_of_what_is_not_there_says_how_far_it_came(
    batch: BatchOutcome | None, status: InstallationStatus
) -> None:
    """Failed never got to installing, InstallFailed did, NotStarted was not begun; each with its reason."""
    outcome = _judge(_BEFORE, _report(_batch(batch)))
    assert outcome.status is status and outcome.error


def test_error_and_excerpt_come_from_the_log_of_its_own_batch() -> None:
    """Other transactions' troubles are not this package's."""
    other = b"E: trouble of another batch\n"
    batch = replace(_batch(BatchOutcome.FAILED), log_from=1_000 + len(other), log_to=1_000 + len(other) + len(_DPKG))
    outcome = _judge(_BEFORE, _report(batch), log=other + _DPKG + other, log_from=1_000)
    assert outcome.error == "dpkg: error processing package curl (--configure): exit status 1"
    assert "another batch" not in outcome.log_excerpt and "Setting up curl" in outcome.log_excerpt


def test_package_whose_script_failed_is_not_installed_though_its_version_is_there() -> None:
    """dpkg shows the new version of a package that it could not configure."""
    outcome = _judge({_KEY: "2"}, _report(_batch(BatchOutcome.FAILED)), log=_DPKG)
    assert outcome.status is InstallationStatus.INSTALL_FAILED and "--configure" in outcome.error


def test_neighbour_of_a_package_whose_script_failed_is_installed() -> None:
    """One bad package does not make the rest of its transaction bad."""
    batch = _batch(BatchOutcome.FAILED, names=("curl", "zlib"))
    outcomes = judge_outcomes(
        _plan("curl", "zlib"), _BEFORE, {_KEY: "2", ("zlib", "amd64"): "2"}, _report(batch), compare=_compare, log=_DPKG
    )
    assert [o.status for o in outcomes] == [InstallationStatus.INSTALL_FAILED, InstallationStatus.SUCCEEDED]


def test_broken_package_by_the_assessment_is_not_installed() -> None:
    """What the assessment after finds half done is not well."""
    broken = Finding(FindingKind.PACKAGE_BROKEN, Severity.WARNING, "The own scripts of curl failed.")
    outcome = _judge({_KEY: "2"}, _report(_batch(BatchOutcome.FAILED)), findings=(broken,))
    assert outcome.status is InstallationStatus.INSTALL_FAILED


def test_package_of_an_interrupted_transaction_is_not_installed_while_the_manager_is_interrupted() -> None:
    """Unpacked is not installed; once nothing is left half done, it is."""
    interrupted = Finding(FindingKind.PACKAGE_MANAGER_INTERRUPTED, Severity.ERROR, "dpkg was interrupted.")
    report = _report(_batch(None), state=JobState.INTERRUPTED)
    assert _judge({_KEY: "2"}, report, findings=(interrupted,)).status is InstallationStatus.INSTALL_FAILED
    assert _judge({_KEY: "2"}, report).status is InstallationStatus.SUCCEEDED


def test_failed_script_of_an_rpm_is_told_of_an_installed_package() -> None:
    """rpm has it installed; what its script failed with is kept."""
    log = b"Error in POSTIN scriptlet in rpm package curl-2-1.el9.x86_64\nwarning: %post(zlib) scriptlet failed\n"
    outcome = _judge({_KEY: "2"}, _report(_batch(BatchOutcome.SUCCEEDED)), log=log)
    assert outcome.status is InstallationStatus.SUCCEEDED and "POSTIN" in outcome.error


@pytest.mark.parametrize(
    ("how", "report", "status", "words"),
    [
        ({"window_exceeded": True}, _report(), InstallationStatus.WINDOW_EXCEEDED, "window"),
        ({"cancelled": True}, _report(), InstallationStatus.NOT_STARTED, "cancelled"),
        ({}, _report(), InstallationStatus.NOT_STARTED, "job ended"),
        ({}, _report(state=JobState.INTERRUPTED), InstallationStatus.NOT_STARTED, "interrupted"),
        ({}, replace(_report(state=JobState.BUSY), other_job="x"), InstallationStatus.NOT_STARTED, "another job"),
        ({}, None, InstallationStatus.NOT_STARTED, "no job"),
        ({"problem": "/var is full."}, None, InstallationStatus.FAILED, "/var is full."),
    ],
)
def test_update_that_no_transaction_held_says_why(
    how: Mapping[str, Any], report: JobReport | None, status: InstallationStatus, words: str
) -> None:
    """The window, a cancellation, an interruption, another job, a check that did not hold."""
    outcome = _judge(_BEFORE, report, **how)
    assert outcome.status is status and words in outcome.error


@pytest.mark.parametrize("batches", [(), (_batch(BatchOutcome.SUCCEEDED),)])
@pytest.mark.parametrize("state", list(JobState))
def test_nothing_succeeds_without_an_inventory_after_the_job(batches: tuple[BatchRecord, ...], state: JobState) -> None:
    """What could not be verified is never called a success."""
    outcome = _judge(None, _report(*batches, state=state))
    is_surely_not_begun = not batches and state not in (JobState.RUNNING, JobState.INTERRUPTED)
    wanted = InstallationStatus.NOT_STARTED if is_surely_not_begun else InstallationStatus.FAILED
    assert outcome.status is wanted and (is_surely_not_begun or "could not be verified" in outcome.error)


def test_unknown_job_without_an_inventory_could_not_be_verified() -> None:
    """A machine that was lost, with why."""
    outcome = _judge(None, None, problem="Connection lost.")
    assert (outcome.status, outcome.error) == (
        InstallationStatus.FAILED,
        "could not be verified: Connection lost.",
    )


def test_every_reason_for_leaving_out_has_a_status() -> None:
    """Excluded where somebody decided so, NotIncluded where nothing asks for it or the machine cannot have it."""
    excluded = {reason for reason in LeftOutReason if status_of(LeftOut(_update("x"), reason)) == "Excluded"}
    assert excluded == {
        LeftOutReason.EXCLUDED,
        LeftOutReason.TOO_YOUNG,
        LeftOutReason.NEEDS_NEW_PACKAGES,
        LeftOutReason.NEEDS_REMOVALS,
        LeftOutReason.DEPENDENCY_LEFT_OUT,
    }


@pytest.mark.parametrize(
    ("blocker", "status"),
    [
        (Blocker.HELD, InstallationStatus.EXCLUDED),
        (Blocker.VERSION_LOCKED, InstallationStatus.EXCLUDED),
        (Blocker.PINNED, InstallationStatus.EXCLUDED),
        (Blocker.PHASED, InstallationStatus.NOT_INCLUDED),
        (Blocker.NEEDS_SUBSCRIPTION, InstallationStatus.NOT_INCLUDED),
        (Blocker.PACKAGE_MANAGER_BROKEN, InstallationStatus.NOT_INCLUDED),
    ],
)
def test_held_is_excluded_and_phased_is_not_included(blocker: Blocker, status: InstallationStatus) -> None:
    """A hold is somebody's decision, a phase is not."""
    assert status_of(LeftOut(_update("x", blocker), LeftOutReason.BLOCKED)) is status


def test_left_out_update_that_came_along_as_a_dependency_succeeded() -> None:
    """The transaction brought it: saying NotIncluded would be untrue."""
    left_out = LeftOut(_update("zlib"), LeftOutReason.NOT_IN_CLASSES, "class")
    brought = PackageChange(ChangeKind.UPGRADE, "zlib", "amd64", "1", "2")
    after = {_KEY: "2", ("zlib", "amd64"): "2"}
    for changes, status in (((brought,), "Succeeded"), ((), "NotIncluded")):
        plan = _plan("curl", left_out=(left_out,), changes=changes)
        outcomes = judge_outcomes(plan, _BEFORE, after, _report(), compare=_compare)
        assert [outcome.status for outcome in outcomes] == ["Succeeded", status]


_NAMES = ["a", "b", "c"]
_BATCHES = st.builds(
    _batch,
    st.none() | st.sampled_from(list(BatchOutcome)),
    st.integers(1, 9),
    st.lists(st.sampled_from(_NAMES), unique=True).map(tuple),
)
_REPORTS = st.none() | st.builds(
    lambda state, batches: _report(*batches, state=state), st.sampled_from(list(JobState)), st.lists(_BATCHES)
)
_INSTALLED = st.dictionaries(st.sampled_from(_NAMES).map(lambda name: (name, "amd64")), st.sampled_from("123"))


@given(
    st.lists(st.sampled_from(_NAMES), unique=True),
    st.lists(
        st.tuples(st.sampled_from(["x", "y", "z"]), st.sampled_from(list(LeftOutReason))), unique_by=lambda p: p[0]
    ),
    _INSTALLED,
    st.none() | _INSTALLED,
    _REPORTS,
    st.binary(max_size=200),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "disk full"]),
)
def test_every_planned_update_gets_exactly_one_final_outcome(
    chosen: list[str],
    left_out: list[tuple[str, LeftOutReason]],
    before: dict[tuple[str, str], str],
    after: dict[tuple[str, str], str] | None,
    report: JobReport | None,
    log: bytes,
    window_exceeded: bool,
    cancelled: bool,
    problem: str,
) -> None:
    """Whatever the job left behind: one each, never in progress, success only where it is seen, failure with a word."""
    plan = _plan(*chosen, left_out=tuple(LeftOut(_update(name), reason) for name, reason in left_out))
    outcomes = judge_outcomes(
        plan,
        before,
        after,
        report,
        compare=_compare,
        log=log,
        window_exceeded=window_exceeded,
        cancelled=cancelled,
        problem=problem,
    )
    assert [outcome.name for outcome in outcomes] == [*chosen, *(name for name, _ in left_out)]
    for outcome in outcomes:
        assert outcome.status is not InstallationStatus.IN_PROGRESS
        if outcome.status is InstallationStatus.SUCCEEDED:
            assert after is not None and int(after[outcome.name, "amd64"]) >= 2
        else:
            assert outcome.error and "\n" not in outcome.error
