"""A home with something to complete."""

from pathlib import Path

import pytest

from tests.ops.cli.conftest import Patchdeck, environment, home, patchdeck

__all__ = ["environment", "home", "patchdeck"]


@pytest.fixture
def named(patchdeck: Patchdeck, home: Path) -> Path:
    """The home: two machines, one with a tag that a shell would run, a group and a deployment."""
    patchdeck("machines", "add", "web-01", "--address", "192.0.2.1", "--tag", "env=prod")
    patchdeck("machines", "add", "web-02", "--address", "192.0.2.2", "--tag", "room=$(touch /tmp/x) b")
    patchdeck("groups", "add", "front", "--where", "name = web-01")
    patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
    return home
