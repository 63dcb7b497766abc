"""What is looked at right before an installation: what is still offered, what stops it, what is only to be known."""

from dataclasses import replace
from datetime import UTC, datetime

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import PackageOrder
from fleet.deployments.plan import Simulation
from fleet.deployments.start_checks import compare_offers, find_obstacles, find_remarks
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.updates import Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_UPDATE = Update("curl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian:12")
_ASSESSED = Assessment(
    "id", "web-01", _NOW, _NOW, Coverage.COMPLETE, updates=(_UPDATE,), installed={("curl", "amd64"): "1"}
)
_ORDER = PackageOrder("curl", "amd64", "2", "1")


def _with_disks(*disks: DiskSpace) -> Assessment:
    return replace(_ASSESSED, facts=MachineFacts(disks=disks))


def test_what_is_offered_as_planned_is_ordered() -> None:
    """Exactly that."""
    assert compare_offers([_ORDER], _ASSESSED).orders == (_ORDER,)


def test_newer_version_than_planned_is_not_taken_in_its_place() -> None:
    """The plan was frozen; what came after it waits for the next one."""
    moved = replace(_ASSESSED, updates=(replace(_UPDATE, offered_version="3"),))
    compared = compare_offers([_ORDER], moved)
    assert compared.orders == ()
    assert compared.missing == {("curl", "amd64", "2"): "the machine is offered 3 now, the plan names 2"}


def test_what_is_installed_already_is_neither_ordered_nor_missing() -> None:
    """Somebody else installed it in between."""
    done = replace(_ASSESSED, updates=(), installed={("curl", "amd64"): "2"})
    compared = compare_offers([_ORDER], done)
    assert (compared.orders, compared.missing) == ((), {})


def test_package_that_is_gone_says_so() -> None:
    """It is not installed for a plan that was to upgrade it."""
    gone = replace(_ASSESSED, updates=(), installed={})
    assert list(compare_offers([_ORDER], gone).missing.values()) == ["the package is not installed any more"]


def test_lock_does_not_stop_an_installation() -> None:
    """The job waits for it; it is remarked."""
    lock = Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, "apt-get (pid 7) holds it.")
    locked = replace(_ASSESSED, findings=(lock,), facts=MachineFacts(reboot_required=Answer.YES))
    assert find_obstacles(locked, Simulation()) == ()
    assert [finding.kind for finding in find_remarks(locked)] == [
        FindingKind.PACKAGE_MANAGER_LOCKED,
        FindingKind.REBOOT_PENDING,
    ]


def test_machine_without_root_is_stopped() -> None:
    """With the evidence and the remedy."""
    finding = Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, "sudo wants a password.", "Give one.")
    assert find_obstacles(replace(_ASSESSED, findings=(finding,)), Simulation()) == (
        "sudo wants a password. Give one.",
    )


def test_download_that_does_not_fit_is_stopped() -> None:
    """Space of one file system is needed for both; of two, each for its own."""
    simulation = Simulation(download_bytes=600, disk_bytes=600)
    one = DiskSpace("/", 1000, 10_000), DiskSpace("/var", 1000, 10_000)
    two = DiskSpace("/", 1000, 10_000), DiskSpace("/var", 700, 5_000)
    assert len(find_obstacles(_with_disks(*one), simulation)) == 1
    assert find_obstacles(_with_disks(*two), simulation) == ()
    assert find_obstacles(_ASSESSED, simulation) == ()
