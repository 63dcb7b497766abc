"""Whatever a machine answers, it becomes an assessment of that machine: harmless, storable, never an exception."""

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import HealthCheck, given, settings

from fleet.assessments import Assessment
from fleet.changes import apply_assessment
from fleet.failures import FindingKind
from fleet.hostile import TEXT_CHARACTERS, clean
from fleet.machines import Machine
from fleet.records import assessment_row, heartbeat_row, machine_row, summary_row
from fleet.status import MachineStatus, summarise
from ops.state.documents import Codec
from tests.collectors.fuzz.answers import SEEDS, ReadBytes, Seed, hostile_answers

EXAMPLES = int(os.environ.get("PATCHDECK_FUZZ_EXAMPLES", "150"))
STORED = Codec(Assessment)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=hostile_answers())
def test_any_answer_is_an_assessment_of_its_machine(answer: bytes, read_bytes: ReadBytes, machine: Machine) -> None:
    """No exception, no other machine, no character that steers a terminal, nothing that cannot be stored."""
    assessment = read_bytes(answer, answer if answer.startswith(b"\n") else b"")
    assert (assessment.machine_id, assessment.machine_name) == (machine.id, machine.name)
    for text in list_texts(assessment):
        assert text == clean(text)
        assert len(text) <= TEXT_CHARACTERS
    assert STORED.load(STORED.dump(assessment)) == assessment
    make_rows(machine, assessment)


@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_seed_is_read_without_failure_of_ours(seed: Seed, read_bytes: ReadBytes) -> None:
    """The captured answers themselves are understood, line by line; else the fuzz would show little."""
    assessment = read_bytes(b"\n".join(seed.lines), seed.errors)
    assert FindingKind.LINES_NOT_READ not in {finding.kind for finding in assessment.findings}


def list_texts(value: object) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from list_texts(getattr(value, field.name))
    elif isinstance(value, tuple | list | frozenset):
        for part in value:
            yield from list_texts(part)
    elif hasattr(value, "items"):
        for key, part in value.items():
            yield from list_texts(key)
            yield from list_texts(part)


def make_rows(machine: Machine, assessment: Assessment) -> None:
    """Rows of every table that an assessment fills."""
    changes = apply_assessment(machine, assessment, ())
    summary_row(machine, assessment, changes.current)
    heartbeat_row(machine, assessment, "test")
    assessment_row(machine, assessment, "batch")
    status = MachineStatus(machine, summarise(assessment), None if assessment.failure else summarise(assessment))
    machine_row(status)
