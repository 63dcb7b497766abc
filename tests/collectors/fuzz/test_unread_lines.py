"""A line that no reader understands is told, wherever in an answer it stands."""

import pytest

from collectors.line_shapes import FREE_TEXT
from fleet.assessments import Assessment, Outcome
from fleet.failures import FindingKind
from tests.collectors.fuzz.answers import SEEDS, ReadBytes, Seed

_STRANGE = b"zqx unheard of [17] ~~"
# bootc tells more of an image that it keeps than rpm-ostree does, so the latter's answer is not looked at then.
_NOT_ASKED = {("bootc/whole-answer.txt", "ostree-status")}
# What sudo says is in the finding that it refused; where it does not, the probe passes none of it on: become.sh.
_ASKED_FOR_ROOT = "become-"


def _told(assessment: Assessment) -> int:
    return sum(finding.kind is FindingKind.LINES_NOT_READ for finding in assessment.findings)


@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_unknown_line_is_never_passed_over_in_silence(seed: Seed, read_bytes: ReadBytes) -> None:
    """At the start, in the middle and at the end of each section it fails the answer, is a finding, or changes it."""
    before = read_bytes(b"\n".join(seed.lines), seed.errors)
    silent = [
        f"{name} at line {position}"
        for name, section in seed.sections().items()
        # A question that failed is answered by another one, or told by its errors.
        if name not in FREE_TEXT and section.exit_status == 0 and (seed.name, name) not in _NOT_ASKED
        for position in {section.first, (section.first + section.end) // 2, section.end}
        if _is_silent(before, read_bytes(seed.with_line(position, _STRANGE), seed.errors))
    ]
    assert silent == []


def _is_silent(before: Assessment, after: Assessment) -> bool:
    return after.outcome is not Outcome.FAILED and after == before


@pytest.mark.parametrize("seed", SEEDS, ids=repr)
def test_unknown_error_is_never_passed_over_in_silence(seed: Seed, read_bytes: ReadBytes) -> None:
    """A line on standard error of any section of the machine's manager is a finding, or in one, or in the failure."""
    before = read_bytes(b"\n".join(seed.lines), seed.errors)
    if before.outcome is Outcome.FAILED:
        return
    silent = [
        name
        for name, section in seed.sections().items()
        if name not in FREE_TEXT
        and section.exit_status == 0
        and not name.startswith(_ASKED_FOR_ROOT)
        and _told(read_bytes(b"\n".join(seed.lines), seed.with_error(name, _STRANGE))) == _told(before)
    ]
    assert silent == []
