"""From the raw answer of a probe to an assessment: pure, no machine is touched."""

from dataclasses import replace

from collectors import unusable
from collectors.become import find_no_root
from collectors.linux_facts import Span, find_troubles, read_facts, read_families
from collectors.managers import MANAGERS
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.sections import AnswerCut, AnswerMissing, Sections, split_answer
from collectors.transports.base import CommandResult
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.facts import MachineFacts
from fleet.failures import Failure, Finding
from fleet.machines import Machine


def read_answer(machine: Machine, marker: str, result: CommandResult, span: Span) -> Assessment:
    """The assessment that an answer to the probe with ``marker`` amounts to; pure."""
    try:
        sections = split_answer(result.stdout, result.stderr, marker)
        return _read_sections(machine, sections, span)
    except AnswerMissing:
        return failed(machine, span, unusable.no_shell(result))
    except AnswerCut as error:
        return failed(machine, span, unusable.cut(result, error))
    except UnreadableOutput as error:
        return failed(machine, span, unusable.unreadable(result, error))


def _read_sections(machine: Machine, sections: Sections, span: Span) -> Assessment:
    families = read_families(sections)
    facts = read_facts(sections, span, {})
    no_root = find_no_root(sections.find("become"))
    findings = (*find_troubles(sections, facts), *((no_root,) if no_root else ()))
    programs = frozenset(line for _, line in sections.get("managers").lines())
    manager = next((m for m in MANAGERS if facts.os_type and m.is_present(programs, families)), None)
    if manager is None:
        return failed(machine, span, unusable.no_manager(facts, programs), facts, findings)
    facts = replace(facts, package_manager=manager.name)
    context = MachineContext(now=span.ended_at, families=families, disks=facts.disks)
    try:
        answer = manager.read(sections, context)
    except ManagerFailed as error:
        return failed(machine, span, error.failure, facts, (*error.findings, *findings))
    except UnreadableOutput as error:
        return failed(machine, span, unusable.unreadable_manager(manager, error), facts, findings)
    return _succeeded(machine, span, sections, answer, facts)


def _succeeded(
    machine: Machine, span: Span, sections: Sections, answer: ManagerAnswer, facts: MachineFacts
) -> Assessment:
    whole = replace(
        read_facts(sections, span, answer.installed),
        package_manager=facts.package_manager,
        metadata_at=answer.metadata_at,
    )
    no_root = find_no_root(sections.find("become"))
    findings = (*answer.findings, *find_troubles(sections, whole), *((no_root,) if no_root else ()))
    return Assessment(
        machine_id=machine.id,
        machine_name=machine.name,
        started_at=span.started_at,
        ended_at=span.ended_at,
        coverage=answer.coverage,
        facts=whole,
        updates=answer.updates,
        installed=answer.installed,
        findings=tuple(dict.fromkeys(findings)),
    )


def failed(
    machine: Machine,
    span: Span,
    failure: Failure,
    facts: MachineFacts | None = None,
    findings: tuple[Finding, ...] = (),
) -> Assessment:
    """The assessment that failed by ``failure``, with what was learnt nevertheless."""
    return Assessment(
        machine_id=machine.id,
        machine_name=machine.name,
        started_at=span.started_at,
        ended_at=span.ended_at,
        coverage=Coverage.UNKNOWN,
        facts=facts or MachineFacts(),
        findings=tuple(dict.fromkeys(findings)),
        failure=failure,
    )
