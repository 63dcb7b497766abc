"""How the end of a machine's turn is told."""

from fleet.deployments.runs import InstallationStatus
from fleet.failures import Failure, FailureKind
from ops.deployments.events import MachineOver
from ops.deployments.turn import Turn


def describe_end(turn: Turn) -> MachineOver:
    """That the machine is over, with its counts."""
    statuses = [outcome.status for outcome in turn.record.outcomes]
    failed = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)
    waiting = (InstallationStatus.NOT_STARTED, InstallationStatus.WINDOW_EXCEEDED)
    return MachineOver(
        turn.now,
        turn.machine.id,
        turn.machine.name,
        turn.record.status,
        turn.record.error,
        statuses.count(InstallationStatus.SUCCEEDED),
        sum(status in failed for status in statuses),
        sum(status in waiting for status in statuses),
    )


def describe_mistake(error: Exception) -> Failure:
    """The failure of a machine that a mistake of ours ended."""
    return Failure(
        FailureKind.INTERNAL,
        "working on it",
        f"Patchdeck itself failed: {type(error).__name__}.",
        "The log has the details; please report it.",
    )
