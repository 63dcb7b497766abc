"""Verdicts: how a machine and a run ended, with denominators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.budget import parse_budget
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, RunStatus, UpdateOutcome
from fleet.deployments.verdicts import judge_machine, judge_run
from fleet.failures import Failure, FailureKind

_SUCCEEDED = InstallationStatus.SUCCEEDED
_STATUSES = st.lists(
    st.sampled_from([status for status in InstallationStatus if status is not InstallationStatus.IN_PROGRESS])
)


def _outcomes(*statuses: InstallationStatus) -> list[UpdateOutcome]:
    return [
        UpdateOutcome(f"p{number}", "amd64", "1", "2", "Others", status, error="broken")
        for number, status in enumerate(statuses)
    ]


def _machines(*statuses: MachineRunStatus) -> list[MachineRun]:
    return [MachineRun("run", f"id-{n}", f"web-{n}", 0, status) for n, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("statuses", "how", "wanted", "error"),
    [
        ([_SUCCEEDED, InstallationStatus.EXCLUDED], {}, MachineRunStatus.SUCCEEDED, ""),
        ([], {}, MachineRunStatus.SUCCEEDED, ""),
        (
            [_SUCCEEDED, InstallationStatus.INSTALL_FAILED, InstallationStatus.NOT_INCLUDED],
            {},
            MachineRunStatus.FAILED,
            "1 of 2 updates failed; p1: broken",
        ),
        (
            [_SUCCEEDED, InstallationStatus.NOT_STARTED],
            {"cancelled": True},
            MachineRunStatus.CANCELLED,
            "cancelled, 1 of 2 updates not started",
        ),
        ([_SUCCEEDED], {"cancelled": True}, MachineRunStatus.SUCCEEDED, ""),
        (
            [_SUCCEEDED, InstallationStatus.WINDOW_EXCEEDED],
            {},
            MachineRunStatus.WINDOW_EXCEEDED,
            "the maintenance window was exceeded: 1 of 2 updates not started",
        ),
        (
            [_SUCCEEDED],
            {"window_exceeded": True},
            MachineRunStatus.WINDOW_EXCEEDED,
            "the maintenance window was exceeded: no time was left for the rest",
        ),
        (
            [InstallationStatus.NOT_STARTED],
            {},
            MachineRunStatus.FAILED,
            "1 of 1 update not started: broken",
        ),
        ([_SUCCEEDED], {"error": "It did not return."}, MachineRunStatus.FAILED, "It did not return."),
    ],
)
def test_machine_ends_as_the_worst_of_its_updates(
    statuses: list[InstallationStatus], how: dict[str, bool], wanted: MachineRunStatus, error: str
) -> None:
    """Failures first, then what was not begun and why; what is left out counts for nothing."""
    verdict = judge_machine(_outcomes(*statuses), **how)  # type: ignore[arg-type]  # one table for both kinds
    assert (verdict.status, verdict.error) == (wanted, error)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FailureKind.CONNECTION_REFUSED, MachineRunStatus.UNREACHABLE),
        (FailureKind.HOST_KEY_CHANGED, MachineRunStatus.UNREACHABLE),
        (FailureKind.PACKAGE_MANAGER_FAILED, MachineRunStatus.FAILED),
        (FailureKind.CANCELLED, MachineRunStatus.CANCELLED),
    ],
)
def test_failure_decides_how_a_machine_ended(kind: FailureKind, status: MachineRunStatus) -> None:
    """Unreachable and failed are two things."""
    verdict = judge_machine((), Failure(kind, "connect", "refused.", "Start sshd."))
    assert verdict.status is status and verdict.error == "connect: refused. Start sshd."


@given(_STATUSES, st.booleans(), st.booleans())
def test_machine_succeeds_only_where_every_wanted_update_did(
    statuses: list[InstallationStatus], window_exceeded: bool, cancelled: bool
) -> None:
    """And every other end says why."""
    verdict = judge_machine(_outcomes(*statuses), window_exceeded=window_exceeded, cancelled=cancelled)
    left_out = {InstallationStatus.NOT_INCLUDED, InstallationStatus.EXCLUDED}
    if verdict.status is MachineRunStatus.SUCCEEDED:
        assert set(statuses) <= {_SUCCEEDED, *left_out} and verdict.error == ""
    else:
        assert verdict.status.is_over and verdict.error


def test_run_succeeds_only_where_every_machine_did() -> None:
    """One that is out of time, unreachable or not begun fails the run, each counted."""
    verdict = judge_run(
        _machines(
            MachineRunStatus.SUCCEEDED,
            MachineRunStatus.UNREACHABLE,
            MachineRunStatus.WINDOW_EXCEEDED,
            MachineRunStatus.NOT_STARTED,
        )
    )
    assert verdict.status is RunStatus.FAILED
    assert verdict.note == "1 of 4 machines succeeded, 1 unreachable, 1 out of time, 1 not started"
    assert judge_run(_machines(MachineRunStatus.SUCCEEDED)).status is RunStatus.SUCCEEDED


def test_exhausted_budget_is_told() -> None:
    """With what was allowed, and unreachable machines counted."""
    machines = _machines(MachineRunStatus.FAILED, MachineRunStatus.UNREACHABLE, MachineRunStatus.NOT_STARTED)
    note = judge_run(machines, parse_budget("1")).note
    assert note.endswith("the failure budget is exhausted: 2 of 3 machines failed, 1 may")


def test_cancelled_and_failed_runs_say_so() -> None:
    """A cancellation is no failure, an error of the run is one."""
    machines = _machines(MachineRunStatus.SUCCEEDED)
    assert judge_run(machines, cancelled=True).status is RunStatus.CANCELLED
    verdict = judge_run(machines, error="post-script ended with 1")
    assert verdict.status is RunStatus.FAILED and verdict.note.endswith("; post-script ended with 1")
    assert judge_run(()).note == "no machine was in the run"


@given(st.lists(st.sampled_from(list(MachineRunStatus))))
def test_run_is_always_over(statuses: list[MachineRunStatus]) -> None:
    """Whatever the machines, the run ends as one of three."""
    assert judge_run(_machines(*statuses)).status.is_over
