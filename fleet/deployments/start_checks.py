"""What is looked at on a machine right before an installation begins: what stops it, and what only is to be known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.answers import Answer
from fleet.assessments import Assessment
from fleet.deployments.jobs import PackageOrder
from fleet.deployments.plan import Simulation
from fleet.facts import DiskSpace
from fleet.failures import Finding, FindingKind, Severity
from fleet.name_lists import some_of

# A lock is waited for by the job, and what a failing repository offers is not in the plan: these stop an installation.
_STOPPING = (
    FindingKind.CANNOT_BECOME_ROOT,
    FindingKind.READ_ONLY_FILESYSTEM,
    FindingKind.DISK_FULL,
    FindingKind.IMMUTABLE_SYSTEM,
    FindingKind.PACKAGE_MANAGER_INTERRUPTED,
)
_MB = 1000 * 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of a plan a machine still is to be brought, by what it says now.

    ``missing`` are those of the plan that it is no longer offered in the planned version and does not have, each with
    the reason, by (name, architecture, version).
    """

    orders: tuple[PackageOrder, ...]
    missing: dict[tuple[str, str, str], str]


def compare_offers(planned: Sequence[PackageOrder], assessment: Assessment) -> Comparison:
    """What of ``planned`` is still offered exactly so."""
    offered: dict[tuple[str, str], list[str]] = {}
    for update in assessment.updates:
        offered.setdefault((update.name, update.architecture), []).append(update.offered_version)
    orders, missing = [], {}
    for order in planned:
        versions = offered.get((order.name, order.architecture), [])
        if order.version in versions:
            orders.append(order)
        elif assessment.installed.get((order.name, order.architecture)) != order.version:
            key = order.name, order.architecture, order.version
            missing[key] = _why_missing(order, versions, assessment)
    return Comparison(tuple(orders), missing)


def find_obstacles(assessment: Assessment, simulation: Simulation) -> tuple[str, ...]:
    """What stops an installation now, a line each. Of a disk that is full no more is said than that."""
    findings = [f for f in assessment.findings if f.severity is Severity.ERROR and f.kind in _STOPPING]
    said = tuple(finding.describe() for finding in findings)
    is_full = any(finding.kind is FindingKind.DISK_FULL for finding in findings)
    return said if is_full else (*said, *_space(assessment, simulation))


def find_remarks(assessment: Assessment) -> tuple[Finding, ...]:
    """What does not stop an installation and may explain what comes of it."""
    kinds = (FindingKind.PACKAGE_MANAGER_LOCKED, FindingKind.REPOSITORY_FAILING)
    remarks = [finding for finding in assessment.findings if finding.kind in kinds]
    if assessment.facts.reboot_required is Answer.YES:
        text = f"A reboot was pending before: {assessment.facts.reboot_reason or 'no reason given'}."
        remarks.append(Finding(FindingKind.REBOOT_PENDING, Severity.INFO, text))
    return tuple(dict.fromkeys(remarks))


def _why_missing(order: PackageOrder, versions: Sequence[str], assessment: Assessment) -> str:
    if versions:
        return f"the machine is offered {some_of(versions)} now, the plan names {order.version}"
    installed = assessment.installed.get((order.name, order.architecture))
    if installed is None:
        return "the package is not installed any more"
    return f"the machine is not offered {order.version} any more; it has {installed}"


def _space(assessment: Assessment, simulation: Simulation) -> Iterator[str]:
    """Where there is certainly not enough room; what may be tight is a warning of the plan."""
    disks = {disk.path: disk for disk in assessment.facts.disks}
    system = disks.get("/usr") or disks.get("/")
    archives = disks.get("/var/cache/apt/archives") or disks.get("/var") or system
    downloads, growth = max(0, simulation.download_bytes or 0), max(0, simulation.disk_bytes or 0)
    if system and archives and (system.free_bytes, system.total_bytes) == (archives.free_bytes, archives.total_bytes):
        yield from _short(system, downloads + growth)
    else:
        yield from _short(archives, downloads)
        yield from _short(system, growth)


def _short(disk: DiskSpace | None, needed_bytes: int) -> Iterator[str]:
    if disk is not None and needed_bytes > disk.free_bytes:
        yield f"{disk.describe()}; {needed_bytes / _MB:.0f} MB are needed. Free space there."
