"""Words for runs: counts by status, seconds as people say them, waves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TypeVar

from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, RunStatus
from ops.cli.values import count_of

_Status = TypeVar("_Status", bound=Enum)

# The order in which people want to hear of them.
_SPOKEN: Mapping[MachineRunStatus, str] = {
    MachineRunStatus.SUCCEEDED: "succeeded",
    MachineRunStatus.FAILED: "failed",
    MachineRunStatus.UNREACHABLE: "unreachable",
    MachineRunStatus.WINDOW_EXCEEDED: "out of time",
    MachineRunStatus.CANCELLED: "cancelled",
    MachineRunStatus.IN_PROGRESS: "in progress",
    MachineRunStatus.NOT_STARTED: "not begun",
}
_SPOKEN_OUTCOMES: Mapping[InstallationStatus, str] = {
    InstallationStatus.SUCCEEDED: "succeeded",
    InstallationStatus.INSTALL_FAILED: "failed to install",
    InstallationStatus.FAILED: "failed",
    InstallationStatus.WINDOW_EXCEEDED: "out of time",
    InstallationStatus.IN_PROGRESS: "in progress",
    InstallationStatus.NOT_STARTED: "not begun",
    InstallationStatus.EXCLUDED: "excluded",
    InstallationStatus.NOT_INCLUDED: "not included",
}
_SPOKEN_STATUSES: Mapping[RunStatus, str] = {
    RunStatus.WAITING: "waits",
    RunStatus.IN_PROGRESS: "is in progress",
    RunStatus.PAUSED: "is paused",
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "was cancelled",
}


def counts_text(counts: Mapping[MachineRunStatus, int]) -> str:
    """``40 succeeded, 2 failed``; empty where nothing is counted."""
    return _spoken(_SPOKEN, counts)


def outcomes_text(machines: Sequence[MachineRun]) -> str:
    """What became of the updates of ``machines``: ``12 succeeded, 1 failed to install``."""
    return _spoken(_SPOKEN_OUTCOMES, Counter(outcome.status for each in machines for outcome in each.outcomes))


def status_text(status: RunStatus) -> str:
    """The status of a run as the end of a sentence: ``is in progress``."""
    return _SPOKEN_STATUSES[status]


def standing_text(status: RunStatus, note: str) -> str:
    """The status of a run with its note, as the end of a sentence: ``failed: 3 of 4 machines succeeded.``

    The note of a cancelled run begins with that word itself.
    """
    end = note.rstrip(".")
    if status is RunStatus.CANCELLED and end.startswith("cancelled"):
        return f"was {end}."
    return f"{status_text(status)}: {end}." if end else f"{status_text(status)}."


def count_statuses(machines: Sequence[MachineRun]) -> Mapping[MachineRunStatus, int]:
    """How many of ``machines`` stand where."""
    return Counter(machine.status for machine in machines)


def format_seconds(value: object) -> str:
    """Seconds as ``45 s``, ``3 min 5 s``, ``1 h 20 min``; empty where there are none."""
    if not isinstance(value, int | float):
        return ""
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{seconds} s"


def waves_text(machines: Sequence[MachineRun]) -> list[str]:
    """A line for each wave: ``wave 1: 5 machines: 5 succeeded``."""
    lines = []
    for wave in sorted({machine.wave for machine in machines}):
        members = [machine for machine in machines if machine.wave == wave]
        lines.append(f"wave {wave + 1}: {count_of(len(members), 'machine')}: {counts_text(count_statuses(members))}")
    return lines


def _spoken(words: Mapping[_Status, str], counts: Mapping[_Status, int]) -> str:
    return ", ".join(f"{counts[status]:,} {word}" for status, word in words.items() if counts.get(status))
