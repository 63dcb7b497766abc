"""The assessment that a machine of the sample fleet gives at one time; that of Linux is read by the product itself."""

from datetime import datetime, timedelta

from collectors.linux_facts import Span
from collectors.reading import read_answer
from collectors.transports.base import CommandResult
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from generator.answers import MARKER, answer_of
from generator.boxes import Box, LinuxBox
from generator.conditions import failure_at
from generator.era import chance
from generator.identities import fqdn_of, machine_id_of, uname_machine

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
        return Assessment(member.machine.id, member.name, at, at + took, Coverage.UNKNOWN, failure=failure)
    ended_at = at + timedelta(seconds=round(seconds, 1))
    if isinstance(box, LinuxBox):
        stdout, stderr = answer_of(box, at, ended_at)
        result = CommandResult(stdout, stderr, 0, seconds)
        return read_answer(member.machine, MARKER, result, Span(at, ended_at))
    return Assessment(
        machine_id=member.machine.id,
        machine_name=member.name,
        started_at=at,
        ended_at=ended_at,
        coverage=Coverage.COMPLETE,
        facts=_windows_facts(box),
        updates=tuple(offer.update for offer in box.offers(at)),
        installed=box.installed(),
        findings=tuple(_windows_findings(box)),
    )


def _windows_findings(box: Box) -> list[Finding]:
    if not box.reboot_reasons:
        return []
    remedy = "Reboot it, or let a deployment do so."
    return [Finding(FindingKind.REBOOT_PENDING, Severity.WARNING, _reboot_reason(box), remedy)]


def _windows_facts(box: Box) -> MachineFacts:
    member, system = box.member, box.member.system
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
        clock_skew_seconds=round(chance("skew", member.name).random() * 0.8 - 0.4, 2),
        package_manager=system.package_manager,
        reboot_required=Answer.YES if box.reboot_reasons else Answer.NO,
        reboot_reason=_reboot_reason(box),
        disks=(DiskSpace("C:", 38_000_000_000, 127_000_000_000),),
        ip_addresses=(member.address,),
    )


def _reboot_reason(box: Box) -> str:
    return "The Windows Update agent asks for it." if box.reboot_reasons else ""
