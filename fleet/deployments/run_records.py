"""Rows of DeploymentRun, MachineRun and UpdateRunProgress, made when a run, or a machine of it, is over."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fleet.deployments.plan import MachinePlan
from fleet.deployments.run_settings import settings_text
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, Run, UpdateOutcome
from fleet.facts import MachineFacts
from fleet.machines import OSType
from fleet.records import Row, Value, blank_row, list_findings
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS, Table

_MOMENT = timedelta(microseconds=1)
# What ran out of time left updates missing: for the counts of a run that is a failure too.
_FAILED_MACHINES = (MachineRunStatus.FAILED, MachineRunStatus.UNREACHABLE, MachineRunStatus.WINDOW_EXCEEDED)
_FAILED_UPDATES = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)
_NOT_ATTEMPTED = (InstallationStatus.NOT_STARTED, InstallationStatus.WINDOW_EXCEEDED)
_LEFT_OUT = (InstallationStatus.NOT_INCLUDED, InstallationStatus.EXCLUDED)


def deployment_run_row(run: Run, machines: Sequence[MachineRun], at: datetime) -> Row:
    """The row of DeploymentRun as the run stands ``at``; the last one of a run holds."""
    deployment = run.deployment
    return {
        **_begin(DEPLOYMENT_RUN, run, run.ended_at or at),
        "Status": run.status.value,
        "PlanHash": run.plan_hash,
        "RebootPolicy": deployment.reboot.policy.value,
        "Settings": settings_text(deployment),
        "StartTime": run.started_at or run.opens_at,
        "EndTime": run.ended_at,
        "WindowMinutes": deployment.window.minutes,
        **_count_machines(machines),
        "Note": run.note,
        "Requester": run.requester.user,
        "RequesterAddress": run.requester.ssh_client,
        "RequesterCommand": run.requester.command,
        "RequestedAt": run.requested_at,
        "WindowOpens": run.opens_at,
        "WindowCloses": run.closes_at,
    }


def machine_run_row(run: Run, machine: MachineRun, plan: MachinePlan | None, facts: MachineFacts, at: datetime) -> Row:
    """The row of MachineRun as the machine stands ``at``; ``facts`` are the last that are known of it."""
    before, after = machine.pulse_before, machine.pulse_after
    return {
        **_begin_machine(MACHINE_RUN, run, machine, facts, machine.ended_at or at),
        "Status": machine.status.value,
        "ErrorResult": machine.error or (machine.failure.describe() if machine.failure else ""),
        "StartTime": machine.started_at,
        "EndTime": machine.ended_at,
        "AssessSeconds": machine.assess_seconds,
        "InstallSeconds": machine.install_seconds,
        "RebootSeconds": machine.reboot_seconds,
        "Rebooted": machine.rebooted,
        "BootIdBefore": before.boot_id if before else "",
        "BootIdAfter": after.boot_id if after else "",
        **_count_updates(machine.outcomes),
        "Wave": machine.wave + 1,
        "Attempts": machine.attempts,
        "PackageManager": (plan.package_manager if plan else "") or facts.package_manager or "",
        "PlanHash": run.plan_hash,
        "JobId": machine.job_id,
        "Step": machine.step.value if machine.step else "",
        "FailureKind": machine.failure.kind.value if machine.failure else "",
        "KernelBefore": before.kernel if before else "",
        "KernelAfter": after.kernel if after else "",
        "Findings": list_findings(machine.findings),
        "LogBytes": machine.log_bytes,
    }


def progress_rows(
    run: Run, machine: MachineRun, plan: MachinePlan | None, facts: MachineFacts, at: datetime
) -> list[Row]:
    """Rows of UpdateRunProgress for a machine that is over: one for each step of each update, the outcome last.

    An update that was begun has NotStarted (when it was planned), InProgress and how it ended, each later than the one
    before; one that was left out, or never begun, has its outcome alone.
    """
    over_at = machine.ended_at or at
    planned_at = min(over_at, machine.started_at or (plan.assessed_at if plan else None) or over_at)
    rows: list[Row] = []
    for outcome in machine.outcomes:
        names = _name_update(machine, outcome)
        for time, step in _steps(outcome, planned_at, over_at):
            rows.append({**_begin_machine(UPDATE_RUN_PROGRESS, run, machine, facts, time), **names, **step})
    return rows


def _steps(
    outcome: UpdateOutcome, planned_at: datetime, over_at: datetime
) -> Iterator[tuple[datetime, Mapping[str, Value]]]:
    """The steps of an update with their times, strictly later each: readers take the latest as what holds."""
    began_at, ended_at = outcome.started_at, outcome.ended_at or over_at
    if began_at is not None:
        yield min(planned_at, began_at - _MOMENT), _step(InstallationStatus.NOT_STARTED)
        yield began_at, _step(InstallationStatus.IN_PROGRESS, began_at)
        ended_at = max(ended_at, began_at + _MOMENT)
    elif outcome.status in _LEFT_OUT:
        ended_at = planned_at
    yield (
        ended_at,
        {
            **_step(outcome.status, began_at, outcome.ended_at),
            "SucceededOnRetry": outcome.succeeded_on_retry,
            # A number is what Update Management has there for Windows; its words come with what the log shows.
            "ErrorResult": outcome.error_code or outcome.error,
            "LogExcerpt": "\n".join(filter(None, (outcome.error if outcome.error_code else "", outcome.log_excerpt))),
        },
    )


def _step(
    status: InstallationStatus, began_at: datetime | None = None, ended_at: datetime | None = None
) -> dict[str, Value]:
    return {
        "InstallationStatus": status.value,
        "SucceededOnRetry": False,
        "StartTime": began_at,
        "EndTime": ended_at,
    }


def _name_update(machine: MachineRun, outcome: UpdateOutcome) -> Mapping[str, Value]:
    if outcome.update_id:
        own = {"Title": outcome.name, "UpdateId": outcome.update_id, "KBID": outcome.kb, "Product": outcome.product}
    else:
        own = {"Title": f"{outcome.name} {outcome.offered_version}", "Product": outcome.name}
    return {
        **own,
        "ProductVersion": outcome.offered_version,
        "ProductArch": outcome.architecture,
        "InstalledVersion": outcome.installed_version,
        "Classification": outcome.classification,
        "JobId": machine.job_id,
        "Wave": machine.wave + 1,
    }


def _count_machines(machines: Sequence[MachineRun]) -> Mapping[str, Value]:
    statuses = [machine.status for machine in machines]
    return {
        "MachinesTargeted": len(statuses),
        "MachinesSucceeded": statuses.count(MachineRunStatus.SUCCEEDED),
        "MachinesFailed": sum(status in _FAILED_MACHINES for status in statuses),
        "MachinesNotAttempted": statuses.count(MachineRunStatus.NOT_STARTED),
        "MachinesUnreachable": statuses.count(MachineRunStatus.UNREACHABLE),
        "MachinesCancelled": statuses.count(MachineRunStatus.CANCELLED),
        "Waves": len({machine.wave for machine in machines}),
    }


def _count_updates(outcomes: Sequence[UpdateOutcome]) -> Mapping[str, Value]:
    statuses = [outcome.status for outcome in outcomes]
    return {
        "UpdatesSucceeded": statuses.count(InstallationStatus.SUCCEEDED),
        "UpdatesFailed": sum(status in _FAILED_UPDATES for status in statuses),
        "UpdatesNotAttempted": sum(status in _NOT_ATTEMPTED for status in statuses),
        "UpdatesLeftOut": sum(status in _LEFT_OUT for status in statuses),
    }


def _begin_machine(table: Table, run: Run, machine: MachineRun, facts: MachineFacts, at: datetime) -> dict[str, Value]:
    return {
        **_begin(table, run, at),
        "SourceSystem": "OpsManager" if facts.os_type is OSType.WINDOWS else "Linux",
        "SourceComputerId": machine.machine_id,
        "Computer": machine.machine_name,
        "OSType": facts.os_type.value if facts.os_type else "",
        "VMUUID": facts.system_uuid or "",
    }


def _begin(table: Table, run: Run, at: datetime) -> dict[str, Value]:
    return {
        **blank_row(table),
        "TimeGenerated": at,
        "ComputerEnvironment": "Non-Azure",
        "Type": table.name,
        "Day": at.date(),
        "UpdateRunName": run.deployment.name,
        "CorrelationId": run.id,
    }
