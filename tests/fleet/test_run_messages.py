"""What people are told of runs."""

from datetime import UTC, datetime, timedelta

from fleet.alerts.severity import Severity
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    UpdateOutcome,
)
from fleet.run_messages import ended_message, started_message
from fleet.updates import Classification

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RUN = Run(
    "20261120T120000Z-abc",
    Deployment("web", ("all",), channels=("mail",)),
    RunStatus.FAILED,
    NOW,
    NOW + timedelta(hours=2),
    Requester("ann", reason="CVE-2026-1"),
    NOW,
    started_at=NOW,
    ended_at=NOW + timedelta(minutes=40),
    note="1 of 3 machines failed",
)


def machine(name: str, status: MachineRunStatus, error: str = "", *installed: InstallationStatus) -> MachineRun:
    outcomes = [UpdateOutcome("bash", "amd64", "1", "2", Classification.SECURITY, each) for each in installed]
    return MachineRun(RUN.id, name, name, 1, status, error=error, outcomes=tuple(outcomes), rebooted=bool(installed))


def test_the_end_tells_results_and_lists_who_did_not_succeed() -> None:
    """With denominators, the error of each machine, and what a machine says made harmless."""
    machines = [
        machine("web-01", MachineRunStatus.SUCCEEDED, "", InstallationStatus.SUCCEEDED, InstallationStatus.SUCCEEDED),
        machine("web-02", MachineRunStatus.FAILED, "dpkg\x1b[31m broke\nhere", InstallationStatus.INSTALL_FAILED),
        machine("web-03", MachineRunStatus.NOT_STARTED),
    ]
    message = ended_message(RUN, machines, NOW)
    assert (message.title, message.severity) == ("web failed", Severity.ERROR)
    assert "1 of 3 machines succeeded\n1 of 3 machines failed\n1 of 3 machines were not begun" in message.text
    assert "Updates installed: 2, failed: 1; machines rebooted: 2" in message.text
    assert message.items == ("web-02 Failed: dpkg�[31m broke here", "web-03 NotStarted")
    assert (message.facts["lasted"], message.facts["reason"]) == ("40 min", "CVE-2026-1")


def test_the_same_run_is_told_of_under_the_same_id() -> None:
    """A run that is taken up again tells nobody twice."""
    assert started_message(RUN, 3, NOW).id == started_message(RUN, None, NOW + timedelta(hours=1)).id
    assert ended_message(RUN, [], NOW).id == ended_message(RUN, [], NOW + timedelta(hours=1)).id
    assert started_message(RUN, 1, NOW).title == "web began on 1 machine"
    assert started_message(RUN, None, NOW).title == "web began"


def test_ten_thousand_machines_make_one_message_with_the_first_of_them() -> None:
    """The others are counted."""
    message = ended_message(RUN, [machine(f"m{n}", MachineRunStatus.UNREACHABLE) for n in range(10_000)], NOW)
    assert (len(message.items), message.item_count) == (10, 10_000)
