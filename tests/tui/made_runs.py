"""Deployments and runs made by hand, as the engine leaves them: documents in state.db, events, logs and commands."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import parse_mask
from fleet.deployments.plan import MachinePlan, Plan
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
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import Exclusion, UpdateRules
from fleet.deployments.window import Window
from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import Machine
from fleet.updates import Classification
from ops.deployments import events
from ops.deployments.folder import RunFolder, run_folder
from ops.home import Home
from ops.state.database import connect
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANNA = Requester("anna", "192.0.2.7 50022", "patchdeck deployments run web")
RULES = UpdateRules(classes=(Classification.CRITICAL, Classification.SECURITY))
WEB = Deployment(
    "web",
    ("web-*",),
    replace(RULES, exclude=(parse_mask("kernel*"),), exclusions=(Exclusion(parse_mask("nginx=1.24.*"), "breaks TLS"),)),
    Schedule(datetime.fromisoformat("2026-12-01T02:30"), "Europe/Berlin", "FREQ=MONTHLY;BYDAY=2TU", offset_days=3),
    Window(180, 20),
    description="All web servers, three days after Patch Tuesday",
)
DATABASES = Deployment("databases", ("db-*",), RULES, enabled=False)
CACHES = Deployment(
    "caches", ("tag:role=cache",), RULES, Schedule(datetime.fromisoformat("2026-11-23T01:00"), "UTC", "FREQ=DAILY")
)
EXCERPT = "dpkg: error processing package openssl (--configure):\n installed post-installation script returned error 1"


def define_all(home: Home) -> None:
    """Keeps the three deployments, as anna did a week ago."""
    with closing(connect(home.state_file)) as connection:
        for deployment in (WEB, DATABASES, CACHES):
            DeploymentBook(connection).add(deployment)
        changed = ((NOW - timedelta(days=7)).isoformat(), "anna")
        connection.execute("UPDATE deployments SET changed_at = ?, changed_by = ?", changed)
        connection.commit()


@dataclass
class MadeRun:
    """A run in a home; what the engine would do to it, a test does."""

    home: Home
    run: Run
    machines: list[MachineRun]

    @property
    def folder(self) -> RunFolder:
        """Its folder."""
        return run_folder(self.home, self.run.id)

    def tell(self, *told: events.RunEvent) -> None:
        """Appends events."""
        self.folder.add_events(told)

    def save(self, machine: MachineRun) -> None:
        """Puts a machine in the place of what was known of it."""
        with closing(connect(self.home.state_file)) as connection:
            RunBook(connection).save_machine(machine)

    def save_run(self, **changes: object) -> None:
        """Puts the run, changed, in its place."""
        self.run = replace(self.run, **changes)  # type: ignore[arg-type]  # values of fields of Run
        with closing(connect(self.home.state_file)) as connection:
            RunBook(connection).save(self.run)

    def requests(self) -> list[str]:
        """What is asked of it and not done yet."""
        with closing(connect(self.home.state_file)) as connection:
            return [each.action.value for each in RunBook(connection).open_requests(self.run.id)]


def make_run(home: Home, machines: list[Machine], *, number: int, opens_at: datetime, per_wave: int = 2) -> MadeRun:
    """A run of `WEB` whose plan is frozen, on ``machines``; nothing has begun."""
    run = Run(
        id=f"{opens_at:%Y%m%dT%H%M%SZ}-{number:06x}",
        deployment=WEB,
        status=RunStatus.IN_PROGRESS,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(minutes=WEB.window.minutes),
        requester=ANNA,
        requested_at=opens_at - timedelta(hours=2),
        plan_hash="1a2b3c4d" * 8,
        started_at=opens_at,
    )
    rows = [MachineRun(run.id, each.id, each.name, number // per_wave) for number, each in enumerate(machines)]
    plans = tuple(MachinePlan(each.machine_id, each.machine_name, each.wave) for each in rows)
    with closing(connect(home.state_file)) as connection:
        book = RunBook(connection)
        book.make(run)
        book.freeze(run, Plan("web", opens_at, plans, run.plan_hash), rows)
    made = MadeRun(home, run, rows)
    waves = rows[-1].wave + 1
    made.tell(
        events.RunBegan(opens_at, run.id, "web"),
        events.PlanFrozen(opens_at + timedelta(seconds=20), run.plan_hash, len(rows), 4 * len(rows), waves),
        events.WaveBegan(opens_at + timedelta(seconds=21), 0, per_wave),
    )
    return made


def begin(made: MadeRun, machine: MachineRun, at: datetime, percent: float | None = 52.0) -> None:
    """A machine installs since ``at``."""
    who = (machine.machine_id, machine.machine_name)
    log = b"Unpacking openssl (3.0.17-1~deb12u2) ...\nSetting up openssl (3.0.17-1~deb12u2) ...\n"
    made.folder.put_log(machine.machine_name, 0, log)
    made.folder.note_command(machine.machine_name, at, "sh -s # frame; probe apt", 1.4, 0)
    made.folder.note_command(machine.machine_name, at + timedelta(seconds=3), "systemd-run --unit=patchdeck-x", 0.2, 0)
    made.tell(
        events.MachineStepBegan(at, *who, RunStep.ASSESS_BEFORE),
        events.MachineStepBegan(at + timedelta(seconds=12), *who, RunStep.INSTALL),
        events.MachineLog(at + timedelta(seconds=14), *who, 0, len(log)),
        events.MachineProgress(at + timedelta(seconds=15), *who, percent, "openssl", "unpacking"),
    )
    made.save(replace(machine, status=MachineRunStatus.IN_PROGRESS, step=RunStep.INSTALL, started_at=at))


def finish(made: MadeRun, machine: MachineRun, ended_at: datetime, *, fails: bool = False) -> None:
    """A machine is over, 70 seconds after it began."""
    began = ended_at - timedelta(seconds=70)
    outcomes = [make_outcome("curl", InstallationStatus.SUCCEEDED)]
    outcomes.append(make_outcome("vim", InstallationStatus.NOT_INCLUDED))
    bad = InstallationStatus.INSTALL_FAILED if fails else InstallationStatus.SUCCEEDED
    error = "openssl: post-installation script returned error 1" if fails else ""
    outcomes.append(replace(make_outcome("openssl", bad), error=error, log_excerpt=EXCERPT if fails else ""))
    status = MachineRunStatus.FAILED if fails else MachineRunStatus.SUCCEEDED
    told = f"1 of 2 updates failed; {error}" if fails else ""
    found = (Finding(FindingKind.LISTS_STALE, Severity.WARNING, "The package lists are 9 days old.", "Update them."),)
    made.save(
        replace(
            machine,
            status=status,
            step=RunStep.REPORT,
            started_at=began,
            ended_at=ended_at,
            error=told,
            outcomes=tuple(outcomes),
            findings=found if fails else (),
            rebooted=not fails,
        )
    )
    counts = (1, 1, 0) if fails else (2, 0, 0)
    made.tell(events.MachineOver(ended_at, machine.machine_id, machine.machine_name, status, told, *counts))


def make_outcome(name: str, status: InstallationStatus) -> UpdateOutcome:
    """An update of Debian's and what became of it."""
    return UpdateOutcome(name, "amd64", "3.0.15-1~deb12u1", "3.0.17-1~deb12u2", "Security Updates", status)


def make_past(home: Home, machines: list[Machine], *, fails: bool = True) -> MadeRun:
    """A run of two days ago that is over; the second machine failed."""
    opened = NOW - timedelta(days=2, hours=10)
    made = make_run(home, machines, number=0xA1, opens_at=opened)
    for number, machine in enumerate(made.machines):
        at = opened + timedelta(seconds=30 + 100 * number)
        begin(made, machine, at)
        finish(made, machine, at + timedelta(seconds=70), fails=fails and number == 1)
    ended = opened + timedelta(seconds=60 + 100 * len(machines))
    failed = fails and len(machines) > 1
    note = f"{len(machines) - failed} of {len(machines)} machines succeeded{', 1 failed' if failed else ''}"
    status = RunStatus.FAILED if failed else RunStatus.SUCCEEDED
    made.tell(events.RunOver(ended, status, note))
    made.save_run(status=status, ended_at=ended, note=note)
    return made


def make_live(home: Home, machines: list[Machine]) -> MadeRun:
    """A run that goes on: one machine is over, two install, the others wait for their wave."""
    opened = NOW - timedelta(minutes=12)
    made = make_run(home, machines, number=0xB2, opens_at=opened, per_wave=3)
    begin(made, made.machines[0], opened + timedelta(seconds=30))
    finish(made, made.machines[0], opened + timedelta(seconds=100))
    begin(made, made.machines[1], NOW - timedelta(minutes=3))
    begin(made, made.machines[2], NOW - timedelta(seconds=40), percent=None)
    return made
