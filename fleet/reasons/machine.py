"""What of the machine itself keeps its updates from being installed: enrolment, scope, reach, what was found on it."""

from collections.abc import Iterator

from fleet.answers import Answer
from fleet.compliance import freshness_limit
from fleet.deployments.durations import describe_span
from fleet.deployments.plan import WINDOWS_MANAGER
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.start_checks import stopping_findings
from fleet.failures import Failure, FindingKind
from fleet.hostile import clean
from fleet.reasons.commands import patchdeck
from fleet.reasons.facts import DeploymentSight, HomeSight, UpdateCase
from fleet.reasons.reason import Reason, ReasonKind, Weight
from fleet.status import AssessmentSummary, MachineStatus

# Findings that tell why an answer could not see every update.
_BLINDING = (
    FindingKind.LISTS_MISSING,
    FindingKind.SECURITY_REPOSITORY_MISSING,
    FindingKind.REPOSITORY_FAILING,
    FindingKind.REFRESH_FAILED,
    FindingKind.SETTINGS_UNREADABLE,
    FindingKind.UPDATE_SOURCE_STALE,
    FindingKind.UPDATE_AGENT_BROKEN,
    FindingKind.LINES_NOT_READ,
)


def machine_reasons(case: UpdateCase, home: HomeSight, covering: list[DeploymentSight]) -> Iterator[Reason]:
    """What the machine says, or does not say; ``covering`` are the deployments whose targets name it."""
    status = case.status
    if status is None:
        words = "The machine is not enrolled any more."
        evidence = f"last answer {case.seen_at:%Y-%m-%d %H:%M} UTC"
        yield Reason(ReasonKind.NOT_ENROLLED, Weight.STOPS, words, evidence, "Enrol it again to patch it.")
        return
    yield from _enrolment(status)
    attempt = status.last_attempt
    if attempt is None:
        yield _never_assessed(status)
        return
    if attempt.failure is not None and not status.outside:
        yield _of_failure(status, attempt.failure, attempt)
    if attempt.failure is None:
        yield from _found(status, attempt)
    yield from _restart(case, covering)
    yield from _not_seen(case)
    yield from _age(status, home)


def _enrolment(status: MachineStatus) -> Iterator[Reason]:
    machine = status.machine
    if not machine.enabled:
        yield Reason(
            ReasonKind.MACHINE_DISABLED,
            Weight.STOPS,
            "The machine is disabled: nothing is assessed or installed on it.",
            "machines show says enabled: no",
            "Enable it again.",
            patchdeck("machines", "enable", machine.name),
        )
    if status.outside:
        yield Reason(
            ReasonKind.OUTSIDE_SCOPE,
            Weight.STOPS,
            "The machine is outside the scope: Patchdeck may not touch it.",
            clean(status.outside),
            "Take it into a group of the scope, or add a group that it is in.",
            patchdeck("scope", "preview"),
        )


def _never_assessed(status: MachineStatus) -> Reason:
    return Reason(
        ReasonKind.NOT_ASSESSED,
        Weight.MAY_STOP,
        "The machine was not assessed since it was enrolled.",
        f"enrolled {status.machine.created_at:%Y-%m-%d %H:%M} UTC",
        "Assess it.",
        patchdeck("assess", status.machine.name),
    )


def _of_failure(status: MachineStatus, failure: Failure, attempt: AssessmentSummary) -> Reason:
    is_away = failure.kind.means_unreachable
    kind = ReasonKind.UNREACHABLE if is_away else ReasonKind.ASSESSMENT_FAILED
    words = "The machine could not be reached." if is_away else "The machine could not be assessed."
    answer = status.last_answer
    last = f"last answer {answer.ended_at:%Y-%m-%d %H:%M} UTC" if answer else "it never answered"
    evidence = f"{attempt.ended_at:%Y-%m-%d %H:%M} UTC: {failure.evidence}; {last}"
    remedy = clean(failure.remedy) or "See which check fails, and assess it again."
    command = patchdeck("check", status.machine.name)
    return Reason(kind, Weight.STOPS, words, clean(evidence), remedy, command, failure.kind.value)


def _found(status: MachineStatus, attempt: AssessmentSummary) -> Iterator[Reason]:
    for finding in stopping_findings(attempt.findings):
        yield Reason(
            ReasonKind.FOUND_ON_MACHINE,
            Weight.STOPS,
            "What the last assessment found stops every installation on the machine.",
            clean(finding.text),
            clean(finding.remedy) or "Mend it on the machine, and assess it again.",
            patchdeck("check", status.machine.name),
            finding.kind.value,
        )


def _restart(case: UpdateCase, covering: list[DeploymentSight]) -> Iterator[Reason]:
    """A restart that is pending on a Windows, which installs nothing before it."""
    answer = case.status.last_answer if case.status else None
    facts = answer.facts if answer else None
    if facts is None or facts.package_manager != WINDOWS_MANAGER or facts.reboot_required is not Answer.YES:
        return
    is_made = any(each.deployment.reboot.policy is not RebootPolicy.NEVER for each in covering)
    yield Reason(
        ReasonKind.RESTART_FIRST,
        Weight.NOTE if is_made else Weight.STOPS,
        "A restart is pending, before which Windows installs nothing."
        + (" The deployment makes it first." if is_made else ""),
        clean(facts.reboot_reason) or "no reason given",
        "" if is_made else "Restart it, or let a deployment that covers it do so (--reboot if-required).",
    )


def _not_seen(case: UpdateCase) -> Iterator[Reason]:
    """That the last answer could not see the update, which is known from an earlier one: a run may see it no more."""
    answer = case.status.last_answer if case.status else None
    if answer is None or answer.coverage.sees_every_update or case.seen_at >= answer.ended_at:
        return
    blinding = next((each for each in answer.findings if each.kind in _BLINDING), None)
    seen = f"seen last {case.seen_at:%Y-%m-%d %H:%M} UTC; answer of {answer.ended_at:%Y-%m-%d %H:%M} UTC: "
    yield Reason(
        ReasonKind.NOT_SEEN,
        Weight.MAY_STOP,
        "The last answer could not see this update: a run may not be offered it.",
        seen + clean(blinding.text if blinding else f"coverage {answer.coverage.value}"),
        clean(blinding.remedy if blinding else "") or "Mend its repositories, and assess it again.",
        patchdeck("check", case.machine_name),
        blinding.kind.value if blinding else answer.coverage.value,
    )


def _age(status: MachineStatus, home: HomeSight) -> Iterator[Reason]:
    answer = status.last_answer
    if answer is None or home.now - answer.ended_at <= freshness_limit(status.os_type):
        return
    span = describe_span(home.now - answer.ended_at)
    yield Reason(
        ReasonKind.STALE,
        Weight.MAY_STOP,
        "What is known of the machine is old: it may be otherwise by now.",
        f"last answer {answer.ended_at:%Y-%m-%d %H:%M} UTC, {span} ago",
        "Assess it again.",
        patchdeck("assess", status.machine.name),
    )
