"""What is looked at on a machine right before an installation begins: what stops it, and what only is to be known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fleet.answers import Answer
from fleet.assessments import Assessment
from fleet.deployments.jobs import PackageOrder
from fleet.deployments.plan import WINDOWS_MANAGER, Simulation
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.facts import DiskSpace
from fleet.failures import Finding, FindingKind, Severity
from fleet.name_lists import some_of
from fleet.updates import Update

# A lock is waited for by the job, and what a failing repository offers is not in the plan: these stop an installation.
_STOPPING = (
    FindingKind.CANNOT_BECOME_ROOT,
    FindingKind.READ_ONLY_FILESYSTEM,
    FindingKind.DISK_FULL,
    FindingKind.IMMUTABLE_SYSTEM,
    FindingKind.PACKAGE_MANAGER_INTERRUPTED,
    FindingKind.UPDATE_AGENT_BROKEN,
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
    offered: dict[tuple[str, str], dict[str, Update]] = {}
    for update in assessment.updates:
        offered.setdefault((update.name, update.architecture), {}).setdefault(update.offered_version, update)
    orders, missing = [], {}
    for order in planned:
        versions = offered.get((order.name, order.architecture), {})
        if order.version in versions:
            orders.append(_as_offered(order, versions[order.version]))
        elif not _is_installed(order, assessment):
            key = order.name, order.architecture, order.version
            missing[key] = _why_missing(order, [*versions], assessment)
    return Comparison(tuple(orders), missing)


def needs_restart_first(assessment: Assessment) -> bool:
    """Whether the machine has to be restarted before anything can be installed: Windows Update refuses until then."""
    facts = assessment.facts
    return facts.package_manager == WINDOWS_MANAGER and facts.reboot_required is Answer.YES


def find_obstacles(
    assessment: Assessment, simulation: Simulation, policy: RebootPolicy = RebootPolicy.IF_REQUIRED
) -> tuple[str, ...]:
    """What stops an installation now, a line each. Of a disk that is full no more is said than that.

    A restart that is to be made first stops it only where ``policy`` makes none.
    """
    if needs_restart_first(assessment) and policy is RebootPolicy.NEVER:
        reason = assessment.facts.reboot_reason or "no reason given"
        return (f"A restart is pending ({reason}), before which Windows installs nothing; the deployment makes none.",)
    findings = stopping_findings(assessment.findings)
    said = tuple(finding.describe() for finding in findings)
    is_full = any(finding.kind is FindingKind.DISK_FULL for finding in findings)
    return said if is_full else (*said, *_space(assessment, simulation))


def stopping_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Those of ``findings`` that stop every installation on their machine."""
    return [finding for finding in findings if finding.severity is Severity.ERROR and finding.kind in _STOPPING]


def find_remarks(assessment: Assessment) -> tuple[Finding, ...]:
    """What does not stop an installation and may explain what comes of it."""
    kinds = (FindingKind.PACKAGE_MANAGER_LOCKED, FindingKind.REPOSITORY_FAILING)
    remarks = [finding for finding in assessment.findings if finding.kind in kinds]
    if assessment.facts.reboot_required is Answer.YES:
        text = f"A reboot was pending before: {assessment.facts.reboot_reason or 'no reason given'}."
        remarks.append(Finding(FindingKind.REBOOT_PENDING, Severity.INFO, text))
    return tuple(dict.fromkeys(remarks))


def _is_installed(order: PackageOrder, assessment: Assessment) -> bool:
    """Whether what is ordered is there: an update of Windows by its id, which has no other version."""
    if order.update_id:
        return (order.update_id, order.architecture) in assessment.installed
    return assessment.installed.get((order.name, order.architecture)) == order.version


def _as_offered(order: PackageOrder, update: Update) -> PackageOrder:
    """``order`` by the revision that the machine is offered now: Windows knows no other one any more."""
    known = update.windows
    if known is None:
        return order
    return replace(order, update_id=known.update_id, revision=known.revision, is_exclusive=known.is_exclusive)


def _why_missing(order: PackageOrder, versions: Sequence[str], assessment: Assessment) -> str:
    if order.update_id and not versions:
        return "the machine is not offered it any more"
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
