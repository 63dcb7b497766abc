"""Definitions whose starts are over, or cannot be told: refused when they are new, left alone when they are not."""

from datetime import datetime
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.errors import BadInput
from fleet.updates import Classification
from ops.deployments.definitions import Outcome, define, list_deployments
from ops.home import Home, open_home
from ops.state.database import opened
from ops.state.deployments import DeploymentBook


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


def _deployment(schedule: Schedule) -> Deployment:
    return Deployment("web", ("all",), UpdateRules((Classification.SECURITY,)), schedule)


_OVER = _deployment(Schedule(datetime(2020, 1, 8, 2, 30), "UTC"))


def test_new_deployment_without_start_is_refused(home: Home) -> None:
    """A single start in the past is a mistake; nothing is kept."""
    with pytest.raises(BadInput, match="The only start, Wed 2020-01-08 02:30 UTC, lies in the past"):
        define(home, _OVER)
    assert list_deployments(home) == []


def test_new_deployment_with_a_calendar_that_cannot_be_read_is_refused(home: Home, tmp_path: Path) -> None:
    """What would stop every start at night is told now."""
    schedule = Schedule(datetime(2020, 1, 8, 2, 30), "UTC", "FREQ=DAILY", blackouts=str(tmp_path / "none.ics"))
    with pytest.raises(BadInput, match=r"Cannot read the calendar .*none\.ics"):
        define(home, _deployment(schedule))
    assert list_deployments(home) == []


def test_deployment_that_has_run_can_be_given_again(home: Home) -> None:
    """Files of a folder are given again and again; one whose start is over is no mistake then."""
    with opened(home.state_file) as connection:
        DeploymentBook(connection).add(_OVER)
    assert define(home, _OVER).outcome is Outcome.UNCHANGED
