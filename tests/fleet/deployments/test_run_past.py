"""Runs as they stood at an earlier instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.run_past import machine_run_at, run_at
from fleet.deployments.runs import Intervention, MachineRun, MachineRunStatus, Requester, Run, RunStatus, RunStep

ASKED = datetime(2026, 11, 12, 14, 0, tzinfo=UTC)
OPENED = ASKED + timedelta(hours=1)
ENDED = OPENED + timedelta(minutes=20)
RUN = Run(
    id="run-1",
    deployment=Deployment("web", ("all",)),
    status=RunStatus.FAILED,
    opens_at=OPENED,
    closes_at=OPENED + timedelta(hours=2),
    requester=Requester("anna"),
    requested_at=ASKED,
    plan_hash="abc",
    started_at=OPENED,
    ended_at=ENDED,
    note="3 of 4 machines succeeded",
)
TAKEN_UP = OPENED + timedelta(minutes=2)
MACHINE = MachineRun(
    "run-1",
    "m-1",
    "web-01",
    0,
    status=MachineRunStatus.FAILED,
    step=RunStep.REPORT,
    started_at=TAKEN_UP,
    ended_at=TAKEN_UP + timedelta(minutes=5),
    error="it broke",
)
PAUSED = (
    Intervention(OPENED + timedelta(minutes=4), "pause", "ben"),
    Intervention(OPENED + timedelta(minutes=9), "resume", "ben"),
)


@pytest.mark.parametrize(
    ("minutes", "status"),
    [
        (-61, None),
        (-60, RunStatus.WAITING),
        (-1, RunStatus.WAITING),
        (0, RunStatus.IN_PROGRESS),
        (4, RunStatus.PAUSED),
        (8, RunStatus.PAUSED),
        (9, RunStatus.IN_PROGRESS),
        (20, RunStatus.FAILED),
        (9999, RunStatus.FAILED),
    ],
)
def test_run_stands_where_it_stood(minutes: int, status: RunStatus | None) -> None:
    """It is not there before it is asked for, waits for its window, goes on, is paused, and ends when it ended."""
    then = run_at(RUN, OPENED + timedelta(minutes=minutes), PAUSED)
    assert (then.status if then else None) is status
    if then is not None and not then.status.is_over:
        assert (then.ended_at, then.note) == (None, "")


def test_run_that_ends_without_a_time_stays_as_it_is() -> None:
    """One that was cancelled while it waited has no end of its own in some homes: it is not made to go on."""
    cancelled = replace(RUN, status=RunStatus.CANCELLED, started_at=None, ended_at=None)
    assert run_at(cancelled, ASKED) == cancelled


def test_machine_of_a_run_stands_where_it_stood() -> None:
    """It is not begun, then in work at its last step, then over; what came of it is not known before."""
    before = machine_run_at(MACHINE, TAKEN_UP - timedelta(seconds=1))
    during = machine_run_at(MACHINE, TAKEN_UP, RunStep.CHECK)
    after = machine_run_at(MACHINE, TAKEN_UP + timedelta(minutes=5))
    assert (before.status, before.step) == (MachineRunStatus.NOT_STARTED, None)
    assert (during.status, during.step, during.error) == (MachineRunStatus.IN_PROGRESS, RunStep.CHECK, "")
    assert after == MACHINE
