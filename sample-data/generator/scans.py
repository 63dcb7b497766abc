"""The assessment that a machine of the sample fleet gives at one time."""

from datetime import datetime, timedelta

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts, OtherUpdater
from fleet.failures import Finding, FindingKind, Severity
from fleet.updates import Blocker, Update
from generator.boxes import Box
from generator.conditions import (
    FREE_OF_FULL_DISK,
    SELF_UPDATING,
    clock_skew_seconds,
    failure_at,
    lists_at,
    notices_at,
)
from generator.era import chance, identity
from generator.roster import Member
from generator.systems import System

# The folders whose space an assessment asks for, in its order.
DISK_PATHS = (
    "/",
    "/var",
    "/var/lib/dpkg",
    "/var/cache/apt/archives",
    "/var/lib/apt/lists",
    "/usr",
    "/boot",
)
REBOOT_MARKER = "/run/reboot-required"

_TYPICAL_SECONDS = {
    "raspberry": 5.5,
    "windows-2019": 48.0,
    "windows-2022": 31.0,
    "windows-2025": 36.0,
    "windows-11": 27.0,
}


def scan(box: Box, at: datetime) -> Assessment:
    """What assessing the machine at ``at`` gives."""
    member = box.member
    seconds = _TYPICAL_SECONDS.get(member.system.key, 1.4) * (0.8 + 0.5 * chance("scan", member.name, at).random())
    failure = failure_at(member, at)
    if failure is not None:
        took = timedelta(seconds=failure.elapsed_seconds or 0.4)
        name = member.name
        return Assessment(member.machine.id, name, at, at + took, Coverage.UNKNOWN, failure=failure)
    updates = tuple(offer.update for offer in box.offers(at))
    return Assessment(
        machine_id=member.machine.id,
        machine_name=member.name,
        started_at=at,
        ended_at=at + timedelta(seconds=round(seconds, 1)),
        coverage=_coverage(box, at),
        facts=_facts(box, at),
        updates=updates,
        installed=box.installed(),
        findings=tuple(_findings(box, at, updates)),
    )


def _coverage(box: Box, at: datetime) -> Coverage:
    worst = {notice.coverage for notice in notices_at(box.member, at)}
    return next((c for c in (Coverage.UNKNOWN, Coverage.SECURITY_UNKNOWN) if c in worst), Coverage.COMPLETE)


def _findings(box: Box, at: datetime, updates: tuple[Update, ...]) -> list[Finding]:
    findings = [notice.finding for notice in notices_at(box.member, at)]
    needing = sum(update.blocker is Blocker.NEEDS_SUBSCRIPTION for update in updates)
    if needing:
        text = f"{needing} security updates need an Ubuntu Pro subscription ({box.member.system.esm})."
        remedy = "Attach it with pro attach, or count them as accepted."
        findings.append(Finding(FindingKind.SUBSCRIPTION_NEEDED, Severity.WARNING, text, remedy))
    if box.reboot_reasons:
        remedy = "Reboot it, or let a deployment do so."
        findings.append(Finding(FindingKind.REBOOT_PENDING, Severity.WARNING, _reboot_reason(box), remedy))
    updater = SELF_UPDATING.get(box.member.name)
    if updater:
        text = f"{updater} is active and may install updates at any time."
        remedy = "Let one of the two do it: disable it, or leave this machine out of deployments."
        findings.append(Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text, remedy))
    return findings


def _facts(box: Box, at: datetime) -> MachineFacts:
    member, system = box.member, box.member.system
    updater = SELF_UPDATING.get(member.name)
    return MachineFacts(
        host_name=member.name,
        fqdn=fqdn_of(member),
        os_type=system.os_type,
        os_id=system.os_id,
        os_name=system.os_name,
        os_version=system.os_version,
        os_full_name=system.os_full_name,
        kernel=box.kernel,
        architecture=uname_machine(system),
        machine_id=machine_id_of(member),
        boot_id=box.boot_id,
        booted_at=box.booted_at.replace(microsecond=0),
        clock_skew_seconds=clock_skew_seconds(member),
        package_manager=system.package_manager,
        metadata_at=lists_at(member, at) if member.is_linux and _coverage(box, at) is not Coverage.UNKNOWN else None,
        reboot_required=Answer.YES if box.reboot_reasons else Answer.NO,
        reboot_reason=_reboot_reason(box),
        other_updaters=((OtherUpdater(updater),) if updater else ()) if member.is_linux else None,
        disks=disks_of(box, at),
        ip_addresses=(member.address,),
    )


def fqdn_of(member: Member) -> str:
    """The machine's full name."""
    return f"{member.name}.{member.machine.tags['site']}.example.com"


def machine_id_of(member: Member) -> str:
    """What stands in its /etc/machine-id."""
    return identity("machine-id", member.name).replace("-", "")


def uname_machine(system: System) -> str:
    """Its architecture as `uname -m` says it."""
    return {"amd64": "x86_64", "arm64": "aarch64", "x64": "x86_64"}[system.architecture]


def disks_of(box: Box, at: datetime) -> tuple[DiskSpace, ...]:
    """Its file systems, for each folder that an assessment asks for."""
    if not box.member.is_linux:
        return (DiskSpace("C:", 38_000_000_000, 127_000_000_000),)
    is_full = any(notice.finding.kind is FindingKind.DISK_FULL for notice in notices_at(box.member, at))
    kilobytes = 3_000_000 + chance("disk", box.member.name).randrange(9_000_000)
    free_bytes = FREE_OF_FULL_DISK if is_full else kilobytes * 1024
    root = {path: DiskSpace(path, 5_600_000 * 1024, 31_000_000 * 1024) for path in ("/", "/usr", "/boot")}
    return tuple(root.get(path, DiskSpace(path, free_bytes, 20_000_000 * 1024)) for path in DISK_PATHS)


def _reboot_reason(box: Box) -> str:
    if box.member.is_linux and box.reboot_reasons:
        return f"{REBOOT_MARKER} is there: {', '.join(box.reboot_reasons)}."
    if box.member.is_linux:
        return f"No reboot marker; the newest installed kernel runs ({box.kernel})."
    return "The Windows Update agent asks for it." if box.reboot_reasons else ""
