"""Jump hosts: how many machines behind one share one connection to it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack

from asyncssh import SSHClientConnection

from collectors.transports.ssh_config import SshTarget

OpenJump = Callable[[SshTarget, AsyncExitStack], Coroutine[None, None, SSHClientConnection]]


class JumpHosts:
    """One connection to each jump host, shared: a hundred machines behind one must not log in there a hundred times."""

    def __init__(self, open_jump: OpenJump) -> None:
        self._open = open_jump
        self._stack = AsyncExitStack()
        self._tasks: dict[SshTarget, asyncio.Task[SSHClientConnection]] = {}

    async def connection_to(self, target: SshTarget) -> SSHClientConnection:
        """The connection to ``target``, opened by who asks first, and again when it was lost.

        Raises:
            TransportFailed: it cannot be opened; told to all who wait, and tried again by who comes later.
        """
        task = self._tasks.get(target)
        if task is None or (task.done() and (task.cancelled() or task.exception() or task.result().is_closed())):
            task = asyncio.create_task(self._open(target, self._stack))
            # Looked at even when all who waited are gone: asyncio would complain on the terminal.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._tasks[target] = task
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Close them all, the farthest first."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._stack.aclose()
