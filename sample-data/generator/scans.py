"""The assessment that a machine of the sample fleet gives at one time."""

from datetime import datetime, timedelta

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.updates import Blocker, Update
from generator.boxes import Box
from generator.conditions import SELF_UPDATING, clock_skew_seconds, failure_at, lists_at, notices_at
from generator.era import chance, identity

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
    if box.reboot_reasons:
        text = f"A reboot is required: {', '.join(box.reboot_reasons)}."
        findings.append(Finding(FindingKind.REBOOT_PENDING, Severity.WARNING, text, "Reboot it in its next window."))
    updater = SELF_UPDATING.get(box.member.name)
    if updater:
        text = f"{updater} installs updates on this machine by itself."
        findings.append(Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text))
    needing = sum(update.blocker is Blocker.NEEDS_SUBSCRIPTION for update in updates)
    if needing:
        text = f"{needing} updates need a subscription to Ubuntu Pro."
        findings.append(
            Finding(FindingKind.SUBSCRIPTION_NEEDED, Severity.WARNING, text, "Attach it, or upgrade the system.")
        )
    return findings


def _facts(box: Box, at: datetime) -> MachineFacts:
    member, system = box.member, box.member.system
    updater = SELF_UPDATING.get(member.name)
    return MachineFacts(
        host_name=member.name,
        fqdn=f"{member.name}.{member.machine.tags['site']}.example.com",
        os_type=system.os_type,
        os_id=system.os_id,
        os_name=system.os_name,
        os_version=system.os_version,
        os_full_name=system.os_full_name,
        kernel=box.kernel,
        architecture={"amd64": "x86_64", "arm64": "aarch64", "x64": "x86_64"}[system.architecture],
        machine_id=identity("machine-id", member.name).replace("-", ""),
        boot_id=box.boot_id,
        booted_at=box.booted_at,
        clock_skew_seconds=clock_skew_seconds(member),
        package_manager=system.package_manager,
        metadata_at=lists_at(member, at) if member.is_linux and _coverage(box, at) is not Coverage.UNKNOWN else None,
        reboot_required=Answer.YES if box.reboot_reasons else Answer.NO,
        reboot_reason=", ".join(box.reboot_reasons),
        other_updaters=((updater,) if updater else ()) if member.is_linux else ("Windows Update",),
        disks=_disks(box, at),
        ip_addresses=(member.address,),
    )


def _disks(box: Box, at: datetime) -> tuple[DiskSpace, ...]:
    if not box.member.is_linux:
        return (DiskSpace("C:", 38_000_000_000, 127_000_000_000),)
    is_full = any(notice.finding.kind is FindingKind.DISK_FULL for notice in notices_at(box.member, at))
    free = 41_000_000 if is_full else int(3e9 + chance("disk", box.member.name).random() * 9e9)
    return (DiskSpace("/", int(2e9 + free / 3), 32_000_000_000), DiskSpace("/var", free, 20_000_000_000))
