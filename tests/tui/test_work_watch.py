"""Noticing changes of deployments and runs: of everybody, and from the very beginning."""

from dataclasses import replace

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.update_rules import UpdateRules
from fleet.updates import Classification
from ops.deployments.definitions import define
from ops.home import Home, open_home
from ops.state.audit import utc_now
from tui.app import PatchdeckApp
from tui.work_watch import WorkWatch

_DEPLOYMENT = Deployment("web", ("all",), UpdateRules(classes=(Classification.SECURITY,)))


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One deployment."""
    home = open_home(tmp_path_factory.mktemp("watched"))
    define(home, _DEPLOYMENT)
    return home


@pytest.fixture
def told(home: Home, monkeypatch: pytest.MonkeyPatch) -> tuple[WorkWatch, list[None]]:
    """A watch, and what it has published."""
    watch = WorkWatch(PatchdeckApp(home, clock=utc_now), home)
    published: list[None] = []
    monkeypatch.setattr(watch.changed, "publish", published.append)
    return watch, published


def test_what_changed_before_the_first_look_is_told(told: tuple[WorkWatch, list[None]]) -> None:
    """A screen may have read what was so a moment before."""
    watch, published = told
    watch.look()

    assert len(published) == 1


def test_each_change_is_told_once(home: Home, told: tuple[WorkWatch, list[None]]) -> None:
    """And silence is silence."""
    watch, published = told
    watch.look()
    watch.look()
    define(home, replace(_DEPLOYMENT, description="other"), replace=True)
    watch.look()
    watch.look()

    assert len(published) == 2
