"""Workers that answer at once: fakes, since a preview in the app is about the screen, not about machines."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any  # what a worker is asked beside these is of no interest here

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import JobOrder
from fleet.deployments.plan import ChangeKind, Kept, PackageChange, Simulation
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, OSType
from fleet.updates import Classification, Update
from tests.tui.made_runs import NOW


@dataclass
class QuickFleet:
    """What machines answer: ``packages`` are offered, ``silent`` ones are unreachable, ``held`` ones wait for `go`."""

    packages: tuple[str, ...] = ("curl", "openssl")
    silent: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    words: str = "held back by its owner"
    go: threading.Event = field(default_factory=threading.Event)

    @asynccontextmanager
    async def reached(self, *_: Any, **__: Any) -> AsyncIterator[Callable[[Machine], "QuickWorker"]]:
        """In the place of `reached_machines`."""
        yield lambda machine: QuickWorker(self, machine)


class QuickWorker:
    """One machine of a `QuickFleet`."""

    def __init__(self, fleet: QuickFleet, machine: Machine) -> None:
        self._fleet = fleet
        self._machine = machine

    async def assess(self, *, refresh: bool) -> Assessment:
        """What is offered, or that it is silent."""
        assert refresh
        machine = self._machine
        if machine.name in self._fleet.silent:
            words = ("connecting to 192.0.2.7 port 22", "refused.", "Is sshd running there?", 0.1)
            failure = Failure(FailureKind.CONNECTION_REFUSED, *words)
            return Assessment(machine.id, machine.name, NOW, NOW, Coverage.UNKNOWN, failure=failure)
        updates = tuple(_make_update(name) for name in self._fleet.packages)
        facts = MachineFacts(host_name=machine.name, os_type=OSType.LINUX, package_manager="apt", os_id="debian")
        return Assessment(machine.id, machine.name, NOW, NOW, Coverage.COMPLETE, facts=facts, updates=updates)

    async def simulate(self, order: JobOrder) -> Simulation:
        """Every package of the order is upgraded, and a new one comes with them."""
        while self._machine.name in self._fleet.held and not self._fleet.go.is_set():
            await asyncio.sleep(0.01)
        changes = [
            PackageChange(ChangeKind.UPGRADE, each.name, "amd64", "1.0", "1.1", 1_400_000) for each in order.packages
        ]
        changes.append(PackageChange(ChangeKind.INSTALL, "libnew1", "amd64", "", "1.1", 20_000))
        return Simulation(tuple(changes), (Kept("vim", self._fleet.words),), 2_820_000, 100_000)

    async def close(self) -> None:
        """Nothing to give back."""


def _make_update(name: str) -> Update:
    source = ("origin Debian-Security", "Debian-Security:12/oldstable-security")
    return Update(name, "amd64", "1.0", "1.1", Classification.SECURITY, *source, size_bytes=1_400_000)
