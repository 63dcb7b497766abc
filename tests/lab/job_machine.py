"""A machine of a running lab on which jobs run: Patchdeck's own way to it, and the machine's own word on what came."""

import asyncio
import shlex
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType

from collectors.jobs.machine_worker import SshMachineWorker, WorkerOptions
from collectors.secrets import NoSecrets, Secret, SecretSource
from collectors.transports.opening import SshContext, load_ssh_context, open_transport
from fleet.deployments.jobs import JobKind, JobOrder, JobReport, JobState, PackageOrder
from fleet.machines import Become, Machine
from tests.lab.builder.lab import Lab
from tests.lab.fleet_of import enrol

# What is pending on the machines called job-…, beside updates that make trouble.
UPDATES = {
    "acme-lib": "1.0-1+deb12u1",
    "acme-epoch": "2:1.0-1",
    "acme-tool": "1.1-1",
    "acme-both": "1.2-1",
}
_PATIENCE_SECONDS = 200.0


@dataclass(frozen=True, slots=True)
class OnePassword(NoSecrets):
    """A source of one sudo password."""

    text: str

    def password(self, _machine: Machine, /) -> Secret | None:
        """None: keys are accepted."""
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """The password."""
        return Secret(self.text)


@dataclass(slots=True)
class Followed:
    """What was heard while a job was followed: the last report, its whole log, and every report."""

    report: JobReport
    log: bytes
    reports: list[JobReport]


@dataclass(slots=True)
class JobMachine(AbstractAsyncContextManager["JobMachine"]):
    """One machine; `worker` asks it as an engine does. ``commands`` are what the worker noted."""

    lab: Lab
    name: str
    become: Become = Become.SUDO
    secrets: SecretSource = field(default_factory=NoSecrets)
    commands: list[tuple[str, float, int | None]] = field(default_factory=list)
    _ssh: SshContext | None = None

    async def __aenter__(self) -> "JobMachine":
        self._ssh = await load_ssh_context(
            known_hosts_files=[self.lab.known_hosts], config_files=[], secrets=self.secrets
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._ssh is not None
        await self._ssh.close()

    @property
    def worker(self) -> SshMachineWorker:
        """A worker that knows nothing of what others did."""
        assert self._ssh is not None
        machine, ssh = enrol(self.lab, self.name, self.become), self._ssh
        options = WorkerOptions(
            deadline_seconds=60.0,
            secrets=self.secrets,
            note_command=lambda *command: self.commands.append(command),
        )
        return SshMachineWorker(machine, lambda: open_transport(machine, ssh), options, lambda: datetime.now(UTC))

    def order(self, *names: str, id: str = "run-1-install", **more: object) -> JobOrder:  # noqa: A002
        """An order of these packages, at the versions that are offered."""
        packages = tuple(PackageOrder(name, "all", self.offered(name)) for name in names)
        settings: dict[str, object] = {"start_within_seconds": 600, "lock_wait_seconds": 60, **more}
        return JobOrder(id, settings.pop("kind", JobKind.INSTALL), packages, **settings)  # type: ignore[arg-type]  # as a test says

    def offered(self, name: str) -> str:
        """The version that the machine's apt offers."""
        said = self.shell(f"apt-cache policy {shlex.quote(name)}")
        return next(line.split()[1] for line in said.splitlines() if line.strip().startswith("Candidate:"))

    async def install(self, order: JobOrder) -> Followed:
        """Starts ``order`` and follows it to its end."""
        await self.worker.start(order)
        return await self.follow(order.id)

    async def follow(self, job_id: str, log_from: int = 0) -> Followed:
        """Follows a job to its end."""
        log, reports = bytearray(), list[JobReport]()

        def take(report: JobReport) -> None:
            log.extend(report.log)
            reports.append(report)

        report = await self.worker.follow(job_id, log_from, take, for_seconds=_PATIENCE_SECONDS)
        return Followed(report, bytes(log), reports)

    async def look(self, job_id: str) -> JobReport:
        """One look at a job."""
        return await self.worker.follow(job_id, 0, lambda _report: None, for_seconds=0)

    async def until_state(self, job_id: str, state: JobState) -> JobReport:
        """The first look at which the job is in this state."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (report := await self.look(job_id)).state is not state:
                await asyncio.sleep(0.2)
        return report

    def shell(self, command: str) -> str:
        """What a shell of root prints inside the machine."""
        return self.lab.exec(self.name, ["sh", "-c", command]).stdout

    def version(self, name: str) -> str:
        """Version and state by dpkg's own word: ``1.1-1 installed``."""
        return self.shell(f"dpkg-query -W -f='${{Version}} ${{db:Status-Status}}' {shlex.quote(name)}")

    def installations(self, name: str) -> int:
        """How often dpkg began to upgrade a package, by its own log."""
        return sum(f" upgrade {name}:" in line for line in self.shell("cat /var/log/dpkg.log").splitlines())

    def wait_for(self, command: str) -> str:
        """Waits until a command of root gives something."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not (said := self.shell(command).strip()):
            assert time.monotonic() < give_up_at, command
            time.sleep(0.1)
        return said

    def let_go_on(self) -> None:
        """Lets the update that waits be installed."""
        self.shell("touch /run/go-on")
