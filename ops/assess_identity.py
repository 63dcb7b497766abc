"""Notices machines that are one and the same, or clones, and machines that became another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import OSType
from fleet.name_lists import some_of
from fleet.retired import RetiredMachine
from fleet.status import MachineStatus


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something that is unique to a machine: how it is called, how it is read, what to do about one that is shared.

    Of one that ``may_change`` no change is told: a new host key stops a machine before, and somebody accepts it.
    """

    name: str
    read: Callable[[MachineFacts], str | None]
    remedy: str
    may_change: bool = False


_MARKS = (
    _Mark(
        "/etc/machine-id",
        lambda facts: None if facts.os_type is OSType.WINDOWS else facts.machine_id,
        "If it is one machine, enrol it once; if they are clones, give each its own: systemd-machine-id-setup.",
    ),
    _Mark(
        "Its MachineGuid",
        lambda facts: facts.machine_id if facts.os_type is OSType.WINDOWS else None,
        "If it is one machine, enrol it once; if they are clones, generalise the image they are made of with sysprep.",
    ),
    _Mark(
        "The firmware's UUID",
        lambda facts: facts.system_uuid,
        "If it is one machine, enrol it once; if they are copies of a virtual machine, give each its own UUID.",
    ),
    _Mark(
        "Its SSH host key",
        lambda facts: facts.host_key,
        "If it is one machine, enrol it once; if they are clones, root of each can pose as the others: remove "
        "/etc/ssh/ssh_host_*, run ssh-keygen -A, restart sshd, then patchdeck machines accept-key.",
        may_change=True,
    ),
)


def notice_identities(
    assessments: Sequence[Assessment], known: Iterable[MachineStatus], retired: Iterable[RetiredMachine] = ()
) -> list[Assessment]:
    """``assessments`` in the same order, with findings where a mark of a machine is shared or has changed.

    ``known`` is what earlier scans said, of these machines and of all others: clones are found across the fleet, each
    of them at its own scan, and each finding names the others. A change is told at every scan until somebody says that
    the machine was reinstalled. One that has the mark of a ``retired`` machine may be that one, enrolled anew.
    """
    before = {status.machine.id: status for status in known}
    left = tuple(retired)
    fleets = [_Fleet(mark, _names_by_mark(mark, assessments, before.values()), _by_mark(mark, left)) for mark in _MARKS]
    return [_with_findings(assessment, before.get(assessment.machine_id), fleets) for assessment in assessments]


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Who has which value of ``mark``: the names of enrolled machines, and the retired ones."""

    mark: _Mark
    names: Mapping[str, set[str]]
    retired: Mapping[str, RetiredMachine]


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


def _by_mark(mark: _Mark, retired: Iterable[RetiredMachine]) -> Mapping[str, RetiredMachine]:
    return {value: each for each in retired if (value := _earlier(mark, each.status))}


def _with_findings(assessment: Assessment, before: MachineStatus | None, fleets: Iterable[_Fleet]) -> Assessment:
    findings = [found for fleet in fleets for found in _judge(fleet, assessment, before)]
    return replace(assessment, findings=(*assessment.findings, *findings)) if findings else assessment


def _judge(fleet: _Fleet, assessment: Assessment, before: MachineStatus | None) -> Iterator[Finding]:
    mark, value = fleet.mark, fleet.mark.read(assessment.facts)
    if not value:
        return
    others = sorted(fleet.names[value] - {assessment.machine_name})
    if others:
        text = f"{mark.name} {value} is also that of {some_of(others)}."
        yield Finding(FindingKind.IDENTITY_SHARED, Severity.WARNING, text, mark.remedy)
    if value in fleet.retired:
        yield _was_retired(mark, value, fleet.retired[value])
    if text := _change(mark, value, before):
        remedy = (
            f"If it was reinstalled: patchdeck machines reinstalled {assessment.machine_name}; "
            "otherwise its address leads to another machine."
        )
        yield Finding(FindingKind.IDENTITY_CHANGED, Severity.WARNING, text, remedy)


def _was_retired(mark: _Mark, value: str, retired: RetiredMachine) -> Finding:
    text = f"{mark.name} {value} was that of {retired.describe()}."
    remedy = f"If it is the same one, remove this and bring that back: patchdeck machines restore {retired.machine.id}"
    return Finding(FindingKind.IDENTITY_SHARED, Severity.WARNING, text, remedy)


def _change(mark: _Mark, value: str, before: MachineStatus | None) -> str:
    """What is said of a mark that has changed, at this scan or before; empty if it has not."""
    earlier = _earlier(mark, before) if before else None
    if before is None or not earlier or mark.may_change:
        return ""
    if earlier != value:
        return f"{mark.name} was {earlier} and is {value}."
    said = before.last_answer.findings if before.last_answer else ()
    start, end = f"{mark.name} was ", f" and is {value}."
    changes = (found.text for found in said if found.kind is FindingKind.IDENTITY_CHANGED)
    return next((text for text in changes if text.startswith(start) and text.endswith(end)), "")


def _earlier(mark: _Mark, status: MachineStatus) -> str | None:
    return mark.read(status.last_answer.facts) if status.last_answer else None
