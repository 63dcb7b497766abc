"""Notices machines that are one and the same, or clones, and machines that became another."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from fleet.assessments import Assessment
from fleet.failures import Finding, FindingKind, Severity
from fleet.status import MachineStatus

_NAMES_SHOWN = 5


def notice_identities(assessments: Sequence[Assessment], known: Iterable[MachineStatus]) -> list[Assessment]:
    """``assessments`` in the same order, with findings where a machine id is shared or has changed.

    ``known`` is what earlier scans said, of these machines and of all others.
    """
    before = {status.machine.id: status for status in known}
    names_by_identity = _names_by_identity(assessments, before.values())
    return [
        _with_findings(assessment, before.get(assessment.machine_id), names_by_identity) for assessment in assessments
    ]


def _names_by_identity(assessments: Sequence[Assessment], known: Iterable[MachineStatus]) -> dict[str, set[str]]:
    answered = [assessment for assessment in assessments if assessment.facts.machine_id]
    scanned = {assessment.machine_id for assessment in answered}
    names: dict[str, set[str]] = defaultdict(set)
    for assessment in answered:
        names[assessment.facts.machine_id or ""].add(assessment.machine_name)
    for status in known:
        if status.machine.id not in scanned and (identity := _identity(status)):
            names[identity].add(status.machine.name)
    return names


def _with_findings(assessment: Assessment, before: MachineStatus | None, names: dict[str, set[str]]) -> Assessment:
    identity = assessment.facts.machine_id
    if not identity:
        return assessment
    findings = []
    others = sorted(names[identity] - {assessment.machine_name})
    if others:
        findings.append(_shared(identity, others))
    earlier = _identity(before) if before else None
    if earlier and earlier != identity:
        findings.append(_changed(earlier, identity))
    return replace(assessment, findings=(*assessment.findings, *findings)) if findings else assessment


def _identity(status: MachineStatus) -> str | None:
    return status.last_answer.facts.machine_id if status.last_answer else None


def _shared(identity: str, others: list[str]) -> Finding:
    more = f" and {len(others) - _NAMES_SHOWN} more" if len(others) > _NAMES_SHOWN else ""
    return Finding(
        FindingKind.IDENTITY_SHARED,
        Severity.WARNING,
        f"/etc/machine-id {identity} is also that of {', '.join(others[:_NAMES_SHOWN])}{more}.",
        "If it is one machine, enrol it once; if they are clones, give each its own: systemd-machine-id-setup.",
    )


def _changed(earlier: str, now: str) -> Finding:
    return Finding(
        FindingKind.IDENTITY_CHANGED,
        Severity.WARNING,
        f"/etc/machine-id was {earlier} and is {now}.",
        "If it was reinstalled, all is well; otherwise its address leads to another machine.",
    )
