"""What a run needs of one machine: the seam between the engine, which knows runs, and `collectors`, which knows
machines.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fleet.assessments import Assessment
from fleet.deployments.jobs import JobOrder, JobReport
from fleet.deployments.plan import Simulation
from fleet.deployments.pulse import Pulse


@dataclass(frozen=True, slots=True)
class ScriptResult:
    """How a script ended. ``exit_status`` None: it did not end in time."""

    exit_status: int | None
    output: str
    elapsed_seconds: float


class ScriptOutcome(Protocol):
    """How a script ended, as `ScriptResult`, whoever says so."""

    @property
    def exit_status(self) -> int | None:
        """None: it did not end in time."""
        ...

    @property
    def output(self) -> str:
        """What it printed."""
        ...

    @property
    def elapsed_seconds(self) -> float:
        """How long it ran."""
        ...


class MachineWorker(Protocol):
    """One machine for the time of a run. Every method connects as needed, keeps a deadline of its own, and raises
    `collectors.transports.base.TransportFailed` (the machine could not be asked; what it does is unknown) and nothing
    else. ``log`` files every remote command with its exit status into the run's folder.
    """

    async def assess(self, *, refresh: bool) -> Assessment:
        """What it misses now; a failure is in the assessment."""
        ...

    async def simulate(self, order: JobOrder) -> Simulation:
        """What its package manager would do for ``order``; changes nothing."""
        ...

    async def start(self, order: JobOrder) -> JobReport:
        """Starts the job, or reports on it where it was started before. When this fails, it may have started: ask
        again.
        """
        ...

    async def follow(
        self, job_id: str, log_from: int, on_report: Callable[[JobReport], None], *, for_seconds: float
    ) -> JobReport:
        """Reports as they come (``log`` from ``log_from`` on, each byte once), until the job does not run any more or
        ``for_seconds`` have passed; the last one. With ``for_seconds`` 0 it looks once.
        """
        ...

    async def stop_starting(self, job_id: str) -> JobReport:
        """Asks the job to begin no further batch; the one that runs is left to its end."""
        ...

    async def forget(self, job_id: str) -> None:
        """Removes what an ended job left on the machine."""
        ...

    async def look(self) -> Pulse:
        """How it is now."""
        ...

    async def reboot(self, *, notice_minutes: int, message: str) -> None:
        """Has it rebooted, detached from the connection, after telling logged-in users ``notice_minutes`` before."""
        ...

    async def run_script(
        self, text: bytes, *, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int
    ) -> ScriptOutcome:
        """Runs a script by its own ``#!`` line, as the user that the machine is reached with."""
        ...

    async def probe(self, command: str, tcp_ports: tuple[int, ...], *, timeout_seconds: int) -> tuple[str, ...]:
        """What of a health gate does not hold there, a line each; empty if all does."""
        ...

    async def close(self) -> None:
        """End what is still open."""
        ...
