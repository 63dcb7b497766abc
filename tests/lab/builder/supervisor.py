"""The one process that a running lab hangs on: first in a process namespace of its own, so that all end with it.

Started by `tests.lab.builder.lab`; prints `ready` once every machine answers, and ends when its stdin does. Until then
it does what lines there ask for: `reset NAME` gives a machine anew, `start NAME` starts one that stays off; each is
answered by `done`.
"""

import asyncio
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.lab.builder.booting import RunningMachine
from tests.lab.builder.doors import open_door
from tests.lab.builder.plan import Place, Plan, read_plan
from tests.lab.builder.repositories import serve
from tests.lab.builder.specs import Door

_START_SECONDS = 60.0


def main(plan: Plan) -> None:
    """Start everything in ``plan``, say so, and wait for the end of stdin."""
    serve(plan.generation / "web", plan.repositories_at)
    machines = {
        place.name: RunningMachine(plan, place)
        for place in plan.places
        if place.spec.door not in (Door.CLOSED, Door.SILENT, Door.NOT_SSH, Door.STOPS_AFTER_BANNER)
    }
    for machine in machines.values():
        machine.boot()
    asyncio.run(_hold_doors(plan, machines))


async def _hold_doors(plan: Plan, machines: Mapping[str, RunningMachine]) -> None:
    doors = [
        await open_door(place.spec.door, place.address, place.port, (place.sshd_address, place.port))
        for place in plan.places
    ]
    await asyncio.to_thread(_wait_for_banners, plan, plan.places)
    print("ready", flush=True)
    await asyncio.to_thread(_do_as_asked, plan, machines)
    for door in filter(None, doors):
        door.close()


def _do_as_asked(plan: Plan, machines: Mapping[str, RunningMachine]) -> None:
    for line in sys.stdin:
        deed, _, name = line.strip().partition(" ")
        machine = machines[name]
        machine.reset() if deed == "reset" else machine.boot()
        _wait_for_banners(plan, [machine.place])
        print("done", flush=True)


def _wait_for_banners(plan: Plan, places: Iterable[Place]) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    for place in places:
        if place.spec.door in (Door.SSHD, Door.STALLS):
            while not _has_banner(place):
                if time.monotonic() > give_up_at:
                    console = (plan.folder / place.name / "console").read_text(errors="replace")
                    raise TimeoutError(f"{place.name} did not start:\n{console}")
                time.sleep(0.02)


def _has_banner(place: Place) -> bool:
    try:
        with socket.create_connection((place.sshd_address, place.port), timeout=5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


if __name__ == "__main__":
    main(read_plan(Path(sys.argv[1])))
