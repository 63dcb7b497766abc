"""Homes with fake machines and a deployment that needs approval."""

from pathlib import Path

import pytest

from tests.ops.approvals.approving import define
from tests.ops.deployments.fake_runs import FakeRuns


@pytest.fixture
def runs(tmp_path: Path) -> FakeRuns:
    """A home with two machines; anna has added the deployment, whose plan one other must approve."""
    made = FakeRuns(tmp_path)
    made.enrol(2)
    define(made)
    return made
