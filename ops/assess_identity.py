"""Notices machines that are one and the same, or clones, and machines that became another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.name_lists import some_of
from fleet.status import MachineStatus


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something that is unique to a machine: how it is called, how it is read, what to do about one that is shared."""

    name: str
    read: Callable[[MachineFacts], str | None]
    remedy: str


_MARKS = (
    _Mark(
        "/etc/machine-id",
        lambda facts: facts.machine_id,
        "If it is one machine, enrol it once; if they are clones, give each its own: systemd-machine-id-setup.",
    ),
    _Mark(
        "The firmware's UUID",
        lambda facts: facts.system_uuid,
        "If it is one machine, enrol it once; if they are copies of a virtual machine, give each its own UUID.",
    ),
)


def notice_identities(assessments: Sequence[Assessment], known: Iterable[MachineStatus]) -> list[Assessment]:
    """``assessments`` in the same order, with findings where a mark of a machine is shared or has changed.

    ``known`` is what earlier scans said, of these machines and of all others: clones are found across the fleet, each
    of them at its own scan, and each finding names the others.
    """
    before = {status.machine.id: status for status in known}
    names = {mark.name: _names_by_mark(mark, assessments, before.values()) for mark in _MARKS}
    return [_with_findings(assessment, before.get(assessment.machine_id), names) for assessment in assessments]


def _names_by_mark(
    mark: _Mark, assessments: Sequence[Assessment], known: Iterable[MachineStatus]
) -> Mapping[str, set[str]]:
    answered = {a.machine_id: a for a in assessments if mark.read(a.facts)}
    names: dict[str, set[str]] = defaultdict(set)
    for assessment in answered.values():
        names[mark.read(assessment.facts) or ""].add(assessment.machine_name)
    for status in known:
        value = _earlier(mark, status)
        if status.machine.id not in answered and value:
            names[value].add(status.machine.name)
    return names


def _with_findings(
    assessment: Assessment, before: MachineStatus | None, names: Mapping[str, Mapping[str, set[str]]]
) -> Assessment:
    findings = [found for mark in _MARKS for found in _judge(mark, assessment, before, names[mark.name])]
    return replace(assessment, findings=(*assessment.findings, *findings)) if findings else assessment


def _judge(
    mark: _Mark, assessment: Assessment, before: MachineStatus | None, names: Mapping[str, set[str]]
) -> Iterator[Finding]:
    value = mark.read(assessment.facts)
    if not value:
        return
    others = sorted(names[value] - {assessment.machine_name})
    if others:
        text = f"{mark.name} {value} is also that of {some_of(others)}."
        yield Finding(FindingKind.IDENTITY_SHARED, Severity.WARNING, text, mark.remedy)
    earlier = _earlier(mark, before) if before else None
    if earlier and earlier != value:
        remedy = "If it was reinstalled, all is well; otherwise its address leads to another machine."
        text = f"{mark.name} was {earlier} and is {value}."
        yield Finding(FindingKind.IDENTITY_CHANGED, Severity.WARNING, text, remedy)


def _earlier(mark: _Mark, status: MachineStatus) -> str | None:
    return mark.read(status.last_answer.facts) if status.last_answer else None
