"""Machines for the engine's tests. They are fakes: real ones stand in the lab, where few fit and every minute is real.

Each is a file, so that it outlives the process that works on it: a job goes on while nobody looks, by the time of the
test alone. What it did is true: a package is counted each time it is installed, a job each time it starts.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collectors.transports.base import TransportFailed
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobKind, JobOrder, JobProgress, JobReport, JobState
from fleet.deployments.plan import ChangeKind, PackageChange, Simulation
from fleet.deployments.pulse import Pulse
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, OSType
from fleet.updates import Blocker, Classification, Update
from ops.deployments.worker import ScriptResult
from tests.ops.deployments.fake_windows import assess_windows, must_restart, part_windows, put_in_place, restarts

START = datetime(2026, 11, 20, 2, tzinfo=UTC)
_LOOK_SECONDS = 5.0
_BOOT_SECONDS = 40.0


@dataclass
class FakeState:
    """What a machine is and did. Times are seconds since START; what is to go wrong is said before the run.

    With ``windows`` it is one: for each update by name, fields of `WindowsUpdate`, and ``after`` (the update that must
    be in place before), ``restarts`` (it is in place after a restart), ``rolls_back`` (and is not, in truth).
    """

    installed: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)
    seconds_a_package: float = 10.0
    failing: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    is_off: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    loses_after: float | None = None
    reboots_itself_after: float | None = None
    never_returns: bool = False
    needs_reboot: bool = False
    script_status: int | None = 0
    probe_says: list[str] = field(default_factory=list)
    fails_unit: str = ""
    windows: dict[str, dict[str, Any]] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    has_old_pending: bool = False
    is_agent_broken: bool = False
    servicing_seconds: float = 0.0
    boot: int = 1
    back_at: float | None = None
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    installations: list[list[Any]] = field(default_factory=list)
    started_jobs: list[str] = field(default_factory=list)
    forgotten_jobs: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    calls: list[list[Any]] = field(default_factory=list)


class FakeFleet:
    """All machines of a test, in a folder. ``now`` gives the seconds since START."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._folder = folder
        self.now = now
        folder.mkdir(exist_ok=True)

    def put(self, machine_id: str, state: FakeState) -> None:
        """Keep a machine as it is, whole or not at all."""
        aside = self._folder / f".{machine_id}"
        # Not asdict(), which copies deep what is only written.
        aside.write_text(json.dumps({each.name: getattr(state, each.name) for each in fields(state)}))
        aside.replace(self._folder / f"{machine_id}.json")

    def get(self, machine_id: str) -> FakeState:
        """The machine as it is now: its jobs have gone on."""
        state = FakeState(**json.loads((self._folder / f"{machine_id}.json").read_text()))
        _go_on(state, self.now())
        return state

    def make_worker(self, machine: Machine) -> "FakeWorker":
        """A worker for the machine."""
        return FakeWorker(self, machine)

    def read_time(self) -> float:
        """The latest time at which anything was asked, in whatever process."""
        path = self._folder / "time"
        return float(path.read_text()) if path.exists() else 0.0

    def note_time(self) -> None:
        """Remember the time for the next process."""
        aside = self._folder / ".time"
        aside.write_text(str(self.now()))
        aside.replace(self._folder / "time")


class FakeWorker:
    """A `MachineWorker` for one fake machine."""

    def __init__(self, fleet: FakeFleet, machine: Machine) -> None:
        self._fleet = fleet
        self._machine = machine
        self._connected_at: float | None = None

    async def assess(self, *, refresh: bool) -> Assessment:
        state = await self._reach("assess")
        now = START + timedelta(seconds=self._fleet.now())
        if state.windows:
            return assess_windows(self._machine.id, self._machine.name, state, now)
        wanted = {name: version for name, version in state.offered.items() if state.installed.get(name) != version}
        return Assessment(
            self._machine.id,
            self._machine.name,
            now - timedelta(seconds=1),
            now,
            Coverage.COMPLETE,
            MachineFacts(
                os_type=OSType.LINUX,
                package_manager="apt",
                boot_id=f"boot-{state.boot}",
                reboot_required=Answer.YES if _has_pending_reboot(state) else Answer.NO,
            ),
            tuple(
                Update(
                    name,
                    "amd64",
                    state.installed[name],
                    version,
                    Classification.SECURITY,
                    "origin",
                    "Debian:12",
                    blocker=Blocker.HELD if name in state.held else None,
                )
                for name, version in wanted.items()
            ),
            {(name, "amd64"): version for name, version in state.installed.items()},
        )

    async def simulate(self, order: JobOrder) -> Simulation:
        await self._reach("simulate")
        return Simulation(
            tuple(
                PackageChange(
                    ChangeKind.UPGRADE, each.name, each.architecture, each.installed_version, each.version, 1000
                )
                for each in order.packages
            ),
            download_bytes=1000 * len(order.packages),
            disk_bytes=0,
        )

    async def start(self, order: JobOrder) -> JobReport:
        state = await self._reach(f"start {order.id}")
        other = next((name for name in state.jobs if _is_running(state.jobs[name])), None)
        if order.id not in state.jobs and other is not None:
            return JobReport(order.id, JobState.BUSY, other_job=other)
        if order.id not in state.jobs:
            state.jobs[order.id] = _make_job(order, state, self._fleet.now())
            state.started_jobs.append(order.id)
            self._fleet.put(self._machine.id, state)
        return self._report(order.id, state, 0)

    async def follow(
        self, job_id: str, log_from: int, on_report: Callable[[JobReport], None], *, for_seconds: float
    ) -> JobReport:
        began = self._fleet.now()
        while True:
            report = self._report(job_id, await self._reach("", seconds=0.1), log_from)
            on_report(report)
            log_from = report.log_end
            if report.state is not JobState.RUNNING or self._fleet.now() - began >= for_seconds:
                return report
            await asyncio.sleep(_LOOK_SECONDS)

    async def stop_starting(self, job_id: str) -> JobReport:
        state = await self._reach(f"stop {job_id}")
        job = state.jobs[job_id]
        job["stopped_at"] = self._fleet.now() if job["stopped_at"] is None else job["stopped_at"]
        self._fleet.put(self._machine.id, state)
        return self._report(job_id, state, 0)

    async def forget(self, job_id: str) -> None:
        state = await self._reach(f"forget {job_id}")
        if state.jobs.pop(job_id, None) is not None:
            state.forgotten_jobs.append(job_id)
            self._fleet.put(self._machine.id, state)

    async def look(self) -> Pulse:
        state = await self._reach("look")
        failed = (state.fails_unit,) if state.fails_unit and state.boot > 1 else ()
        servicing_until = (state.back_at or 0.0) + state.servicing_seconds
        is_servicing = self._fleet.now() < servicing_until if state.windows else None
        listening = ("tcp 0.0.0.0:22",)
        return Pulse(f"boot-{state.boot}", "6.1", failed_units=failed, listening=listening, is_servicing=is_servicing)

    async def reboot(self, *, notice_minutes: int, message: str) -> None:
        state = await self._reach("reboot")
        state.back_at = 1e9 if state.never_returns else self._fleet.now() + 60 * notice_minutes + _BOOT_SECONDS
        state.boot += 1
        put_in_place(state)
        self._fleet.put(self._machine.id, state)

    async def run_script(
        self, text: bytes, *, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int
    ) -> ScriptResult:
        state = await self._reach("script")
        state.scripts.append(f"{text.decode()} {environment['PATCHDECK_ATTEMPT']} {json.loads(stdin)['stage']}")
        self._fleet.put(self._machine.id, state)
        return ScriptResult(state.script_status, "said", 1.0)

    async def probe(self, command: str, tcp_ports: tuple[int, ...], *, timeout_seconds: int) -> tuple[str, ...]:
        return tuple((await self._reach("probe")).probe_says)

    async def close(self) -> None:
        self._connected_at = None

    async def _reach(self, call: str, seconds: float = 1.0) -> FakeState:
        """The machine, once it has been reached; what was asked is written down."""
        await asyncio.sleep(seconds)
        state, now = self._fleet.get(self._machine.id), self._fleet.now()
        self._fleet.note_time()
        if state.is_off or (state.back_at is not None and now < state.back_at):
            raise _failed(FailureKind.CONNECTION_TIMED_OUT)
        if state.loses_after is not None:
            self._connected_at = now if self._connected_at is None else self._connected_at
            if now - self._connected_at > state.loses_after:
                self._connected_at = None
                raise _failed(FailureKind.CONNECTION_LOST)
        for beginning, kind in state.refused.items():
            if call.startswith(beginning):
                raise _failed(FailureKind(kind))
        if call:
            state.calls.append([round(now, 1), call])
        self._fleet.put(self._machine.id, state)
        return state

    def _report(self, job_id: str, state: FakeState, log_from: int) -> JobReport:
        if (job := state.jobs.get(job_id)) is None:
            return JobReport(job_id, JobState.ABSENT, boot_id=f"boot-{state.boot}")
        now = self._fleet.now()
        log = job["log"].encode()
        ended = JobState.INTERRUPTED if job["is_cut"] else JobState.ENDED
        job_state = JobState.RUNNING if _is_running(job) else ended
        return JobReport(
            job_id,
            job_state,
            tuple(_read_batch(number, batch, job, state) for number, batch in enumerate(job["batches"])),
            JobProgress(50.0, "x", "installing"),
            log[log_from:],
            len(log),
            0 if job_state is JobState.ENDED else None,
            (now if job["ended_at"] is None else job["ended_at"]) - job["began_at"],
            f"boot-{state.boot}",
            f"boot-{job['boot']}",
            "setsid",
        )


def _make_job(order: JobOrder, state: FakeState, now: float) -> dict[str, Any]:
    """The transactions that the job will make, with their times; a failed one is made again, package by package."""
    parts = [order.packages[n : n + order.batch_size] for n in range(0, len(order.packages), order.batch_size)]
    waiting = [[[each.name, each.version] for each in part] for part in parts]
    batches: list[dict[str, Any]] = []
    at = now + 1.0
    if state.windows:
        waiting = part_windows(state, [package for part in waiting for package in part])
    while waiting:
        part = waiting.pop(0)
        seconds = state.seconds_a_package * len(part)
        is_late = at - now >= order.start_within_seconds
        fails = any(name in state.failing for name, _ in part)
        outcome = "not-started" if is_late else "failed" if fails else "succeeded"
        if must_restart(state, order.kind, batches, part):
            outcome, seconds = "needs-restart", 0.0
        batches.append({"packages": part, "from": at, "to": at if is_late else at + seconds, "outcome": outcome})
        at = batches[-1]["to"]
        if fails and not is_late and len(part) > 1:
            waiting = [[package] for package in part] + waiting
    return {
        "kind": order.kind.value,
        "batches": batches,
        "began_at": now,
        "stopped_at": None,
        "ended_at": None,
        "is_cut": False,
        "boot": state.boot,
        "log": "",
    }


def _go_on(state: FakeState, now: float) -> None:
    """What every job did until now, and a reboot that was to come by itself."""
    for job in state.jobs.values():
        after = state.reboots_itself_after
        cut_at = job["began_at"] + after if after is not None and job["boot"] == state.boot else None
        _run_job(state, job, now, cut_at)
        if cut_at is not None and now >= cut_at and _is_running(job):
            job.update(is_cut=True, ended_at=cut_at)
            state.boot, state.back_at, state.reboots_itself_after = state.boot + 1, cut_at + _BOOT_SECONDS, None


def _run_job(state: FakeState, job: dict[str, Any], now: float, cut_at: float | None) -> None:
    if not _is_running(job):
        return
    for batch in job["batches"]:
        stopped_at = job["stopped_at"]
        if stopped_at is not None and batch["from"] > stopped_at and "done" not in batch:
            batch.update(outcome="cancelled", to=batch["from"])
        if batch["to"] > now or (cut_at is not None and batch["to"] > cut_at):
            return
        if not batch.get("done"):
            batch["done"] = True
            _end_batch(state, job, batch)
    job["ended_at"] = max([batch["to"] for batch in job["batches"]], default=job["began_at"])


def _end_batch(state: FakeState, job: dict[str, Any], batch: dict[str, Any]) -> None:
    has_succeeded = batch["outcome"] == "succeeded"
    for name, version in batch["packages"]:
        if has_succeeded and job["kind"] == JobKind.INSTALL.value:
            (state.pending if restarts(state, name) else state.installed)[name] = version
            state.installations.append([name, version, batch["to"]])
        job["log"] += f"Setting up {name} ({version}) ...\n" if has_succeeded else ""
        if batch["outcome"] == "failed" and name in state.failing:
            if state.windows.get(name, {}).get("fails_once"):
                state.failing.remove(name)
            job["log"] += f"dpkg: error processing package {name} (--configure):\n"


def _is_running(job: dict[str, Any]) -> bool:
    return job["ended_at"] is None


def _has_pending_reboot(state: FakeState) -> bool:
    return state.needs_reboot and bool(state.installations) and state.boot == 1


def _read_batch(number: int, batch: dict[str, Any], job: dict[str, Any], state: FakeState) -> BatchRecord:
    outcome = BatchOutcome(batch["outcome"]) if batch.get("done") else None
    return BatchRecord(
        number,
        1,
        tuple((name, "" if state.windows else "amd64") for name, _ in batch["packages"]),
        batch["from"] - job["began_at"],
        batch["to"] - job["began_at"] if outcome else None,
        outcome,
        0 if outcome is BatchOutcome.SUCCEEDED else 100 if outcome is BatchOutcome.FAILED else None,
        0,
        len(job["log"]),
    )


def _failed(kind: FailureKind) -> TransportFailed:
    return TransportFailed(Failure(kind, "connect", "nothing came back.", "Look at it.", 1.0))
