"""What runs have made of an update so far: where the last one went wrong, and how often it did so before."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from fleet.answers import Answer
from fleet.deployments.budget import describe_budget, is_exhausted
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus
from fleet.hostile import clean
from fleet.reasons.commands import patchdeck
from fleet.reasons.facts import OutcomeSight, UpdateCase, UpdateTry
from fleet.reasons.reason import Reason, ReasonKind, Weight

_FAILED = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)

BY_OUTCOME: Mapping[InstallationStatus, tuple[ReasonKind, str, str]] = MappingProxyType(
    {
        InstallationStatus.NOT_STARTED: (
            ReasonKind.NOT_STARTED,
            "did not come to it",
            "Read what kept the machine in the run, then run it again.",
        ),
        InstallationStatus.IN_PROGRESS: (
            ReasonKind.NOT_STARTED,
            "was interrupted while it was at it",
            "Assess the machine: what is installed there decides.",
        ),
        InstallationStatus.SUCCEEDED: (
            ReasonKind.OFFERED_AGAIN,
            "installed it, and the machine offered it again afterwards",
            "Look at the machine: it was rolled back, or its metadata is not up to date.",
        ),
        InstallationStatus.FAILED: (ReasonKind.INSTALL_FAILED, "could not install it", "Mend what the log says."),
        InstallationStatus.INSTALL_FAILED: (
            ReasonKind.INSTALL_FAILED,
            "failed to install it",
            "Mend what the log says on the machine, then run it again.",
        ),
        InstallationStatus.WINDOW_EXCEEDED: (
            ReasonKind.WINDOW_EXCEEDED,
            "ran out of its window before it",
            "Make the window longer, or let machines download before it opens (--predownload).",
        ),
        InstallationStatus.NOT_INCLUDED: (
            ReasonKind.LEFT_OUT_OF_RUN,
            "did not include it",
            "See what its plan would do now.",
        ),
        InstallationStatus.EXCLUDED: (ReasonKind.LEFT_OUT_OF_RUN, "excluded it", "See what its plan would do now."),
    }
)
BY_MACHINE: Mapping[MachineRunStatus, tuple[ReasonKind, str, str] | None] = MappingProxyType(
    {
        # Of a run that is over; how others stand is told by the run itself.
        MachineRunStatus.NOT_STARTED: (
            ReasonKind.RUN_FAILED,
            "ended before the machine's turn",
            "Read why it ended, then run it again.",
        ),
        MachineRunStatus.IN_PROGRESS: None,
        MachineRunStatus.SUCCEEDED: (
            ReasonKind.NOT_IN_RUN,
            "ended well on the machine, which was not offered this update then",
            "Nothing: the next run takes what is offered by then.",
        ),
        MachineRunStatus.FAILED: (
            ReasonKind.MACHINE_FAILED,
            "failed on the machine",
            "Mend what the run says, then run it again.",
        ),
        MachineRunStatus.WINDOW_EXCEEDED: (
            ReasonKind.WINDOW_EXCEEDED,
            "ran out of its window on the machine",
            "Make the window longer, or let machines download before it opens (--predownload).",
        ),
        MachineRunStatus.UNREACHABLE: (
            ReasonKind.UNREACHABLE_IN_RUN,
            "could not reach the machine",
            "See that the machine is up and answers in the window.",
        ),
        MachineRunStatus.CANCELLED: (
            ReasonKind.RUN_CANCELLED,
            "was cancelled before the machine was done",
            "Ask who cancelled it, then run it again.",
        ),
    }
)


def try_reasons(case: UpdateCase) -> Iterator[Reason]:
    """What the latest run that was over for the machine made of the update; nothing where none was since it came."""
    last = next((each for each in case.tries if _is_over(each)), None)
    if last is None:
        return
    if last.outcome is not None:
        yield _of_outcome(case, last, last.outcome)
    elif (reason := _of_machine(last)) is not None:
        yield reason


def _is_over(each: UpdateTry) -> bool:
    return each.status.is_over or each.run.status.is_over


def _of_outcome(case: UpdateCase, last: UpdateTry, outcome: OutcomeSight) -> Reason:
    kind, words, remedy = BY_OUTCOME[outcome.status]
    if outcome.status is InstallationStatus.SUCCEEDED:
        return _of_success(case, last, outcome)
    weight = Weight.NOTE if kind is ReasonKind.LEFT_OUT_OF_RUN else Weight.WENT_WRONG
    times = _times_failed(case, outcome)
    if times > 1:
        kind, words = (
            ReasonKind.FAILED_AGAIN,
            f"failed to install it, for the {_ordinal(times)} time with the same error",
        )
        remedy = "Mend what the log says on the machine: the next run meets it again."
    command = (
        patchdeck("deployments", "preview", last.run.deployment.name)
        if kind is ReasonKind.LEFT_OUT_OF_RUN
        else _log_command(case, last)
    )
    return _reason(kind, weight, last, words, _evidence(last, outcome), remedy, command)


def _of_success(case: UpdateCase, last: UpdateTry, outcome: OutcomeSight) -> Reason:
    ended = last.ended_at
    answer = case.status.last_answer if case.status else None
    if case.update.windows and answer is not None and answer.facts.reboot_required is Answer.YES:
        words = "installed it, and it holds once the machine has restarted"
        remedy = "Restart the machine."
        return _reason(ReasonKind.RESTART_FIRST, Weight.STOPS, last, words, _evidence(last, outcome), remedy, "")
    if ended is not None and ended > case.seen_at:
        words = f"installed it {ended:%Y-%m-%d %H:%M} UTC, after the machine's last answer"
        remedy, command = "Assess the machine to see it gone.", patchdeck("assess", case.machine_name)
        evidence = _evidence(last, outcome)
        return _reason(ReasonKind.INSTALLED_SINCE, Weight.UNDER_WAY, last, words, evidence, remedy, command)
    kind, words, remedy = BY_OUTCOME[outcome.status]
    seen = f"; the machine offered it again {case.seen_at:%Y-%m-%d %H:%M} UTC"
    command = _log_command(case, last)
    return _reason(kind, Weight.WENT_WRONG, last, words, _evidence(last, outcome) + seen, remedy, command)


def _of_machine(last: UpdateTry) -> Reason | None:
    told = BY_MACHINE[last.status]
    if told is None:
        return None
    kind, words, remedy = told
    evidence = _evidence(last, None)
    if last.status is MachineRunStatus.NOT_STARTED:
        kind, words, evidence = _why_ended(last, words, evidence)
    weight = Weight.NOTE if kind is ReasonKind.NOT_IN_RUN else Weight.WENT_WRONG
    command = patchdeck("deployments", "results", last.run.id)
    return _reason(kind, weight, last, words, evidence, remedy, command)


def _why_ended(last: UpdateTry, words: str, evidence: str) -> tuple[ReasonKind, str, str]:
    """Why a run ended before the machine's turn, as far as the run itself tells."""
    run, counts = last.run, last.counts
    if run.status is RunStatus.CANCELLED:
        return ReasonKind.RUN_CANCELLED, "was cancelled before the machine's turn", evidence
    if run.required_plan and run.plan_hash and run.plan_hash != run.required_plan:
        return ReasonKind.PLAN_DRIFTED, "was not made: its plan was not the one that was asked for any more", evidence
    budget, total = run.deployment.rollout.budget, sum(counts.values())
    failed = sum(count for status, count in counts.items() if status.counts_as_failure)
    if is_exhausted(budget, failed, total):
        used = f"{describe_budget(budget, failed, total)}; {evidence}"
        return ReasonKind.BUDGET_EXHAUSTED, "stopped at its failure budget before the machine's turn", used
    return ReasonKind.RUN_FAILED, words, evidence


def _reason(
    kind: ReasonKind, weight: Weight, last: UpdateTry, words: str, evidence: str, remedy: str, command: str
) -> Reason:
    run = last.run
    said = f"The run {run.id} of {run.deployment.name} {words}."
    return Reason(kind, weight, said, clean(evidence, 1_000), remedy, command, run.deployment.name, run.id)


def _evidence(last: UpdateTry, outcome: OutcomeSight | None) -> str:
    at = f"{last.ended_at:%Y-%m-%d %H:%M} UTC" if last.ended_at else _run_time(last.run)
    parts = (
        [outcome.error_code, outcome.error, f"log: {outcome.log_line}" if outcome.log_line else ""] if outcome else []
    )
    said = [clean(part) for part in parts if part] or [clean(last.error or last.run.note)]
    return ": ".join([at, *filter(None, said)])


def _run_time(run: Run) -> str:
    return f"{run.ended_at or run.opens_at:%Y-%m-%d %H:%M} UTC"


def _times_failed(case: UpdateCase, outcome: OutcomeSight) -> int:
    """How often in a row, the latest first, it failed with that error; 0 where the last try did not fail."""
    if outcome.status not in _FAILED:
        return 0
    times = 0
    for each in case.tries:
        if each.outcome is None:
            continue
        if each.outcome.status not in _FAILED or (each.outcome.error, each.outcome.error_code) != (
            outcome.error,
            outcome.error_code,
        ):
            break
        times += 1
    return times


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _log_command(case: UpdateCase, last: UpdateTry) -> str:
    return patchdeck("deployments", "logs", last.run.id, case.machine_name)
