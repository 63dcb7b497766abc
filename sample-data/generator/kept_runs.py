"""The sample's deployments and their runs as state.db keeps them: what the app lists, beside the tables."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from fleet.deployments.plan import MachinePlan, Plan
from fleet.deployments.pulse import Pulse
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    RunStep,
    UpdateOutcome,
)
from generator import runs as simulated
from generator.deeds import Deed, clock_at
from generator.definitions import define
from generator.deployments import Deployment
from generator.era import NOW, START
from generator.people import AMIRA, JONAS, PETRA
from generator.run_rows import deployment_status, note_of, plan_hash
from generator.simulation import Run as SimulatedRun
from ops.state import Audit
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook

_DEFINED_AT = START + timedelta(hours=44)
# The tables have all of them; state.db is committed, and is to stay small.
_KEPT = timedelta(days=31)
# For days on which none of their runs is due.
_SWITCHED = (
    ("databases", datetime(2026, 9, 18, 8, 4, tzinfo=UTC), AMIRA, False),
    ("databases", datetime(2026, 9, 21, 6, 31, tzinfo=UTC), AMIRA, True),
    ("edge-devices", datetime(2026, 11, 11, 9, 12, tzinfo=UTC), JONAS, False),
    ("edge-devices", datetime(2026, 11, 16, 7, 45, tzinfo=UTC), PETRA, True),
)


def run_deeds(history: Iterable[SimulatedRun]) -> Iterator[Deed]:
    """That every deployment was defined, and each run of the last month made, with its plan and its machines."""
    runs = list(history)
    for number, deployment in enumerate(_deployments(runs)):
        at = _DEFINED_AT + timedelta(minutes=3 * number)
        yield Deed(at, JONAS, f"patchdeck deployments add -f {deployment.name}.toml", partial(_define, deployment))
    for run in (run for run in runs if run.appointment.starts_at > NOW - _KEPT):
        yield Deed(run.appointment.starts_at, None, "", partial(_keep, run))
    for name, at, by, is_enabled in _SWITCHED:
        verb = "enable" if is_enabled else "disable"
        yield Deed(at, by, f"patchdeck deployments {verb} {name}", partial(_switch, name, is_enabled))


def _define(deployment: Deployment, connection: sqlite3.Connection, audit: Audit) -> None:
    DeploymentBook(connection, audit, JONAS.person).add(define(deployment))


def _switch(name: str, is_enabled: bool, connection: sqlite3.Connection, audit: Audit) -> None:
    DeploymentBook(connection, audit).set_enabled(name, enabled=is_enabled)


def _keep(run: SimulatedRun, connection: sqlite3.Connection, _audit: Audit) -> None:
    book = RunBook(connection, clock_at(run.appointment.starts_at))
    kept = _run(run)
    book.make(kept)
    book.freeze(kept, _plan(run), [_machine(run, machine) for machine in run.machines])
    book.note_start(kept.deployment.name, run.appointment.starts_at, "run made: at its time", kept.id)


def _deployments(runs: Iterable[SimulatedRun]) -> list[Deployment]:
    by_name = {run.appointment.deployment.name: run.appointment.deployment for run in runs}
    return [by_name[name] for name in sorted(by_name)]


def _run(run: SimulatedRun) -> Run:
    appointment = run.appointment
    return Run(
        id=appointment.run_id,
        deployment=define(appointment.deployment),
        status=RunStatus(deployment_status(run)),
        opens_at=appointment.starts_at,
        closes_at=appointment.window_ends_at,
        requester=Requester("schedule"),
        requested_at=appointment.starts_at,
        plan_hash=plan_hash(run),
        started_at=appointment.starts_at,
        ended_at=run.ended_at,
        note=note_of(run),
    )


def _plan(run: SimulatedRun) -> Plan:
    machines = tuple(
        MachinePlan(
            machine.box.member.machine.id,
            machine.box.member.name,
            wave=0,
            package_manager=machine.assessments[0].facts.package_manager or "",
            assessed_at=machine.assessments[0].ended_at,
        )
        for machine in run.machines
    )
    return Plan(run.appointment.deployment.name, run.appointment.starts_at, machines, plan_hash(run))


def _machine(run: SimulatedRun, machine: simulated.MachineRun) -> MachineRun:
    member = machine.box.member
    is_unreachable = machine.status == MachineRunStatus.UNREACHABLE
    return MachineRun(
        run_id=run.appointment.run_id,
        machine_id=member.machine.id,
        machine_name=member.name,
        wave=0,
        status=MachineRunStatus(machine.status),
        step=RunStep.ASSESS_BEFORE if is_unreachable else RunStep.REPORT,
        started_at=machine.started_at,
        ended_at=machine.ended_at,
        assess_seconds=round(machine.assess_seconds, 3),
        install_seconds=round(machine.install_seconds, 3) or None,
        reboot_seconds=machine.reboot_seconds,
        rebooted=machine.reboot_seconds is not None,
        pulse_before=None if is_unreachable else _pulse(machine, 0, machine.boot_id_before),
        pulse_after=None if is_unreachable else _pulse(machine, -1, machine.boot_id_after),
        attempts=int(machine.install_seconds > 0),
        failure=machine.assessments[0].failure,
        error=machine.error,
        outcomes=tuple(_outcomes(machine)),
    )


def _pulse(machine: simulated.MachineRun, number: int, boot_id: str) -> Pulse:
    return Pulse(boot_id, machine.assessments[number].facts.kernel or "")


def _outcomes(machine: simulated.MachineRun) -> Iterator[UpdateOutcome]:
    """The last step of each update, in the order in which they were planned."""
    last: dict[int, simulated.Step] = {}
    for step in machine.steps:
        last[id(step.offer)] = step
    for step in last.values():
        update, known = step.offer.update, step.offer.update.windows
        yield UpdateOutcome(
            name=update.name,
            architecture=update.architecture,
            installed_version=update.installed_version,
            offered_version=update.offered_version,
            classification=update.classification.value,
            status=InstallationStatus(step.status),
            succeeded_on_retry=step.on_retry,
            error=step.error,
            log_excerpt=step.error if machine.box.member.is_linux else "",
            started_at=step.started_at,
            ended_at=step.ended_at,
            update_id=known.update_id if known else "",
            kb=next(iter(known.kb), "") if known else "",
            product=known.product if known else "",
            error_code=step.error_code,
        )
