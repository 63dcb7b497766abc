"""Homes for services, machines in them, and a clock that a test turns."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.machines import Machine, TransportKind
from ops.config import Settings
from ops.home import Home, open_home
from ops.service.duty import Look, Post
from ops.service.lease import HeldLease, take_lease
from ops.service.time_watch import Clocks, TimeWatch
from ops.state import MachineBook, connect

BEGINNING = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class VirtualTime:
    """Time that passes when a test says so. ``offset`` is by how much the wall clock is wrong."""

    true: timedelta = timedelta(0)
    asleep: timedelta = timedelta(0)
    offset: timedelta = timedelta(0)

    def wall(self) -> datetime:
        """What the clock on the wall says."""
        return BEGINNING + self.true + self.offset

    def clocks(self) -> Clocks:
        """The clocks of this time."""
        return Clocks(self.wall, self._true_seconds, self._awake_seconds)

    def _true_seconds(self) -> float:
        return self.true.total_seconds()

    def _awake_seconds(self) -> float:
        return (self.true - self.asleep).total_seconds()


@dataclass(slots=True)
class Console:
    """What a service has: a home, a lease, and looks at a virtual time."""

    home: Home
    time: VirtualTime
    held: HeldLease
    settings: Settings = field(default_factory=Settings)
    asked: int = 0
    since: datetime = BEGINNING
    watch: TimeWatch | None = None

    def post(self) -> Post:
        """What duties are given."""
        return Post(self.home, self.held.lease.token, self.time.wall, self._ask)

    def look(self) -> Look:
        """A look at what is due, as the service makes it."""
        if self.watch is None:
            self.watch, self.since = TimeWatch(self.time.clocks()), self.time.wall()
        passed = self.watch.read()
        if passed.has_jumped:
            self.since = passed.now
        return Look(passed.now, passed.true, self.since, self.settings)

    def restart(self) -> None:
        """From now on a service that has just begun looks."""
        self.watch = None

    def _ask(self) -> None:
        self.asked += 1


@pytest.fixture
def time() -> VirtualTime:
    """A time of its own."""
    return VirtualTime()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


@pytest.fixture
def console(home: Home, time: VirtualTime) -> Iterator[Console]:
    """A service's place, with the lease held."""
    held = take_lease(home, clock=time.wall)
    yield Console(home, time, held)
    held.close()


@pytest.fixture
def make_consoles() -> Iterator[Callable[[], Console]]:
    """Makes places, each with a home and a time of its own: for tests that hypothesis repeats."""
    with tempfile.TemporaryDirectory() as folder:
        numbers, held = itertools.count(), []

        def make() -> Console:
            time = VirtualTime()
            home = open_home(Path(folder, str(next(numbers))))
            held.append(take_lease(home, clock=time.wall))
            return Console(home, time, held[-1])

        yield make
        for each in held:
            each.close()


def enrol(home: Home, machine: Machine) -> Machine:
    """Adds ``machine`` to ``home``."""
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).add(machine)
    return machine


def scripted(name: str, transcript: Path | None = None, **more: object) -> Machine:
    """A machine that answers from a transcript."""
    path = str(transcript) if transcript else f"/nonexistent/{name}.json"
    return Machine(f"id-{name}", name, TransportKind.SCRIPTED, BEGINNING, transcript=path, **more)  # type: ignore[arg-type]
