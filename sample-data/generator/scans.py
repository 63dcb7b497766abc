"""The assessment that a machine of the sample fleet gives at one time, read by the product itself."""

from datetime import datetime, timedelta

from collectors.linux_facts import Span
from collectors.reading import read_answer
from collectors.transports.base import CommandResult
from collectors.windows.assess_reading import read_assessment, read_found_answer, read_machine
from fleet.answers import Coverage
from fleet.assessments import Assessment
from generator.answers import MARKER, answer_of
from generator.boxes import Box, LinuxBox
from generator.conditions import failure_at
from generator.era import chance
from generator.windows_box import WindowsBox
from generator.windows_output import flat_answer, found_answer, is_by_task

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
    assert isinstance(box, WindowsBox)
    answer = read_machine(flat_answer(box, at))
    found = read_found_answer(found_answer(box, at)) if is_by_task(box) else answer.found
    return read_assessment(member.machine, answer, found, Span(at, ended_at))
