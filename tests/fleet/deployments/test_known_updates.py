"""Windows updates are called in a run what they were called when it met them."""

from dataclasses import replace
from datetime import UTC, datetime

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.known_updates import call_as_before, called_before
from fleet.deployments.plan import MachinePlan, Selection
from fleet.updates import Classification, Update, WindowsUpdate

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TOOL = Update("Tool", "", "", "rev 1", Classification.UPDATES, "", "", windows=WindowsUpdate("aaaaaaaa-1", "1"))
PLAN = MachinePlan("m", "win-1", 0, selection=Selection((TOOL,), ()))


def names(plan: MachinePlan, *updates: Update) -> list[tuple[str, str]]:
    """Names and versions of what is offered, in the words of a run of ``plan``."""
    assessment = Assessment("m", "win-1", NOW, NOW, Coverage.COMPLETE, updates=updates)
    called = call_as_before(assessment, called_before(plan, ()))
    return [(update.name, update.offered_version) for update in called.updates]


def test_update_keeps_name_and_version_through_a_new_title_and_revision() -> None:
    """Its id is the same."""
    assert names(PLAN, replace(TOOL, name="Tool [aaaaaaaa]", offered_version="rev 2")) == [("Tool", "rev 1")]


def test_another_update_of_its_title_is_another_one() -> None:
    """It was not planned, whatever it is called."""
    other = replace(TOOL, windows=WindowsUpdate("bbbbbbbb-2", "1"))
    assert names(PLAN, other) == [("Tool [bbbbbbbb]", "rev 1")]


def test_packages_of_linux_stay_as_they_are() -> None:
    """They are known by their names."""
    curl = replace(TOOL, name="curl", windows=None)
    assert names(MachinePlan("m", "web", 0, selection=Selection((curl,), ())), curl) == [("curl", "rev 1")]
