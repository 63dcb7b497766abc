"""Failures and findings in one line: what was noticed, and what to do."""

import pytest

from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sudo: a password is required", "sudo: a password is required. Give it."),
        ("The disk is full.", "The disk is full. Give it."),
        ("", "Give it."),
    ],
)
def test_what_to_do_is_a_sentence_of_its_own(text: str, line: str) -> None:
    """A machine's own words have no full stop; what to do stands behind one, whoever the words are of."""
    assert Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, text, "Give it.").describe() == line


def test_without_remedy_the_words_stand_alone() -> None:
    """What nothing is to be done about is told as it is."""
    assert Finding(FindingKind.JOB_NOTE, Severity.INFO, "as it was").describe() == "as it was"


def test_a_failure_ends_before_its_remedy() -> None:
    """What came back from a machine is closed before what to do begins."""
    failure = Failure(FailureKind.NO_ROOT, "job", "no tty present", "Let it become root.")
    assert failure.describe() == "job: no tty present. Let it become root."
