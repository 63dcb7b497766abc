"""What is seen of Windows updates after an installation, whatever they are called by then."""

from datetime import UTC, datetime

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.plan import WINDOWS_MANAGER, MachinePlan, Selection
from fleet.updates import Classification, Update, WindowsUpdate
from ops.deployments.sightings import planned_versions

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def offer(name: str, update_id: str) -> Update:
    """An update of Windows."""
    known = WindowsUpdate(update_id, "200", kb=("5044284",))
    return Update(name, "", "", "KB5044284", Classification.UPDATES, "wua", "", windows=known)


def assess(installed: dict[tuple[str, str], str], *updates: Update) -> Assessment:
    """An assessment after the installation."""
    return Assessment("m", "win-1", NOW, NOW, Coverage.COMPLETE, updates=updates, installed=installed)


def test_update_is_found_where_it_is_called_otherwise() -> None:
    """By its id: a second one may share its title, or its title has changed; it is installed all the same."""
    plan = MachinePlan("m", "win-1", 0, WINDOWS_MANAGER, selection=Selection((offer("Tool", "0123456789"),), ()))
    second = offer("Tool [99999999]", "9999999999")

    seen = planned_versions(plan, assess({("0123456789", ""): "KB5044284"}, second))

    assert seen == {("Tool", ""): "KB5044284"}


def test_what_is_offered_again_is_not_there() -> None:
    """The history says that it was installed: it was rolled back."""
    update = offer("Tool", "0123456789")
    plan = MachinePlan("m", "win-1", 0, WINDOWS_MANAGER, selection=Selection((update,), ()))

    assert planned_versions(plan, assess({("0123456789", ""): "KB5044284"}, update)) == {}


def test_another_update_of_its_title_is_not_it() -> None:
    """That one is installed; the planned one was taken back by its publisher."""
    update = offer("Tool", "0123456789")
    plan = MachinePlan("m", "win-1", 0, WINDOWS_MANAGER, selection=Selection((update,), ()))

    assert planned_versions(plan, assess({("Tool", ""): "KB5044284", ("9999999999", ""): "KB5044284"})) == {}
