"""Homes with fake machines, and runs of them in virtual time."""

from pathlib import Path

import pytest

from tests.ops.deployments.fake_runs import FakeRuns


@pytest.fixture
def runs(tmp_path: Path) -> FakeRuns:
    """A home without machines yet."""
    return FakeRuns(tmp_path)
