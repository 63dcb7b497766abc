"""Asking for runs: of what is defined now, and not of what it was when somebody looked."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fleet.errors import BadInput, UnknownName
from ops.deployments.definitions import enable_deployment, remove_deployment
from ops.deployments.run_requests import narrow, request_run
from tests.ops.approvals.approving import GUARDED, define
from tests.ops.deployments.fake_runs import FakeRuns


@pytest.fixture
def runs(tmp_path: Path) -> FakeRuns:
    """A home with two machines, and a deployment."""
    made = FakeRuns(tmp_path)
    made.enrol(2)
    define(made)
    return made


def test_run_of_what_was_edited_meanwhile_is_refused(runs: FakeRuns) -> None:
    """Its author would not be known: the edition that it would be said to have is another's."""
    define(runs, replace(GUARDED, description="another"))
    with pytest.raises(BadInput, match="nightly was edited after you had read it"):
        request_run(runs.home, GUARDED, runs.clock())


def test_run_of_what_was_removed_meanwhile_is_refused(runs: FakeRuns) -> None:
    """It is told as any name that is not known."""
    remove_deployment(runs.home, GUARDED.name)
    with pytest.raises(UnknownName, match="nightly"):
        request_run(runs.home, GUARDED, runs.clock())


def test_run_of_a_part_in_another_window_is_made(runs: FakeRuns) -> None:
    """Being switched on or off is no edit either."""
    longer = GUARDED.window.minutes + 30
    part = narrow(runs.home, GUARDED, ["m-001"], window_minutes=longer)
    enable_deployment(runs.home, GUARDED.name, enabled=False)
    made = request_run(runs.home, part, runs.clock() + timedelta(hours=1)).deployment
    assert (made.targets, made.window) == (("m-001",), replace(GUARDED.window, minutes=longer))
