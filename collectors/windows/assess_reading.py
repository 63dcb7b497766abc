"""From the JSON of an assessment to the assessment: pure, no machine is touched."""

from collections.abc import Mapping
from dataclasses import replace

from collectors.linux_facts import Span
from collectors.reading import failed
from collectors.windows import search_failures
from collectors.windows.assess_answer import SCHEMA, FollowAnswer, FoundAnswer, MachineAnswer
from collectors.windows.coverage import judge_coverage
from collectors.windows.facts import read_facts
from collectors.windows.findings import find_superseded, find_troubles
from collectors.windows.loose_json import null_of, read_record
from collectors.windows.updates import read_found
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.failures import Failure
from fleet.machines import Machine

_SHOWN = "assess"


def read_machine(told: Mapping[str, object]) -> MachineAnswer:
    """The answer of the script `assess`.

    Raises:
        UnreadableOutput: it is of another version, or not what the script writes.
    """
    answer = read_record(MachineAnswer, told, _SHOWN)
    if answer.schema != SCHEMA:
        raise UnreadableOutput(_SHOWN, 1, f"schema {answer.schema}; this version reads {SCHEMA}")
    return replace(
        answer, found=None if null_of(told.get("search")) is None else read_record(FoundAnswer, told, _SHOWN)
    )


def read_found_answer(told: object) -> FoundAnswer:
    """What the task of SYSTEM wrote.

    Raises:
        UnreadableOutput: it is not what the script writes.
    """
    return read_record(FoundAnswer, told, "assess_task")


def read_follow(told: Mapping[str, object]) -> FollowAnswer:
    """The answer of the script `assess_follow`.

    Raises:
        UnreadableOutput: it is not what the script writes.
    """
    result = told.get("result")
    # Not one of the short texts that are made harmless, which takes its time: what is in it is read by itself.
    answer = read_record(FollowAnswer, {key: each for key, each in told.items() if key != "result"}, "assess_follow")
    return replace(answer, result=result if isinstance(result, str) else "")


def read_assessment(
    machine: Machine, answer: MachineAnswer, found: FoundAnswer | None, span: Span, failure: Failure | None = None
) -> Assessment:
    """The assessment that ``answer`` amounts to, with what was ``found``; failed where that is nothing."""
    facts = read_facts(answer, found, span)
    troubles = tuple(find_troubles(answer, found, facts, span.ended_at))
    if found is None:
        return failed(machine, span, failure or search_failures.no_search(answer), facts, troubles)
    if not found.is_answered:
        return failed(machine, span, search_failures.search_failed(answer, found), facts, troubles)
    updates = read_found(found, answer.source)
    coverage = judge_coverage(answer, found, updates.nameless, span.ended_at)
    findings = (*coverage.findings, *find_superseded(updates.superseded), *troubles)
    return Assessment(
        machine_id=machine.id,
        machine_name=machine.name,
        started_at=span.started_at,
        ended_at=span.ended_at,
        coverage=coverage.coverage,
        facts=facts,
        updates=updates.updates,
        installed=updates.installed,
        findings=tuple(dict.fromkeys(findings)),
    )
