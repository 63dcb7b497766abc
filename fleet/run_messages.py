"""What people are told of a run of a deployment: that it began, and how it ended. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from fleet.alerts.severity import Severity
from fleet.counts import share_of
from fleet.deployments.durations import describe_span
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, Run, RunStatus
from fleet.hostile import clean
from fleet.messages import Message, MessageKind

_ITEMS_SHOWN = 10
_ERROR_CHARACTERS = 200
_MACHINE_WORDS = {
    MachineRunStatus.SUCCEEDED: "succeeded",
    MachineRunStatus.FAILED: "failed",
    MachineRunStatus.UNREACHABLE: "could not be reached",
    MachineRunStatus.WINDOW_EXCEEDED: "ran out of window",
    MachineRunStatus.CANCELLED: "were cancelled",
    MachineRunStatus.NOT_STARTED: "were not begun",
    MachineRunStatus.IN_PROGRESS: "are still in work",
}
_FAILED_UPDATES = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)


def started_message(run: Run, machines: int | None, at: datetime) -> Message:
    """That ``run`` began on so many machines; None: they are not chosen yet. The same id each time for a run."""
    where = f" on {machines:,} machine{'' if machines == 1 else 's'}" if machines is not None else ""
    return Message(
        id=f"run-started-{run.id}",
        kind=MessageKind.DEPLOYMENT_STARTED,
        severity=Severity.INFORMATIONAL,
        at=at,
        title=f"{run.deployment.name} began{where}",
        text=f"Updates are installed until {_time(run.closes_at)} at the latest.\n"
        f"To follow it: patchdeck deployments status {run.id}",
        facts=_facts(run),
    )


def ended_message(run: Run, machines: Sequence[MachineRun], at: datetime) -> Message:
    """How ``run``, which is over, ended; lists the machines that did not succeed. The same id each time for a run."""
    counts = Counter(machine.status for machine in machines)
    lines = [f"{share_of(counts[status], len(machines))} {words}" for status, words in _MACHINE_WORDS.items()]
    lines = [line for status, line in zip(_MACHINE_WORDS, lines, strict=True) if counts[status]]
    others = [machine for machine in machines if machine.status is not MachineRunStatus.SUCCEEDED]
    note = [clean(run.note)] if run.note else []
    return Message(
        id=f"run-ended-{run.id}",
        kind=MessageKind.DEPLOYMENT_ENDED,
        severity=_severity(run),
        at=at,
        title=f"{run.deployment.name} {_end_words(run)}",
        text="\n".join(
            [*note, *lines, _updates_line(machines), f"The whole of it: patchdeck deployments results {run.id}"]
        ),
        facts=_facts(run, ended=True) | _times(run),
        items=tuple(_machine_line(machine) for machine in others[:_ITEMS_SHOWN]),
        item_count=len(others),
    )


def _severity(run: Run) -> Severity:
    if run.status is RunStatus.FAILED:
        return Severity.ERROR
    return Severity.WARNING if run.status is RunStatus.CANCELLED else Severity.INFORMATIONAL


def _end_words(run: Run) -> str:
    words = {RunStatus.SUCCEEDED: "succeeded", RunStatus.FAILED: "failed", RunStatus.CANCELLED: "was cancelled"}
    return words.get(run.status, f"is {run.status.value}")


def _updates_line(machines: Sequence[MachineRun]) -> str:
    counts = Counter(outcome.status for machine in machines for outcome in machine.outcomes)
    installed, failed = counts[InstallationStatus.SUCCEEDED], sum(counts[status] for status in _FAILED_UPDATES)
    rebooted = sum(machine.rebooted for machine in machines)
    return f"Updates installed: {installed:,}, failed: {failed:,}; machines rebooted: {rebooted:,}"


def _machine_line(machine: MachineRun) -> str:
    why = f": {machine.error}" if machine.error else ""
    return clean(f"{machine.machine_name} {machine.status.value}{why}", _ERROR_CHARACTERS)


def _facts(run: Run, *, ended: bool = False) -> dict[str, str]:
    facts = {
        "deployment": run.deployment.name,
        "run": run.id,
        "targets": clean(", ".join(run.deployment.targets), _ERROR_CHARACTERS),
        "asked by": clean(run.requester.user),
        "window": f"{_time(run.opens_at)} to {_time(run.closes_at)}",
    }
    reason = {"reason": clean(run.requester.reason)} if run.requester.reason else {}
    return facts | reason | ({"status": run.status.value} if ended else {})


def _times(run: Run) -> dict[str, str]:
    if run.ended_at is None:
        return {}
    began = {} if run.started_at is None else {"began": _time(run.started_at)}
    lasted = {} if run.started_at is None else {"lasted": describe_span(run.ended_at - run.started_at)}
    return began | {"ended": _time(run.ended_at)} | lasted


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
