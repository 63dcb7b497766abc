"""Logging in to the machines of a profile: in a thread of its own, each word handed over as it comes."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ops.home import Home

if TYPE_CHECKING:
    from collectors.secrets import SecretSource
    from fleet.machines import Machine
    from ops.credentials.proving import Proof


class Proving:
    """Logs in to ``machines``; `run` is blocking, for a thread, `stop` may come from any other."""

    def __init__(self, home: Home, machines: "Sequence[Machine]") -> None:
        self._home = home
        self._machines = machines
        self._is_stopped = False
        self._stop: Callable[[], None] = lambda: None

    def stop(self) -> None:
        """Begins with no further machine; the rest is unreached."""
        self._is_stopped = True
        self._stop()

    def run(self, on_proof: "Callable[[Proof], None]") -> "list[Proof]":
        """What came of each machine; ``on_proof`` is called in this thread.

        Raises:
            PatchdeckError: the home cannot be used for that.
        """
        return asyncio.run(self._prove(on_proof))

    async def _prove(self, on_proof: "Callable[[Proof], None]") -> "list[Proof]":
        from ops.credentials.finding import HomeSecrets
        from ops.credentials.proving import prove

        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: None if loop.is_closed() else _set_in(loop, stop)
        if self._is_stopped:
            stop.set()
        source: SecretSource = HomeSecrets(self._home)
        return await prove(self._home, self._machines, source, on_proof=on_proof, stop=stop)


def _set_in(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)
