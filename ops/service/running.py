"""A service from its lease to its end, in the process that calls it."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from ops.assess_limits import collect_seldom
from ops.config import load_settings
from ops.home import Home
from ops.logs import log_event
from ops.service.duties import make_duties
from ops.service.lease import WATCH_SECONDS, HeldLease, take_lease
from ops.service.serving import Service
from ops.service.time_watch import Clocks
from ops.service.timetable import timetable_of

_THREADS = 32
_ENDING = (signal.SIGTERM, signal.SIGINT)


def run_service(
    home: Home,
    on_ready: Callable[[], None],
    *,
    heeded: Iterable[signal.Signals] = _ENDING,
    watch_seconds: float = WATCH_SECONDS,
    clocks: Clocks | None = None,
) -> None:
    """Works for ``home`` until one of the signals ``heeded`` comes; ``on_ready`` is called once the service works.

    ``clocks`` stand for the real ones, for the demo.

    Raises:
        LeaseHeld: another service works for it.
        LeaseLost: another service has taken over.
        BadInput: its settings cannot be used.
        HomeUnusable: it cannot be written.
    """
    timetable_of(load_settings(home))  # refuses what would make every assessment fail
    held = take_lease(home, watch_seconds=watch_seconds)
    try:
        collect_seldom()
        log_event("service began", pid=held.lease.pid, host=held.lease.host)
        asyncio.run(_serve(held, on_ready, tuple(heeded), clocks))
    finally:
        held.close()


async def _serve(
    held: HeldLease, on_ready: Callable[[], None], heeded: tuple[signal.Signals, ...], clocks: Clocks | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # By default there are few on a small console: some that wait for a lock must not hold up the rest.
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, "service"))
    for number in heeded:
        loop.add_signal_handler(number, stop.set)
    await Service(held, make_duties, clocks).serve(stop, on_ready)
