"""A preview that the app makes: in a thread of its own, machines handed over as they come, stopped from the screen."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from ops.config import load_settings
from ops.home import Home
from tui.scanning import scan_options

if TYPE_CHECKING:
    from ops.deployments.preview import PreviewEvent


class Preview:
    """What ``deployment`` would do now; `run` is blocking, for a thread, `stop` may come from any other."""

    def __init__(self, home: Home, deployment: Deployment) -> None:
        self._home = home
        self._deployment = deployment
        self._is_stopped = False
        self._stop: Callable[[], None] = lambda: None

    def stop(self) -> None:
        """Asks no further machine; what is planned by then is shown."""
        self._is_stopped = True
        self._stop()

    def run(self, on_event: "Callable[[PreviewEvent], None]") -> Plan:
        """The plan; ``on_event`` is called in this thread.

        Raises:
            BadInput: a target or a wave that cannot be used.
        """
        return asyncio.run(self._make(on_event))

    async def _make(self, on_event: "Callable[[PreviewEvent], None]") -> Plan:
        from dataclasses import replace

        from ops.deployments.preview import preview_deployment

        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: None if loop.is_closed() else _call(loop, stop.set)
        if self._is_stopped:
            stop.set()
        options = replace(scan_options(self._home, load_settings(self._home)), refresh=True)
        return await preview_deployment(self._home, self._deployment, options, on_event, stop=stop)


def _call(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(act)
