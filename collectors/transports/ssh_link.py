"""The connected socket under an SSH connection: TCP, or the configuration's ProxyCommand."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from typing import cast

from collectors.transports.ssh_config import SshRoute
from collectors.transports.ssh_journey import Journey, Stage

# A name often has an IPv6 address that leads nowhere before the IPv4 address that works.
_SECONDS_BEFORE_NEXT_ADDRESS = 3.0

_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]


@asynccontextmanager
async def open_link(route: SshRoute, journey: Journey, lookups: Executor) -> AsyncIterator[socket.socket]:
    """A socket connected to the host of ``route``; closed at the end, and its ProxyCommand ended.

    Raises:
        OSError: it cannot be connected.
    """
    journey.enter(Stage.CONNECT, route.connect_seconds or journey.connect_seconds)
    if route.proxy_command is not None:
        async with _run_proxy_command(route.proxy_command) as link:
            yield link
        return
    with await _connect(route, journey, lookups) as link:
        yield link


async def _connect(route: SshRoute, journey: Journey, lookups: Executor) -> socket.socket:
    addresses = await _look_up(route, journey, lookups)
    for address in addresses[:-1]:
        try:
            async with asyncio.timeout(_SECONDS_BEFORE_NEXT_ADDRESS):
                return await _connect_to(address, route)
        except OSError:
            continue
    return await _connect_to(addresses[-1], route)


async def _look_up(route: SshRoute, journey: Journey, lookups: Executor) -> list[_Address]:
    def ask(flags: int) -> list[_Address]:
        found = socket.getaddrinfo(route.host, route.port, route.options.family, socket.SOCK_STREAM, flags=flags)
        return cast("list[_Address]", found)

    try:
        return ask(socket.AI_NUMERICHOST)  # an address needs no thread
    except socket.gaierror:
        journey.is_looking_up = True
    addresses = await asyncio.get_running_loop().run_in_executor(lookups, ask, 0)
    journey.is_looking_up = False
    return addresses


async def _connect_to(address: _Address, route: SshRoute) -> socket.socket:
    family, kind, protocol, _, where = address
    link = socket.socket(family, kind, protocol)
    try:
        link.setblocking(False)
        if route.options.local_addr is not None:
            link.bind(route.options.local_addr)
        await asyncio.get_running_loop().sock_connect(link, where)
    except BaseException:
        link.close()
        raise
    return link


@asynccontextmanager
async def _run_proxy_command(command: str) -> AsyncIterator[socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours:
        with theirs:
            process = await asyncio.create_subprocess_shell(
                f"exec {command}",
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            yield ours
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
