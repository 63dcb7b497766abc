"""How a machine of a run ended, and how the run did; each with one line that says why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.counts import share_of
from fleet.deployments.budget import describe_budget, is_exhausted
from fleet.deployments.rollout import FailureBudget
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    RunStatus,
    UpdateOutcome,
)
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean

_FAILED = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)


@dataclass(frozen=True, slots=True)
class MachineVerdict:
    """``error`` is one line, empty where the machine succeeded."""

    status: MachineRunStatus
    error: str = ""


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """``note`` is one line with denominators."""

    status: RunStatus
    note: str


def judge_machine(
    outcomes: Sequence[UpdateOutcome],
    failure: Failure | None = None,
    *,
    error: str = "",
    window_exceeded: bool = False,
    cancelled: bool = False,
) -> MachineVerdict:
    """How a machine that was begun ended. The first of these that holds:

    unreachable or failed by ``failure``; failed by ``error`` (a script, a reboot from which it did not return); an
    update failed; cancelled before every update was begun; the window ended before that, or kept a reboot from being
    made (``window_exceeded``); an update was not begun for another reason; succeeded.
    """
    if failure is not None:
        return MachineVerdict(_status_of(failure), clean(failure.describe(), 500))
    failed = [outcome for outcome in outcomes if outcome.status in _FAILED]
    if error:
        return MachineVerdict(MachineRunStatus.FAILED, clean(error, 500))
    if failed:
        words = f"{_of_attempted(len(failed), outcomes)} failed; {failed[0].name}: {failed[0].error}"
        return MachineVerdict(MachineRunStatus.FAILED, clean(words, 500))
    not_begun = [outcome for outcome in outcomes if outcome.status is InstallationStatus.NOT_STARTED]
    late = [outcome for outcome in outcomes if outcome.status is InstallationStatus.WINDOW_EXCEEDED]
    if cancelled and (not_begun or not outcomes):
        words = f"cancelled, {_of_attempted(len(not_begun), outcomes)} not started"
        return MachineVerdict(MachineRunStatus.CANCELLED, words)
    if late or window_exceeded:
        words = f"{_of_attempted(len(late), outcomes)} not started" if late else "no time was left for the rest"
        return MachineVerdict(MachineRunStatus.WINDOW_EXCEEDED, f"the maintenance window was exceeded: {words}")
    if not_begun:
        words = f"{_of_attempted(len(not_begun), outcomes)} not started: {not_begun[0].error}"
        return MachineVerdict(MachineRunStatus.FAILED, clean(words, 500))
    return MachineVerdict(MachineRunStatus.SUCCEEDED)


def judge_run(
    machines: Sequence[MachineRun],
    budget: FailureBudget | None = None,
    *,
    cancelled: bool = False,
    cancelled_by: str = "",
    error: str = "",
) -> RunVerdict:
    """How a run ended that does nothing any more.

    It succeeded if every machine did and nothing else failed; ``error`` is what stopped or failed the run itself: a
    script on the console, a gate, a plan that drifted. ``cancelled_by`` is who cancelled it, and why.
    """
    counts = Counter(machine.status for machine in machines)
    parts = [_count_machines(counts, len(machines))]
    failed = sum(count for status, count in counts.items() if status.counts_as_failure)
    if is_exhausted(budget, failed, len(machines)):
        parts.append(f"the failure budget is exhausted: {describe_budget(budget, failed, len(machines))}")
    if error:
        parts.append(error)
    note = clean("; ".join(parts), 1_000)
    if cancelled:
        by = f" by {cancelled_by}" if cancelled_by else ""
        return RunVerdict(RunStatus.CANCELLED, clean(f"cancelled{by}; {note}", 1_000))
    has_succeeded = not error and counts[MachineRunStatus.SUCCEEDED] == len(machines)
    return RunVerdict(RunStatus.SUCCEEDED if has_succeeded else RunStatus.FAILED, note)


def _status_of(failure: Failure) -> MachineRunStatus:
    if failure.kind is FailureKind.CANCELLED:
        return MachineRunStatus.CANCELLED
    return MachineRunStatus.UNREACHABLE if failure.kind.means_unreachable else MachineRunStatus.FAILED


def _of_attempted(count: int, outcomes: Sequence[UpdateOutcome]) -> str:
    """``count`` of the updates that were to be installed."""
    left_out = (InstallationStatus.NOT_INCLUDED, InstallationStatus.EXCLUDED)
    wanted = sum(outcome.status not in left_out for outcome in outcomes)
    return f"{count} of {wanted} update{'' if wanted == 1 else 's'}"


def _count_machines(counts: Counter[MachineRunStatus], total: int) -> str:
    if not total:
        return "no machine was in the run"
    words = {
        MachineRunStatus.FAILED: "failed",
        MachineRunStatus.UNREACHABLE: "unreachable",
        MachineRunStatus.WINDOW_EXCEEDED: "out of time",
        MachineRunStatus.CANCELLED: "cancelled",
        MachineRunStatus.NOT_STARTED: "not started",
        MachineRunStatus.IN_PROGRESS: "in progress",
    }
    others = [f"{counts[status]} {word}" for status, word in words.items() if counts[status]]
    return ", ".join((f"{share_of(counts[MachineRunStatus.SUCCEEDED], total)} succeeded", *others))
