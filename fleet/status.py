"""What is known of a machine now: its enrolment, its last assessment, and the last one that it answered."""

from dataclasses import dataclass, replace
from datetime import datetime

from fleet.answers import Coverage
from fleet.assessments import Assessment, MissingCounts, Outcome, count_missing
from fleet.compliance import Compliance, judge
from fleet.facts import MachineFacts
from fleet.failures import Failure, Finding
from fleet.machines import Machine, OSType

# What lists, counts and groups (`fleet.groups.facts`) ask of the facts of many machines; thousands have these alike.
LISTED_FACTS = (
    "os_type",
    "os_id",
    "os_name",
    "os_version",
    "os_full_name",
    "kernel",
    "architecture",
    "package_manager",
    "update_model",
    "fqdn",
    "uptime_seconds",
    "reboot_required",
    "end_of_life",
)


@dataclass(frozen=True, slots=True)
class AssessmentSummary:
    """One assessment without its updates: what lists of machines show."""

    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    coverage: Coverage
    counts: MissingCounts
    facts: MachineFacts
    findings: tuple[Finding, ...]
    is_ready: bool
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """A machine with its last attempt and its last answer; both None before the first assessment.

    ``outside`` is why the scope does not allow touching it, empty where it does (`ops.scope.mark_outside`).
    """

    machine: Machine
    last_attempt: AssessmentSummary | None = None
    last_answer: AssessmentSummary | None = None
    outside: str = ""

    def told_by(self, stored: "MachineStatus") -> "MachineStatus":
        """This, with all that the same assessments told, as far as ``stored`` has them."""
        known = [each for each in (stored.last_attempt, stored.last_answer) if each is not None]

        def whole(summary: AssessmentSummary | None) -> AssessmentSummary | None:
            return next((each for each in known if summary and each.ended_at == summary.ended_at), summary)

        return replace(self, last_attempt=whole(self.last_attempt), last_answer=whole(self.last_answer))

    @property
    def os_type(self) -> OSType | None:
        """The system's family: as the machine said, else as it was enrolled."""
        said = self.last_answer.facts.os_type if self.last_answer else None
        return said or self.machine.os_type

    def compliance(self, now: datetime) -> Compliance:
        """The machine's compliance at ``now``; see `fleet.compliance.judge`."""
        answer = self.last_answer
        return judge(
            now=now,
            enabled=self.machine.enabled,
            os_type=self.os_type,
            last_failure=self.last_attempt.failure.kind if self.last_attempt and self.last_attempt.failure else None,
            answered_at=answer.ended_at if answer else None,
            coverage=answer.coverage if answer else None,
            counts=answer.counts if answer else None,
            in_scope=not self.outside,
        )


def summarise(assessment: Assessment) -> AssessmentSummary:
    """The summary of ``assessment``."""
    return AssessmentSummary(
        started_at=assessment.started_at,
        ended_at=assessment.ended_at,
        outcome=assessment.outcome,
        coverage=assessment.coverage,
        counts=count_missing(assessment.updates),
        facts=assessment.facts,
        findings=assessment.findings,
        is_ready=assessment.is_ready,
        failure=assessment.failure,
    )
