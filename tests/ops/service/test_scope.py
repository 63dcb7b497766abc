"""The service and its runs touch nothing outside the scope, by any of the ways to a machine."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.transports.base import TransportFailed
from fleet.deployments.deployment import Deployment
from fleet.deployments.jobs import JobKind, JobOrder
from fleet.deployments.runs import Requester
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.failures import FailureKind
from fleet.groups.group import Group
from fleet.machines import Machine, TransportKind
from fleet.updates import Classification
from ops.assess import FleetOptions
from ops.config import Settings
from ops.deployments.new_runs import new_run
from ops.deployments.reaching import reached_machines
from ops.deployments.worker import MachineWorker
from ops.groups import define_group
from ops.home import Home
from ops.scoping import add_to_scope
from ops.service.absences import find_answering
from ops.service.duties import make_duties
from ops.state.database import opened
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook
from tests.ops.service.conftest import BEGINNING, Console, enrol
from tests.ops.touched_machines import CountingPort, count_local, counting_port

_ORDER = JobOrder("job", JobKind.INSTALL, (), start_within_seconds=60, end_within_seconds=None)
_ARGUMENTS: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
    "assess": ((), {"refresh": False}),
    "simulate": ((_ORDER,), {}),
    "start": ((_ORDER,), {}),
    "follow": (("job", 0, lambda report: None), {"for_seconds": 0}),
    "stop_starting": (("job",), {}),
    "forget": (("job",), {}),
    "look": ((), {}),
    "reboot": ((), {"notice_minutes": 1, "message": ""}),
    "run_script": ((b"#!/bin/sh\n",), {"environment": {}, "stdin": b"", "timeout_seconds": 5}),
    "probe": (("true", (22,)), {"timeout_seconds": 5}),
}
_METHODS = [name for name, _ in inspect.getmembers(MachineWorker, inspect.iscoroutinefunction) if name != "close"]


@pytest.fixture
def listening() -> Iterator[CountingPort]:
    """A port of the machine that is to be outside."""
    with counting_port() as port:
        yield port


@pytest.fixture
def far(home: Home, listening: CountingPort) -> Machine:
    """A machine that listens; the group prod is without it."""
    define_group(home, Group("prod", ("near-*",)))
    address = {"address": "127.0.0.1", "port": listening.port}
    return enrol(home, Machine("id-far", "far-1", TransportKind.SSH, BEGINNING, **address))  # type: ignore[arg-type]


@asynccontextmanager
async def _worker(home: Home, machine: Machine) -> AsyncIterator[MachineWorker]:
    async with reached_machines(home, FleetOptions(deadline_seconds=10)) as make_worker:
        yield make_worker(machine)


async def _call(worker: MachineWorker, method: str) -> FailureKind | None:
    arguments, named = _ARGUMENTS[method]
    try:
        answer = await getattr(worker, method)(*arguments, **named)
    except TransportFailed as error:
        return error.failure.kind
    failure = getattr(answer, "failure", None)
    return failure.kind if failure is not None else None


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize("transport", [TransportKind.SSH, TransportKind.LOCAL])
async def test_worker_does_nothing_on_a_machine_that_fell_outside(
    home: Home,
    far: Machine,
    listening: CountingPort,
    method: str,
    transport: TransportKind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a run asks of a machine, the scope is asked at that moment: it may have shrunk since the run began."""
    local_touches = count_local(monkeypatch)
    machine = far if transport is TransportKind.SSH else replace(far, transport=transport, address=None, port=None)
    async with _worker(home, machine) as worker:
        before = await _call(worker, method)
        touched = listening.touches + local_touches()
        add_to_scope(home, ["prod"])
        after = await _call(worker, method)

    assert touched > 0
    assert before is not FailureKind.OUT_OF_SCOPE
    assert (after, listening.touches + local_touches()) == (FailureKind.OUT_OF_SCOPE, touched)


async def test_machine_that_was_off_is_not_asked_whether_it_is_back(
    home: Home, far: Machine, listening: CountingPort
) -> None:
    """By the duty's own question, whatever it found in the state."""
    add_to_scope(home, ["prod"])

    assert await find_answering(home, [far], Settings()) == frozenset()
    assert listening.touches == 0


@pytest.mark.parametrize("has_scope", [True, False])
async def test_duties_touch_nothing_outside(
    console: Console, far: Machine, listening: CountingPort, has_scope: bool
) -> None:
    """All of them, in the order of the service, with a start that is due, a run that is open and a machine never seen;
    without a scope they do touch it.
    """
    _plan_work(console)
    if has_scope:
        add_to_scope(console.home, ["prod"])
    duties = make_duties(console.post())
    for minutes in (0, 11, 11):
        console.time.true += timedelta(minutes=minutes)
        for duty in duties:
            await duty.attend(console.look())
    async with asyncio.timeout(60):
        while not has_scope and not listening.touches:
            await asyncio.sleep(0.01)
        while has_scope and any(duty.activities() for duty in duties):
            await asyncio.sleep(0.01)
    for duty in duties:
        await duty.end()

    assert far.name == "far-1"
    assert (listening.touches == 0) is has_scope


def _plan_work(console: Console) -> None:
    """A deployment whose start falls due, and a run that waits for its window."""
    begins = (BEGINNING + timedelta(minutes=5)).replace(tzinfo=None)
    schedule = Schedule(begins, "UTC", "FREQ=DAILY", missed=MissedStart.RUN_WITHIN, missed_within_hours=4)
    rules = UpdateRules(classes=(Classification.SECURITY,))
    with opened(console.home.state_file) as connection:
        DeploymentBook(connection).add(Deployment("web", ("all",), rules, schedule))
        RunBook(connection).make(new_run(Deployment("asked", ("far-1",), rules), BEGINNING, Requester("tester")))
