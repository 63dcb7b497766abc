"""What a check goes by, and the four answers that it can give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.failures import Failure, Finding, FindingKind, Severity
from fleet.machines import Machine
from fleet.status import AssessmentSummary

NO_ANSWER = "The package manager gave no answer."


class CheckStatus(StrEnum):
    """What came of a check. UNKNOWN: it could not be told, which is neither passed nor failed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check, its evidence and what to do, each one clean line.

    ``severity`` is how much a failed check matters: ERROR where patching cannot work or the answer is not whole.
    """

    status: CheckStatus
    evidence: str
    remedy: str = ""
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Reading:
    """What one assessment of ``machine`` said; all that a check may go by. ``at`` is when it ended."""

    machine: Machine
    at: datetime
    coverage: Coverage
    facts: MachineFacts
    findings: tuple[Finding, ...]
    failure: Failure | None

    @classmethod
    def of(cls, machine: Machine, said: Assessment | AssessmentSummary) -> "Reading":
        """The reading of ``said``, the last attempt to assess ``machine``."""
        return cls(machine, said.ended_at, said.coverage, said.facts, said.findings, said.failure)

    @property
    def has_answered(self) -> bool:
        """Whether the machine said something of itself, even where its package manager did not."""
        return self.failure is None or self.facts != MachineFacts()

    def find(self, kinds: Sequence[FindingKind]) -> tuple[Finding, ...]:
        """The findings of those kinds, the gravest first."""
        order = list(reversed(Severity))
        return tuple(sorted((f for f in self.findings if f.kind in kinds), key=lambda f: order.index(f.severity)))


def passed(evidence: str) -> Verdict:
    """All is well."""
    return Verdict(CheckStatus.PASSED, evidence)


def failed(evidence: str, remedy: str, severity: Severity = Severity.ERROR) -> Verdict:
    """Something is to be done."""
    return Verdict(CheckStatus.FAILED, evidence, remedy, severity)


def not_applicable(evidence: str) -> Verdict:
    """The question makes no sense on this machine."""
    return Verdict(CheckStatus.NOT_APPLICABLE, evidence)


def unknown(evidence: str, remedy: str = "") -> Verdict:
    """It could not be told."""
    return Verdict(CheckStatus.UNKNOWN, evidence, remedy)


def failed_by(findings: Sequence[Finding], least: Severity = Severity.INFO) -> Verdict:
    """Failed, by what was found: all evidence, each remedy once, and the weight of the gravest, at least ``least``."""
    order = list(Severity)
    severity = max((*(finding.severity for finding in findings), least), key=order.index)
    evidence = " ".join(dict.fromkeys(finding.text for finding in findings))
    remedy = " ".join(dict.fromkeys(finding.remedy for finding in findings if finding.remedy))
    return failed(evidence, remedy, severity)


def judge_found(reading: Reading, kinds: Sequence[FindingKind], otherwise: str) -> Verdict:
    """Failed by any finding of ``kinds``; passed with ``otherwise`` where the package manager answered without one."""
    if found := reading.find(kinds):
        return failed_by(found)
    return unknown(NO_ANSWER) if reading.failure else passed(otherwise)
