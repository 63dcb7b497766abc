"""The fan-out keeps its bound, and stops without losing or leaving anything."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from fleet.machines import Machine, TransportKind
from ops.assess_fan_out import fan_out
from ops.assess_limits import Crowd, StartPace

AT = datetime(2026, 11, 20, tzinfo=UTC)
FAST = 1_000_000.0


def machines(count: int) -> list[Machine]:
    return [Machine(str(number), f"m{number:03}", TransportKind.LOCAL, AT) for number in range(count)]


async def run(
    fleet: list[Machine],
    work: Callable[[Machine], Awaitable[None]],
    concurrency: int,
    stop: asyncio.Event | None = None,
) -> None:
    await fan_out(
        fleet, work, crowd=Crowd(concurrency, concurrency), pace=StartPace(FAST), stop=stop or asyncio.Event()
    )


async def test_no_more_machines_are_in_work_than_the_bound() -> None:
    """With a bound of 7, seven machines are in work at the most, and seven are."""
    in_work, most, done = 0, 0, []

    async def work(machine: Machine) -> None:
        nonlocal in_work, most
        in_work += 1
        most = max(most, in_work)
        for _ in range(5):
            await asyncio.sleep(0)
        in_work -= 1
        done.append(machine.name)

    await run(machines(100), work, 7)

    assert most == 7
    assert len(set(done)) == 100


async def test_one_hang_costs_nobody_else() -> None:
    """All machines but the one that hangs are done while it hangs."""
    done: list[str] = []
    others_done, stop = asyncio.Event(), asyncio.Event()

    async def work(machine: Machine) -> None:
        if machine.name == "m000":
            await asyncio.Event().wait()
        done.append(machine.name)
        if len(done) == 19:
            others_done.set()

    scan = asyncio.create_task(run(machines(20), work, 2, stop))
    await asyncio.wait_for(others_done.wait(), timeout=60)
    stop.set()
    await scan

    assert "m000" not in done


async def test_machines_that_hang_hold_nobodys_place() -> None:
    """With as many machines hanging as there are places, the others are done beside them, up to the limit in all."""
    done: list[str] = []
    in_work, most = 0, 0
    others_done, stop = asyncio.Event(), asyncio.Event()

    async def work(machine: Machine) -> None:
        nonlocal in_work, most
        in_work += 1
        most = max(most, in_work)
        try:
            if machine.name < "m003":
                await asyncio.Event().wait()
        finally:
            in_work -= 1
        done.append(machine.name)
        if len(done) == 17:
            others_done.set()

    crowd = Crowd(usual=2, most=4, patience_seconds=0.01)
    scan = asyncio.create_task(fan_out(machines(20), work, crowd=crowd, pace=StartPace(FAST), stop=stop))
    await asyncio.wait_for(others_done.wait(), timeout=60)
    stop.set()
    await scan

    assert most == 4
    assert not {"m000", "m001", "m002"}.intersection(done)


async def test_stopping_cancels_what_is_in_work_and_begins_nothing_more() -> None:
    """After stop is set, machines in work are cancelled and no other is begun."""
    begun: list[str] = []
    cancelled: list[str] = []
    stop = asyncio.Event()

    async def work(machine: Machine) -> None:
        begun.append(machine.name)
        if len(begun) == 3:
            stop.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(machine.name)
            raise

    await run(machines(50), work, 3, stop)

    assert begun == cancelled == ["m000", "m001", "m002"]


async def test_cancelling_the_fan_out_cancels_its_machines() -> None:
    """A cancelled scan leaves no machine in work behind."""
    in_work: set[str] = set()
    started = asyncio.Event()

    async def work(machine: Machine) -> None:
        in_work.add(machine.name)
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            in_work.discard(machine.name)

    scan = asyncio.create_task(run(machines(5), work, 5))
    await started.wait()
    scan.cancel()

    with pytest.raises(asyncio.CancelledError):
        await scan
    assert in_work == set()


async def test_an_error_of_our_own_is_raised_and_not_swallowed() -> None:
    """What the work raises ends the fan-out with that error."""

    async def work(machine: Machine) -> None:
        if machine.name == "m003":
            raise LookupError("broken")
        await asyncio.sleep(0)

    with pytest.raises(LookupError, match="broken"):
        await run(machines(10), work, 2)


async def test_starts_are_spread_over_time() -> None:
    """Twenty-one starts at 400 a second take a twentieth of a second, however many may run at once."""
    loop = asyncio.get_running_loop()
    starts: list[float] = []

    async def work(machine: Machine) -> None:
        starts.append(loop.time())

    await fan_out(machines(21), work, crowd=Crowd(21, 21), pace=StartPace(400.0), stop=asyncio.Event())

    assert len(starts) == 21
    assert starts[-1] - starts[0] >= 0.045
