"""What was seen of a machine during its turn, as far as it decides how that ended; and how the journal keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fleet.answers import Answer
from fleet.assessments import Assessment
from fleet.deployments.outcomes import judge_outcomes
from fleet.deployments.plan import MachinePlan
from fleet.deployments.rounds import Key, key_of, merge_outcomes, note_rolled_back, succeeded_keys
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, UpdateOutcome
from fleet.deployments.verdicts import MachineVerdict, judge_machine
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.updates import Update
from ops.deployments.machine_install import Installed
from ops.deployments.manager_versions import compare_of

Versions = Mapping[tuple[str, str], str]


@dataclass(slots=True)
class Sightings:
    """What was seen. ``before`` and ``after`` are the versions of the plan's packages, ``after`` None: not known.

    ``missing`` are the planned updates that are not installed, what became of them, and why. ``error`` is the first
    thing that ended the turn, ``failure`` why the machine could not be asked. ``is_late``: only time was missing, for
    ``left_undone``. ``unwanted``: why somebody did not want more to be done. ``again`` are the updates of earlier
    rounds that were installed and are offered once more.
    """

    before: Versions
    after: Versions | None = None
    findings_after: tuple[Finding, ...] = ()
    reboot_required: Answer = Answer.UNKNOWN
    missing: Mapping[tuple[str, str, str], tuple[InstallationStatus, str]] = field(default_factory=dict)
    installed: Installed = field(default_factory=lambda: Installed(None))
    was_installing: bool = False
    failure: Failure | None = None
    error: str = ""
    is_late: bool = False
    left_undone: str = ""
    unwanted: str = ""
    again: frozenset[Key] = frozenset()

    def begin_round(self, before: Versions) -> None:
        """Forget what belongs to the round before; ``before`` are the versions of what the next one installs."""
        self.before, self.after, self.missing = before, None, {}
        self.findings_after, self.reboot_required = (), Answer.UNKNOWN
        self.installed, self.was_installing, self.again = Installed(None), False, frozenset()

    def newly_installed(self) -> Versions:
        """What of the plan's packages is another version now than before the round."""
        return {key: version for key, version in (self.after or {}).items() if self.before.get(key) != version}

    def note_failure(self, failure: Failure) -> None:
        """Take in why the machine could not be asked; the first one counts.

        Whoever narrowed the scope did not want what was not begun yet: that is no failure of the machine.
        """
        if failure.kind is FailureKind.OUT_OF_SCOPE and not self.was_installing:
            self.unwanted = self.unwanted or failure.evidence
        else:
            self.failure = self.failure or failure

    def note_after(
        self, plan: MachinePlan, assessment: Assessment, earlier: Sequence[UpdateOutcome] = ()
    ) -> Mapping[str, object]:
        """Take in what is installed now; gives what the journal keeps of it. ``earlier`` are the outcomes of the rounds
        before.
        """
        self.after = planned_versions(plan, assessment)
        self.findings_after = assessment.findings
        self.reboot_required = assessment.facts.reboot_required
        if self.reboot_required is not Answer.YES:  # until then Windows offers what waits for a restart
            offered = {key_of(update) for update in assessment.updates}
            self.again = succeeded_keys(earlier) & offered
        findings = [[f.kind.value, f.severity.value, f.text] for f in assessment.findings]
        return {"after": plain(self.after), "findings": findings, "reboot": self.reboot_required.value} | (
            {"again": [list(key) for key in sorted(self.again)]} if self.again else {}
        )

    def recall_after(self, detail: Mapping[str, Any]) -> None:
        """Take in what `note_after` gave. Any: JSON of ours."""
        self.after = read_plain(detail.get("after", ()))
        self.findings_after = tuple(
            Finding(FindingKind(kind), Severity(severity), text) for kind, severity, text in detail.get("findings", ())
        )
        self.reboot_required = Answer(detail.get("reboot", Answer.UNKNOWN.value))
        self.again = frozenset((name, architecture, version) for name, architecture, version in detail.get("again", ()))

    def judge(
        self,
        plan: MachinePlan,
        log: bytes,
        *,
        cancelled: bool,
        earlier: Sequence[UpdateOutcome] = (),
        number: int = 1,
    ) -> tuple[tuple[UpdateOutcome, ...], MachineVerdict]:
        """What became of each update of ``plan``, and of the machine.

        Args:
            plan: that of the round.
            log: that of its installation.
            cancelled: whether somebody cancelled the run.
            earlier: the outcomes of the rounds before, which are among what is given.
            number: that of the round.
        """
        problem = self.error or (self.failure.describe() if self.failure else "")
        outcomes = judge_outcomes(
            plan,
            self.before,
            self.after if self.was_installing or self.after is not None else self.before,
            self.installed.report,
            compare=compare_of(plan.package_manager),
            window_exceeded=self.is_late,
            cancelled=cancelled,
            problem="" if self.was_installing else problem,
            log=log,
            began_at=self.installed.began_at,
            findings=self.findings_after,
            reboot_pending=self.reboot_required is Answer.YES,
        )
        told = tuple(self._tell_unwanted(self._tell_missing(outcome)) for outcome in outcomes)
        told = merge_outcomes(note_rolled_back(earlier, self.again), told, number)
        verdict = judge_machine(
            told,
            self.failure,
            error=self.error,
            window_exceeded=self.is_late,
            cancelled=cancelled or bool(self.unwanted),
        )
        if self.unwanted and verdict.status in (MachineRunStatus.SUCCEEDED, MachineRunStatus.CANCELLED):
            verdict = MachineVerdict(MachineRunStatus.CANCELLED, self.unwanted)
        if verdict.status is MachineRunStatus.WINDOW_EXCEEDED and self.left_undone:
            verdict = MachineVerdict(verdict.status, f"{verdict.error}; {self.left_undone}")
        if verdict.error and self.installed.why:
            verdict = MachineVerdict(verdict.status, f"{verdict.error}; {self.installed.why}")
        return told, verdict

    def _tell_unwanted(self, outcome: UpdateOutcome) -> UpdateOutcome:
        if not self.unwanted or outcome.status is not InstallationStatus.NOT_STARTED:
            return outcome
        return replace(outcome, error=self.unwanted)

    def _tell_missing(self, outcome: UpdateOutcome) -> UpdateOutcome:
        known = self.missing.get((outcome.name, outcome.architecture, outcome.offered_version))
        if known is None or outcome.status is InstallationStatus.SUCCEEDED:
            return outcome
        return replace(outcome, status=known[0], error=known[1])


def planned_versions(plan: MachinePlan, assessment: Assessment) -> Versions:
    """The installed versions of the packages that ``plan`` speaks of.

    A Windows update is there in the version that was offered, or not at all; it is known by its id, since its name
    changes with its title and another one may share that. What is offered is not there: the history of a Windows has
    what was installed and rolled back.
    """
    spoken_of = (*plan.selection.chosen, *(left.update for left in plan.selection.left_out))
    offered = {_place_of(update) for update in assessment.updates if update.windows is not None}
    return {
        (update.name, update.architecture): update.offered_version if update.windows else assessment.installed[place]
        for update in spoken_of
        if (place := _place_of(update)) in assessment.installed and place not in offered
    }


def _place_of(update: Update) -> tuple[str, str]:
    """What it is called among what is installed."""
    known = update.windows
    return (known.update_id if known and known.update_id else update.name), update.architecture


def plain(versions: Versions) -> list[list[str]]:
    """``versions`` as lists, for JSON."""
    return [[name, architecture, version] for (name, architecture), version in sorted(versions.items())]


def read_plain(lists: Iterable[Iterable[str]]) -> Versions:
    """What `plain` was given."""
    return {(name, architecture): version for name, architecture, version in lists}
