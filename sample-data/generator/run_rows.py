"""Rows of the tables that tell of deployments: DeploymentRun, MachineRun, UpdateRunProgress."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from fleet.counts import share_of
from fleet.deployments.run_settings import settings_text
from fleet.machines import OSType
from fleet.records import Value
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS, Table
from generator.boxes import Box
from generator.definitions import define
from generator.runs import MachineRun, Step
from generator.simulation import Run
from generator.table_rows import Row, common

_FAILED = {"Failed", "Unreachable", "MaintenanceWindowExceeded"}


def run_rows(run: Run) -> dict[str, list[Mapping[str, Value]]]:
    """The rows of one run, by table."""
    return {
        DEPLOYMENT_RUN.name: [_deployment_run(run)],
        MACHINE_RUN.name: [_machine_run(run, machine) for machine in run.machines],
        UPDATE_RUN_PROGRESS.name: [row for machine in run.machines for row in _progress(run, machine)],
    }


def deployment_status(run: Run) -> str:
    """How the run ended."""
    return "Failed" if _FAILED.intersection(machine.status for machine in run.machines) else "Succeeded"


def note_of(run: Run) -> str:
    """How the run ended, in words."""
    statuses = [machine.status for machine in run.machines]
    return f"{share_of(statuses.count('Succeeded'), len(statuses))} succeeded"


def _deployment_run(run: Run) -> Row:
    deployment = run.appointment.deployment
    statuses = [machine.status for machine in run.machines]
    return common(DEPLOYMENT_RUN, run.ended_at) | {
        "SourceSystem": "",
        "UpdateRunName": deployment.name,
        "CorrelationId": run.appointment.run_id,
        "Status": deployment_status(run),
        "PlanHash": plan_hash(run),
        "RebootPolicy": deployment.reboot_policy,
        "Settings": settings_text(define(deployment)),
        "StartTime": run.appointment.starts_at,
        "EndTime": run.ended_at,
        "WindowMinutes": deployment.window_minutes,
        "MachinesTargeted": len(statuses),
        "MachinesSucceeded": statuses.count("Succeeded"),
        "MachinesFailed": sum(status in _FAILED for status in statuses),
        "MachinesNotAttempted": statuses.count("NotStarted"),
        "MachinesUnreachable": statuses.count("Unreachable"),
        "MachinesCancelled": 0,
        "Waves": 1,
        "Note": note_of(run),
        "Requester": "schedule",
        "RequestedAt": run.appointment.starts_at,
        "WindowOpens": run.appointment.starts_at,
        "WindowCloses": run.appointment.window_ends_at,
    }


def plan_hash(run: Run) -> str:
    """A hash over what was planned."""
    plan = [
        (machine.box.member.name, step.offer.update.name, step.offer.update.offered_version)
        for machine in run.machines
        for step in machine.steps
        if step.status == "NotStarted"
    ]
    return hashlib.sha256(json.dumps(plan).encode()).hexdigest()


def _machine_run(run: Run, machine: MachineRun) -> Row:
    return _of_machine(MACHINE_RUN, machine.box, machine.ended_at) | {
        "UpdateRunName": run.appointment.deployment.name,
        "CorrelationId": run.appointment.run_id,
        "OSType": machine.box.member.system.os_type.value,
        "Status": machine.status,
        "ErrorResult": machine.error,
        "StartTime": machine.started_at,
        "EndTime": machine.ended_at,
        "AssessSeconds": round(machine.assess_seconds, 3),
        "InstallSeconds": round(machine.install_seconds, 3),
        "RebootSeconds": machine.reboot_seconds,
        "Rebooted": machine.reboot_seconds is not None,
        "BootIdBefore": machine.boot_id_before,
        "BootIdAfter": machine.boot_id_after,
        "UpdatesSucceeded": machine.count("Succeeded"),
        "UpdatesFailed": machine.count("InstallFailed"),
        "UpdatesNotAttempted": machine.count("MaintenanceWindowExceeded"),
        "UpdatesLeftOut": machine.count("NotIncluded", "Excluded"),
        "Wave": 1,
        "Attempts": int(machine.install_seconds > 0),
        "PackageManager": machine.assessments[0].facts.package_manager or "",
        "PlanHash": plan_hash(run),
        "Step": "assess-before" if machine.status == "Unreachable" else "report",
    }


def _progress(run: Run, machine: MachineRun) -> Iterator[Row]:
    for step in machine.steps:
        yield (
            _of_machine(UPDATE_RUN_PROGRESS, machine.box, step.at)
            | {
                "UpdateRunName": run.appointment.deployment.name,
                "CorrelationId": run.appointment.run_id,
                "InstallationStatus": step.status,
                "OSType": machine.box.member.system.os_type.value,
                "SucceededOnRetry": step.on_retry,
                "ErrorResult": step.error_code or step.error,
                "StartTime": step.started_at,
                "EndTime": step.ended_at,
                "Classification": step.offer.update.classification.value,
                "LogExcerpt": step.error,
                "Wave": 1,
            }
            | _update_names(step)
        )


def _update_names(step: Step) -> Row:
    offered = step.offer.update
    if (known := offered.windows) is not None:
        own = {"UpdateId": known.update_id, "KBID": next(iter(known.kb), ""), "Title": offered.name}
        own["Product"] = known.product
    else:
        own = {"Title": f"{offered.name} {offered.offered_version}", "Product": offered.name}
    return {
        **own,
        "ProductVersion": offered.offered_version,
        "ProductArch": offered.architecture,
        "InstalledVersion": offered.installed_version,
    }


def _of_machine(table: Table, box: Box, at: datetime) -> Row:
    is_windows = box.member.system.os_type is OSType.WINDOWS
    return common(table, at) | {
        "SourceSystem": "OpsManager" if is_windows else "Linux",
        "SourceComputerId": box.member.machine.id,
        "Computer": box.member.name,
    }
