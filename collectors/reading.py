"""From the raw answer of a probe to an assessment: pure, no machine is touched."""

from dataclasses import replace

from collectors import unusable
from collectors.become import find_no_root, find_question, read_is_limited, read_patching, read_root_way
from collectors.linux_facts import Span, add_answer, find_troubles, read_facts, read_families
from collectors.managers import MANAGERS
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.sections import AnswerCut, AnswerMissing, Sections, split_answer
from collectors.transports.base import CommandResult
from collectors.unread_lines import find_unread_errors, find_unread_lines, refuse_floods
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
    refuse_floods(sections)
    families = read_families(sections)
    facts = read_facts(sections, span)
    programs = frozenset(line for _, line in sections.get("managers").lines())
    manager = next((m for m in MANAGERS if facts.os_type and m.is_present(programs, families)), None)
    facts = replace(
        _with_root_way(machine, sections, facts, manager.name if manager else None),
        package_manager=manager.name if manager else None,
    )
    if manager is None:
        troubles = _find_troubles(sections, facts, span)
        return failed(machine, span, unusable.no_manager(facts, programs), facts, troubles)
    context = MachineContext(now=span.ended_at, families=families, disks=facts.disks)
    try:
        answer = manager.read(sections, context)
    except ManagerFailed as error:
        return failed(machine, span, error.failure, facts, (*error.findings, *_find_troubles(sections, facts, span)))
    except UnreadableOutput as error:
        troubles = _find_troubles(sections, facts, span)
        return failed(machine, span, unusable.unreadable_manager(manager, error), facts, troubles)
    return _succeeded(machine, span, sections, answer, facts)


def _succeeded(
    machine: Machine, span: Span, sections: Sections, answer: ManagerAnswer, facts: MachineFacts
) -> Assessment:
    whole = add_answer(facts, sections, answer)
    unread = find_unread_errors(sections, facts.package_manager)
    findings = (*answer.findings, *_find_troubles(sections, whole, span), *unread)
    return Assessment(
        machine_id=machine.id,
        machine_name=machine.name,
        started_at=span.started_at,
        ended_at=span.ended_at,
        coverage=answer.coverage,
        facts=whole,
        updates=answer.updates,
        installed=answer.installed,
        sources=answer.sources,
        findings=tuple(dict.fromkeys(findings)),
    )


def _with_root_way(machine: Machine, sections: Sections, facts: MachineFacts, manager: str | None) -> MachineFacts:
    question = find_question(sections, manager)
    way = read_root_way(sections, question, machine.become)
    patch_way, may_reboot = read_patching(sections, manager, machine.become)
    return replace(
        facts,
        root_way=way,
        is_refresh_limited=read_is_limited(question),
        patch_way=patch_way,
        is_reboot_allowed=may_reboot,
    )


def _find_troubles(sections: Sections, facts: MachineFacts, span: Span) -> tuple[Finding, ...]:
    no_root = find_no_root(find_question(sections, facts.package_manager))
    unread = find_unread_lines(sections, facts.package_manager)
    return (*find_troubles(sections, facts, span), *((no_root,) if no_root else ()), *unread)


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
