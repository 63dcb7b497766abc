"""How the app is run until it is told to end."""

import asyncio
from threading import Event

from tui.ending import make_room


def test_work_that_hangs_leaves_room_for_other_work() -> None:
    """A dozen screens that wait for tables which do not answer keep nobody from reading the fleet."""
    answered = Event()

    async def work() -> str:
        make_room()
        hanging = [asyncio.create_task(asyncio.to_thread(answered.wait, 60)) for _ in range(12)]
        try:
            return await asyncio.wait_for(asyncio.to_thread(lambda: "read"), 30)
        finally:
            answered.set()
            await asyncio.gather(*hanging)

    assert asyncio.run(work()) == "read"
