"""The demo with machines that live: Windows machines that exist only in processes beside it, on loopback.

They are the peers of the tests, which speak WS-Management and SSH: they are assessed and patched over the same code as
real ones. No Windows runs anywhere.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from ops.demo import Demo, open_demo
from ops.demo_live_enrolment import enrol_live
from ops.demo_live_processes import open_peers, open_service


@dataclass(frozen=True, slots=True)
class LiveDemo:
    """The demo, its present, which is that of its machines too, and the names of those that live."""

    demo: Demo
    clock: Callable[[], datetime]
    machines: tuple[str, ...]


@contextmanager
def open_live_demo(count: int) -> Iterator[LiveDemo]:
    """A fresh copy of the sample home with ``count`` machines by WinRM and one by SSH in it, which end with it.

    Raises:
        SampleDataMissing: this installation has no sample data, or no peers.
        LiveDemoBroken: a process of it does not start.
    """
    with ExitStack() as stack:
        demo = stack.enter_context(open_demo())
        clock = demo.clock()
        peers = stack.enter_context(open_peers(count, clock()))
        names = enrol_live(demo.home, peers, clock)
        stack.enter_context(open_service(demo.home, clock()))
        yield LiveDemo(demo, clock, names)
