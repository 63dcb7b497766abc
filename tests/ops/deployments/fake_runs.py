"""A home with fake machines, and what a test does with runs there: begin one, ask something of it, look at its end."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import InstallationStatus, MachineRun, Requester, Run
from fleet.deployments.update_rules import UpdateRules
from fleet.machines import Machine, TransportKind
from fleet.tables import Table
from fleet.updates import Classification
from ops.deployments.engine import RunEngine
from ops.deployments.events import RunEvent
from ops.deployments.new_runs import new_run
from ops.home import Home, open_home
from ops.state import MachineBook, connect
from ops.state.runs import RunAction, RunBook
from tests.ops.deployments.fake_machines import START, FakeFleet, FakeState
from tests.ops.deployments.virtual_time import run_virtual

ANNA = Requester("anna", "", "patchdeck deployments run")
PACKAGES = ("curl", "openssl", "zlib")
SECURITY = UpdateRules(classes=(Classification.SECURITY,))
NIGHTLY = Deployment("nightly", ("all",), SECURITY)


@dataclass
class FakeRuns:
    """See the module. ``offset`` is where the virtual time of the next process begins, in seconds since START."""

    path: Path
    offset: float = 0.0
    events: list[RunEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home: Home = open_home(self.path / "home")
        self.fleet = FakeFleet(self.path / "fleet", self.now)

    def now(self) -> float:
        """Seconds since START."""
        try:
            return self.offset + asyncio.get_running_loop().time()
        except RuntimeError:
            return self.offset

    def clock(self) -> datetime:
        """The wall clock."""
        return START + timedelta(seconds=self.now())

    def enrol(self, count: int, tags: Callable[[int], Mapping[str, str]] = lambda _: {}, **state: Any) -> list[str]:
        """Machines m-001, …, each with the packages to update; their ids."""
        ids = []
        with closing(connect(self.home.state_file)) as connection:
            book = MachineBook(connection)
            for number in range(1, count + 1):
                machine = Machine(f"id-{number:03}", f"m-{number:03}", TransportKind.LOCAL, START, tags=tags(number))
                book.add(machine)
                made = {"installed": dict.fromkeys(PACKAGES, "1"), "offered": dict.fromkeys(PACKAGES, "2")} | state
                self.fleet.put(machine.id, FakeState(**made))
                ids.append(machine.id)
        return ids

    def change(self, machine_id: str, **changes: Any) -> None:
        """Have a machine be another than the others."""
        self.fleet.put(machine_id, replace(self.fleet.get(machine_id), **changes))

    def make(self, deployment: Deployment = NIGHTLY, opens_in: float = 0.0, required_plan: str = "") -> Run:
        """A run that waits."""
        opens_at = self.clock() + timedelta(seconds=opens_in)
        run = new_run(deployment, opens_at, ANNA, required_plan, self.clock)
        with closing(connect(self.home.state_file)) as connection:
            RunBook(connection).make(run)
        return run

    def work(
        self,
        run: Run,
        *,
        beside: "Callable[[FakeRuns, Run], Any] | None" = None,
        on_step: Callable[[str], None] = lambda _: None,
        clock: Callable[[], datetime] | None = None,
        token: str = "",
    ) -> Run:
        """Work on ``run`` as a process of its own would; the run as it then is. ``beside`` gives a coroutine of what
        else happens meanwhile; it may set ``stop``.
        """

        async def work() -> Run:
            loop = asyncio.get_running_loop()
            engine = RunEngine(
                self.home,
                run.id,
                self.fleet.make_worker,
                clock or self.clock,
                self.stop,
                self.events.append,
                token=token,
                monotonic=loop.time,
                on_step=on_step,
            )
            task = asyncio.create_task(beside(self, run)) if beside else None
            try:
                return await engine.run()
            finally:
                if task is not None:
                    task.cancel()
                    self.beside_failed = task.done() and not task.cancelled() and task.exception() is not None
                self.offset += loop.time()

        self.stop = asyncio.Event()
        self.beside_failed = False
        done = run_virtual(work())
        assert not self.beside_failed
        return done

    def ask(self, run: Run, action: RunAction, reason: str = "") -> None:
        """Ask something of a run, as another process does."""
        with closing(connect(self.home.state_file)) as connection:
            RunBook(connection, self.clock).ask(run.id, action, replace(ANNA, reason=reason))

    def records(self, run: Run) -> dict[str, MachineRun]:
        """The machines of the run as they are kept, by id, in order."""
        with closing(connect(self.home.state_file)) as connection:
            return {record.machine_id: record for record in RunBook(connection).machines(run.id)}

    def find_id(self, run_id: str) -> Run:
        """The run as it is kept."""
        with closing(connect(self.home.state_file)) as connection:
            return RunBook(connection).find(run_id)

    def rows(self, table: Table) -> pl.DataFrame:
        """All rows of a table."""
        from ops.store.delta import StoredTable

        return StoredTable(self.home.tables_dir, table).read()


def statuses_of(record: MachineRun) -> dict[str, InstallationStatus]:
    """What became of each update."""
    return {outcome.name: outcome.status for outcome in record.outcomes}


def times_of(fleet: FakeFleet, ids: Sequence[str], call: str) -> list[float]:
    """When each of the machines was first asked for ``call``."""
    return [next(at for at, name in fleet.get(each).calls if name.startswith(call)) for each in ids]
