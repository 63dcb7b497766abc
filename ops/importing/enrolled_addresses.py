"""The addresses at which machines are enrolled, or were until they were retired: no probe knocks there."""

import asyncio
import ipaddress
import json
import socket
from collections.abc import Iterable
from contextlib import suppress

from ops.home import Home
from ops.state.database import opened
from ops.state.machines import MachineBook

# Names are looked up so that a machine is not touched by its address that may not be touched by its name.
_LOOK_UP_SECONDS = 5.0
_AT_ONCE = 32


def enrolled_addresses(home: Home) -> dict[str, str]:
    """The names of enrolled and retired machines by their addresses, as they are written there, folded."""
    with opened(home.state_file) as connection:
        found = {
            machine.address.casefold(): machine.name
            for machine in MachineBook(connection).list_machines()
            if machine.address is not None
        }
        for name, document in connection.execute("SELECT name, document FROM retired"):
            address = _address_in(document)
            if address:
                found.setdefault(address.casefold(), name)
    return found


async def with_looked_up(found: dict[str, str]) -> dict[str, str]:
    """``found``, and the addresses to which host names among them lead, as far as that is known in a few seconds."""
    whole = dict(found)
    limit = asyncio.Semaphore(_AT_ONCE)

    async def look_up(host: str) -> None:
        async with limit:
            for address in await addresses_of(host):
                whole.setdefault(address, found[host])

    names = [host for host in found if not _is_address(host)]
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            await asyncio.gather(*(look_up(host) for host in names))
    return whole


async def addresses_of(host: str) -> list[str]:
    """The addresses to which a host name leads, or the address itself; none where that is not known."""
    if _is_address(host):
        return [host]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _address_in(document: str) -> str:
    """The address in what is kept of a retired machine, however deep it lies there."""
    pending: list[object] = [json.loads(document)]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("address"), str):
                return str(value["address"])
            pending += _inner(value.values())
    return ""


def _inner(values: Iterable[object]) -> list[object]:
    return [value for value in values if isinstance(value, dict)]
