"""Runs of deployments on machines of a running lab: a real home, the real engine, SSH, and the machines' own word."""

import asyncio
import json
import shlex
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import InstallationStatus, MachineRun, Requester, Run, UpdateOutcome
from fleet.deployments.update_rules import UpdateRules
from fleet.machines import Become
from fleet.updates import Classification
from ops.assess import FleetOptions
from ops.deployments.clock import seconds_since_boot
from ops.deployments.engine import RunEngine
from ops.deployments.events import RunEvent
from ops.deployments.folder import run_folder
from ops.deployments.new_runs import new_run
from ops.deployments.reaching import reached_machines
from ops.home import Home, open_home
from ops.state import MachineBook, connect
from ops.state.audit import utc_now
from ops.state.runs import JournalEntry, RunBook
from tests.lab.builder.lab import Lab
from tests.lab.fleet_of import enrol

ANNA = Requester("anna", "", "patchdeck deployments run")
EVERYTHING = UpdateRules(classes=tuple(Classification))
_OPTIONS = FleetOptions(deadline_seconds=60.0)
_PATIENCE_SECONDS = 200.0


def _ignore(event: object) -> None:
    del event


@dataclass(slots=True)
class RealRuns:
    """A home of its own in ``folder``, whose machines are those of ``lab``. ``events`` are what engines told."""

    lab: Lab
    folder: Path
    events: list[RunEvent] = field(default_factory=list)

    @property
    def home(self) -> Home:
        """The home."""
        return Home(self.folder / "home")

    def enrol(self, *names: str, tags: Callable[[str], Mapping[str, str]] = lambda _: {}) -> None:
        """Have the machines given anew, and enrolled with sudo."""
        home = open_home(self.folder / "home")
        shutil.copy(self.lab.known_hosts, home.known_hosts)
        with closing(connect(home.state_file)) as connection:
            for name in names:
                if self.lab.answers(name):
                    self.lab.reset(name)
                MachineBook(connection).add(enrol(self.lab, name, Become.SUDO, tags(name)))

    def make(self, deployment: Deployment, opens_in: timedelta = timedelta()) -> Run:
        """A run that waits."""
        run = new_run(deployment, utc_now() + opens_in, ANNA)
        with closing(connect(self.home.state_file)) as connection:
            RunBook(connection).make(run)
        return run

    async def work(
        self,
        run: Run,
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = seconds_since_boot,
        stop: asyncio.Event | None = None,
        on_event: Callable[[RunEvent], None] = _ignore,
        on_step: Callable[[str], None] = _ignore,
    ) -> Run:
        """Work on the run as one process does."""

        def take(event: RunEvent) -> None:
            self.events.append(event)
            on_event(event)

        async with reached_machines(self.home, _OPTIONS, run.id) as make_worker:
            engine = RunEngine(self.home, run.id, make_worker, clock, stop, take, monotonic=monotonic, on_step=on_step)
            return await engine.run()

    def do(self, deployment: Deployment) -> "Outcome":
        """Run the deployment now, to its end."""
        return self.outcome(asyncio.run(self.work(self.make(deployment))))

    def last_run(self) -> Run:
        """The run that was made last."""
        with closing(connect(self.home.state_file)) as connection:
            return RunBook(connection).list(limit=1)[0]

    def outcome(self, run: Run) -> "Outcome":
        """What is kept of the run."""
        with closing(connect(self.home.state_file)) as connection:
            book = RunBook(connection)
            return Outcome(
                book.find(run.id),
                {record.machine_name: record for record in book.machines(run.id)},
                tuple(book.journal(run.id)),
                self.home,
            )

    def shell(self, name: str, command: str) -> str:
        """What a shell of root prints inside the machine."""
        return self.lab.exec(name, ["sh", "-c", command]).stdout

    def wait_for(self, name: str, command: str) -> str:
        """Waits until a command of root gives something inside the machine."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not (said := self.shell(name, command).strip()):
            assert time.monotonic() < give_up_at, f"{name}: {command}"
            time.sleep(0.1)
        return said

    async def until(self, name: str, command: str) -> str:
        """The same, while the event loop goes on."""
        return await asyncio.to_thread(self.wait_for, name, command)

    def deb(self, name: str, package: str) -> str:
        """Version and state by dpkg's own word: ``1.1-1 installed``."""
        return self.shell(name, f"dpkg-query -W -f='${{Version}} ${{db:Status-Status}}' {shlex.quote(package)}")

    def upgrades(self, name: str, package: str) -> int:
        """How often dpkg began to upgrade the package, by its own log."""
        log = self.shell(name, "cat /var/log/dpkg.log")
        return sum(f" upgrade {package}:" in line for line in log.splitlines())

    def rpms(self, name: str) -> set[str]:
        """Every installed package with its version, by rpm's own word."""
        return set(self.shell(name, "rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\\n'").splitlines())


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run as it is kept, its machines by name, its journal."""

    run: Run
    machines: Mapping[str, MachineRun]
    journal: tuple[JournalEntry, ...]
    home: Home

    def updates(self, name: str) -> dict[str, UpdateOutcome]:
        """What became of each update of a machine."""
        return {outcome.name: outcome for outcome in self.machines[name].outcomes}

    def statuses(self, name: str) -> dict[str, InstallationStatus]:
        """The same, in a word."""
        return {package: outcome.status for package, outcome in self.updates(name).items()}

    def findings(self, name: str) -> str:
        """The findings of a machine, a line each: kind and text."""
        return "\n".join(f"{finding.kind} {finding.text}" for finding in self.machines[name].findings)

    def log(self, name: str) -> bytes:
        """The package manager's log of a machine, as it was fetched."""
        return run_folder(self.home, self.run.id).read_log(name)

    def commands(self, name: str) -> str:
        """The commands that were run there."""
        return (self.home.runs_dir / self.run.id / f"{name}.commands").read_text()

    def describe(self) -> str:
        """All that a failed assertion should show."""
        machines = [
            f"{name}: {record.status} {record.error} {json.dumps({k: str(v) for k, v in self.statuses(name).items()})}"
            for name, record in self.machines.items()
        ]
        return "\n".join((f"{self.run.status}: {self.run.note}", *machines))
