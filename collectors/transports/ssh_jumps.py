"""Jump hosts: how machines behind one share a connection to it, and what is known of one that cannot be reached."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from asyncssh import OPEN_RESOURCE_SHORTAGE, ChannelOpenError, SSHClientConnection

from collectors.transports.base import TransportFailed
from collectors.transports.ssh_config import SshTarget

OpenJump = Callable[[SshTarget, AsyncExitStack], Coroutine[None, None, SSHClientConnection]]

# Beyond this, machines wait until another one behind the same jump host is done.
MOST_CONNECTIONS = 8


@dataclass(slots=True, eq=False)
class JumpLink:
    """One connection to a jump host. ``most`` is how many machines it carries at once, None until it refused one."""

    connection: SSHClientConnection
    carried: int = 0
    most: int | None = None

    @property
    def has_room(self) -> bool:
        """Whether one more machine can go through it."""
        return not self.connection.is_closed() and (self.most is None or self.carried < self.most)


@dataclass(slots=True, eq=False)
class JumpPlace:
    """The place of one machine on a link."""

    _link: JumpLink
    _room: asyncio.Event
    _is_left: bool = False

    @property
    def connection(self) -> SSHClientConnection:
        """The connection to go through."""
        return self._link.connection

    def leave(self) -> None:
        """Let another machine have it. Leaving twice is harmless."""
        if not self._is_left:
            self._is_left = True
            self._link.carried -= 1
            self._room.set()

    def is_refused(self, error: Exception) -> bool:
        """Whether ``error`` says that the link carries all it may (MaxSessions); that is remembered, the place left.

        A link that carries nothing else was refused for another reason.
        """
        is_shortage = isinstance(error, ChannelOpenError) and error.code == OPEN_RESOURCE_SHORTAGE
        if not is_shortage or self._link.carried < 2:
            return False
        self._link.most = self._link.carried - 1
        self.leave()
        return True


@dataclass(slots=True, eq=False)
class _JumpHost:
    links: list[JumpLink] = field(default_factory=list)
    opening: asyncio.Task[SSHClientConnection] | None = None
    failed: TransportFailed | None = None
    most_links: int = MOST_CONNECTIONS
    room: asyncio.Event = field(default_factory=asyncio.Event)

    def living(self) -> list[JumpLink]:
        """The links that are not closed."""
        self.links = [link for link in self.links if not link.connection.is_closed()]
        return self.links


class JumpHosts:
    """The connections to each jump host, shared: a hundred machines behind one must not log in there a hundred times.

    One is enough until the jump host refuses to carry more over it; then further ones are opened. A jump host that
    could not be reached is not tried again in the same scan: each of its machines would wait as long as the first one.
    """

    def __init__(self, open_jump: OpenJump) -> None:
        self._open = open_jump
        self._stack = AsyncExitStack()
        self._hosts: dict[SshTarget, _JumpHost] = {}

    async def place_on(self, target: SshTarget, stack: AsyncExitStack) -> "JumpPlace":
        """A place for one machine on a link to ``target``, left when ``stack`` is closed.

        Raises:
            TransportFailed: the jump host cannot be reached, or could not before.
        """
        host = self._hosts.setdefault(target, _JumpHost())
        link = await self._find_room(host, target)
        link.carried += 1
        place = JumpPlace(link, host.room)
        stack.callback(place.leave)
        return place

    async def close(self) -> None:
        """Close them all, the farthest first."""
        tasks = [host.opening for host in self._hosts.values() if host.opening is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stack.aclose()

    async def _find_room(self, host: _JumpHost, target: SshTarget) -> JumpLink:
        while True:
            link = next((link for link in host.living() if link.has_room), None)
            if link is not None:
                return link
            if host.failed is not None:
                raise host.failed
            if len(host.links) < host.most_links:
                await self._open_another(host, target)
            else:
                host.room.clear()
                await host.room.wait()

    async def _open_another(self, host: _JumpHost, target: SshTarget) -> None:
        """Open one more connection, once for all who wait for it."""
        if host.opening is None:
            host.opening = asyncio.create_task(self._open(target, self._stack))
            host.opening.add_done_callback(lambda done: _note(host, done))
        # What went wrong is in ``host`` then; whoever waits may be cancelled alone.
        await asyncio.wait([host.opening])


def _note(host: _JumpHost, done: asyncio.Task[SSHClientConnection]) -> None:
    host.opening = None
    error = None if done.cancelled() else done.exception()
    if error is None and not done.cancelled():
        host.links.append(JumpLink(done.result()))
    elif isinstance(error, TransportFailed) and not host.living():
        host.failed = error
    elif isinstance(error, TransportFailed):
        host.most_links = len(host.links)  # it takes no further one: those that there are carry the rest
    host.room.set()
