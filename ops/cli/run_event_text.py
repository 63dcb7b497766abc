"""Events of a run as lines for people: what happened, where, and what it means."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from fleet.deployments.runs import RunStep
from fleet.hostile import clean
from ops.cli.run_texts import format_seconds, standing_text
from ops.cli.values import count_of
from ops.deployments import events

_STEPS = {
    RunStep.SCRIPTS_BEFORE: "pre-scripts",
    RunStep.PREDOWNLOAD: "downloading ahead",
    RunStep.ASSESS_BEFORE: "assessing",
    RunStep.PLAN: "comparing with the plan",
    RunStep.CHECK: "checking space, lock, repositories, window",
    RunStep.INSTALL: "installing",
    RunStep.REBOOT: "rebooting",
    RunStep.RETURN: "waiting for its return",
    RunStep.ASSESS_AFTER: "assessing again",
    RunStep.SCRIPTS_AFTER: "post-scripts",
    RunStep.REPORT: "storing the results",
}


class EventLines:
    """Events of one run in their order as lines: what a machine's end says for the second time is left out."""

    def __init__(self) -> None:
        self._noted: dict[str, str] = {}

    def line(self, event: events.RunEvent) -> str | None:
        """As `event_line`."""
        if isinstance(event, events.MachineNote):
            self._noted[event.machine_id] = event.text
        elif isinstance(event, events.MachineOver) and event.error == self._noted.pop(event.machine_id, None):
            event = replace(event, error="")
        return event_line(event)


def event_line(event: events.RunEvent) -> str | None:
    """The event as one clean line with its time in UTC; None for what says nothing new (bytes of a log that came)."""
    text = event_text(event)
    return None if text is None else f"{_clock(event.at)} {text}"


def event_text(event: events.RunEvent) -> str | None:
    """As `event_line`, without the time."""
    if isinstance(event, events.MachineLog):
        return None
    return clean(_WORDS[type(event)](event))


def step_text(step: RunStep | None) -> str:
    """A step of a machine in words."""
    return "" if step is None else _STEPS.get(step, step.value)


def progress_text(event: events.MachineProgress) -> str:
    """Where the package manager stands: ``42% unpacking openssl``."""
    percent = "" if event.percent is None else f"{event.percent:.0f}% "
    return f"{percent}{event.doing} {event.package}".strip()


def _began(event: events.RunBegan) -> str:
    return f"Run {event.run_id} of {event.deployment} {'is taken up again' if event.is_resumed else 'begins'}."


def _asked(event: events.RunPaused | events.RunResumed | events.RunCancelled, verb: str) -> str:
    return f"{event.user} {verb} the run{f' ({event.reason})' if event.reason else ''}"


def _frozen(event: events.PlanFrozen) -> str:
    what = f"{count_of(event.updates, 'update')} on {count_of(event.machines, 'machine')}"
    return f"The plan is frozen: {what}, {count_of(event.waves, 'wave')}; hash {event.hash}"


def _waits(event: events.RunWaits) -> str:
    return f"Waits: {event.why}{f' (until {_clock(event.until)})' if event.until else ''}"


def _over(event: events.RunOver) -> str:
    return f"The run {standing_text(event.status, event.note)}"


def _exhausted(event: events.BudgetExhausted) -> str:
    failed = f"{event.failed} of {count_of(event.machines, 'machine')} failed"
    return f"The failure budget is used up: {failed}; no further machine is begun."


def _machine_over(event: events.MachineOver) -> str:
    counted = (
        (event.updates_succeeded, "installed"),
        (event.updates_failed, "failed"),
        (event.updates_not_attempted, "not attempted"),
    )
    counts = ", ".join(f"{number} {word}" for number, word in counted if number)
    ending = ": ".join(part for part in (counts, event.error) if part)
    return f"{event.machine_name}: {event.status.value}{f' ({ending})' if ending else ''}"


def _script(event: events.ScriptEnded) -> str:
    where = event.machine_name or "console"
    ended = "did not end in time" if event.exit_status is None else f"exit {event.exit_status}"
    return f"{where}: {event.stage.value}-script {event.path}: {ended} after {format_seconds(event.elapsed_seconds)}"


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%H:%M:%SZ")


# Any: each takes events of its own class.
_WORDS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        events.RunBegan: _began,
        events.PlanFrozen: _frozen,
        events.RunWaits: _waits,
        events.RunNote: lambda event: event.text,
        events.RunPaused: lambda event: (
            f"{_asked(event, 'pauses')}: no machine is begun; those in work go on to their end."
        ),
        events.RunResumed: lambda event: f"{_asked(event, 'resumes')}.",
        events.RunCancelled: lambda event: (
            f"{_asked(event, 'cancels')}: nothing more is begun; what is being installed goes on to its end."
        ),
        events.RunOver: _over,
        events.WaveBegan: lambda event: f"Wave {event.wave + 1} begins: {count_of(event.machines, 'machine')}.",
        events.GatePassed: lambda event: f"The gate after wave {event.wave + 1} is passed.",
        events.GateFailed: lambda event: f"The gate after wave {event.wave + 1} failed: {'; '.join(event.problems)}",
        events.BudgetExhausted: _exhausted,
        events.ScriptEnded: _script,
        events.MachineStepBegan: lambda event: f"{event.machine_name}: {step_text(event.step)}",
        events.MachineRoundBegan: lambda event: (
            f"{event.machine_name}: round {event.round}, {count_of(event.updates, 'more update')}"
        ),
        events.MachineProgress: lambda event: f"{event.machine_name}: {progress_text(event)}",
        events.MachineNote: lambda event: f"{event.machine_name}: {event.text}",
        events.MachineOver: _machine_over,
    }
)
