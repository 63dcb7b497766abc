"""From a name to an SSH connection that is logged in: route, keys, link or jump host, handshake, login."""

import asyncio
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncssh
from asyncssh import SSHClientConnection, SSHClientConnectionOptions, SSHKey

from collectors.secrets import Secret, SecretUnavailable
from collectors.transports.base import TransportFailed
from collectors.transports.ssh_algorithms import host_key_algorithms
from collectors.transports.ssh_config import SshRoute, SshTarget
from collectors.transports.ssh_equipment import SshEquipment
from collectors.transports.ssh_handshake import Handshakes
from collectors.transports.ssh_journey import BANNER_SECONDS, CONNECT_SECONDS, LOGIN_SECONDS, Journey, Stage
from collectors.transports.ssh_jumps import JumpHosts, JumpPlace
from collectors.transports.ssh_keys import KeyOffer
from collectors.transports.ssh_known_hosts import KnownKeys
from collectors.transports.ssh_link import open_link
from collectors.transports.ssh_login import AskSecret, Login
from collectors.transports.ssh_starts import HANDSHAKES_PER_CORE, Starts, available_cores
from collectors.transports.ssh_trust import fingerprint, untrusted_key
from fleet.profiles import LoginBy


@dataclass(frozen=True, slots=True)
class AskedSecrets:
    """Who is asked for a machine's password, and for what opens its key file."""

    password: AskSecret
    passphrase: AskSecret


@dataclass(frozen=True, slots=True)
class SshWay:
    """A way to a host on which SSH can begin: a connected socket, or a jump host to connect through."""

    route: SshRoute
    sock: socket.socket | None = None
    jump: JumpPlace | None = None

    @property
    def tunnel(self) -> SSHClientConnection | None:
        """The jump host's connection, if there is one."""
        return self.jump.connection if self.jump is not None else None


@dataclass(frozen=True, slots=True)
class FoundHostKey:
    """The key that a host showed, and how it was reached."""

    route: SshRoute
    key: SSHKey


class SshReach:
    """Opens connections for one scan; jump hosts are shared among them."""

    def __init__(self, equipment: SshEquipment) -> None:
        self._equipment = equipment
        self._jumps = JumpHosts(self._open_jump)
        self._handshakes = Handshakes()
        self.starts = Starts(HANDSHAKES_PER_CORE * available_cores())

    async def open_connection(
        self, target: SshTarget, journey: Journey, ask: AskedSecrets, stack: AsyncExitStack
    ) -> SSHClientConnection:
        """A connection to ``target`` that is logged in, closed with ``stack``; ``ask`` is asked when it is needed.

        Raises:
            TransportFailed: the host key is not trusted, or the jump host cannot be reached.
            Exception: anything else, told by `ssh_failures.failure_of`.
        """
        route = await self._find_route(target, journey)
        # Before anything is connected: whoever has a passphrase may have to be asked, and takes his time.
        keys = await self._equipment.keys.offers_for(route, ask.passphrase)
        journey.left_out = keys.left_out
        connection = None
        while connection is None:
            way = await self._open_way(route, journey, stack)
            connection = await self._log_in(way, journey, keys.offers, ask)
        stack.push_async_callback(_end, connection)
        journey.enter(Stage.SESSION)
        return connection

    async def _log_in(
        self, way: SshWay, journey: Journey, offers: tuple[KeyOffer, ...], ask: AskedSecrets
    ) -> SSHClientConnection | None:
        """A connection that is logged in, or None where the jump host carries no more over this connection to it."""
        login = Login(journey, offers, _no_secret if way.route.login_by is LoginBy.KEY else ask.password)
        known = self._equipment.known_hosts.find(way.route.known_as, way.route.known_port, way.route.known_hosts_files)
        try:
            connection = await self._handshakes.connect(
                way.route, known, lambda: login, sock=way.sock, tunnel=way.tunnel, note_key=login.note_host_key
            )
            key = connection.get_server_host_key()
            journey.host_key = fingerprint(key) if key is not None else None
            return connection
        except asyncssh.HostKeyNotVerifiable as error:
            raise TransportFailed(untrusted_key(login.offered, error.reason, known, journey)) from error
        except asyncssh.PermissionDenied as error:
            if login.secret_problem:
                raise SecretUnavailable(login.secret_problem) from error
            raise
        except asyncssh.ChannelOpenError as error:
            if way.jump is not None and way.jump.is_refused(error):
                return None
            raise

    async def fetch_host_key(self, target: SshTarget, journey: Journey, stack: AsyncExitStack) -> FoundHostKey:
        """The key that ``target`` shows and proves to have, whether it is known or not. Nobody logs in.

        Raises:
            TransportFailed: the jump host cannot be reached.
            Exception: anything else, told by `ssh_failures.failure_of`.
        """
        way = await self._open_way(await self._find_route(target, journey), journey, stack)
        login = Login(journey, (), _no_secret)
        key = await asyncssh.get_server_host_key(
            way.route.host,
            way.route.port,
            options=SSHClientConnectionOptions(way.route.options, client_factory=lambda: login),
            config=None,
            server_host_key_algs=host_key_algorithms(way.route, KnownKeys()),
            sock=way.sock,
            tunnel=way.tunnel,
        )
        if key is None:  # only key exchanges with Kerberos go without, and none is offered
            raise asyncssh.HostKeyNotVerifiable("no host key was shown")
        return FoundHostKey(way.route, key)

    async def _find_route(self, target: SshTarget, journey: Journey) -> SshRoute:
        route = await self._equipment.routes.find(target)
        role = "jump host " if journey.machine_name is None else ""
        journey.tried = f"SSH to {role}{route.shown}" + (f" through {route.jump.name}" if route.jump else "")
        return route

    async def _open_way(self, route: SshRoute, journey: Journey, stack: AsyncExitStack) -> SshWay:
        """The way along ``route``; what it opens is closed with ``stack``.

        Raises:
            TransportFailed: the jump host cannot be reached.
            Exception: anything else, told by `ssh_failures.failure_of`.
        """
        if route.jump is None:
            link = await stack.enter_async_context(open_link(route, journey, self._equipment.lookups))
            return SshWay(route, sock=link)
        journey.enter(Stage.JUMP)
        jump = await self._jumps.place_on(route.jump, stack)
        journey.enter(Stage.CONNECT, route.connect_seconds or CONNECT_SECONDS)
        return SshWay(route, jump=jump)

    async def close(self) -> None:
        """Close the connections to jump hosts, and what the connections used."""
        await self._jumps.close()
        await self._equipment.close()

    async def _open_jump(self, target: SshTarget, stack: AsyncExitStack) -> SSHClientConnection:
        """Log in to a jump host, with keys alone: the password of a machine is for that machine."""
        seconds = CONNECT_SECONDS + BANNER_SECONDS + LOGIN_SECONDS

        async def attempt(journey: Journey) -> SSHClientConnection:
            async with journey.on_time(), AsyncExitStack() as opened:
                connection = await self.open_connection(target, journey, _NOTHING_TO_ASK, opened)
                stack.push_async_exit(opened.pop_all())
                return connection

        return await self.starts.connect(Journey(f"SSH to jump host {target.name}", None, seconds), attempt)


async def _no_secret() -> Secret | None:
    return None


_NOTHING_TO_ASK = AskedSecrets(_no_secret, _no_secret)


async def _end(connection: SSHClientConnection) -> None:
    connection.close()
    # close() does not wait for the other side: this is a step or two of the loop.
    await asyncio.wait_for(connection.wait_closed(), 1.0)
