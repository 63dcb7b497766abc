"""Accepting a machine's host key: an act of a person who compared its fingerprint, and one that is audited."""

from contextlib import closing
from typing import TYPE_CHECKING

from collectors.secrets import NoSecrets
from fleet.errors import BadInput, PatchdeckError
from fleet.machines import Machine, TransportKind
from ops.home import Home
from ops.reach import open_ssh
from ops.state.audit import Audit
from ops.state.database import connect

if TYPE_CHECKING:
    from collectors.host_keys import HostKey


class HostKeyNotFetched(PatchdeckError):
    """The machine did not show its host key; says what was tried and what came back."""


async def fetch_key(home: Home, machine: Machine, *, deadline_seconds: float = 15.0) -> "HostKey":
    """The host key that ``machine`` shows now, not trusted yet: compare its fingerprint with the machine's own.

    Raises:
        BadInput: the machine is not reached over SSH.
        HostKeyNotFetched: it did not show one.
    """
    from collectors.host_keys import fetch_host_key
    from collectors.transports.base import TransportFailed

    if machine.transport is not TransportKind.SSH:
        raise BadInput(f"{machine.name} is reached by the transport {machine.transport.value!r}: it has no host key.")
    async with open_ssh(home, NoSecrets()) as ssh:
        try:
            return await fetch_host_key(machine, ssh=ssh, deadline_seconds=deadline_seconds)
        except TransportFailed as error:
            raise HostKeyNotFetched(f"{machine.name}: {error.failure.describe()}") from error


def accept_key(home: Home, machine: Machine, key: "HostKey") -> None:
    """Trusts ``key`` for ``machine`` from now on, in the place of any other key of that address; audited.

    Raises:
        HomeUnusable: the home's known_hosts or its state cannot be written.
    """
    from collectors.host_keys import add_known_host
    from fleet.errors import HomeUnusable

    with closing(connect(home.state_file)) as connection:
        try:
            add_known_host(home.known_hosts, key)
        except OSError as error:
            raise HomeUnusable(f"Cannot write {home.known_hosts}: {error.strerror}.") from error
        Audit(connection).record("machine.accept-key", machine.name, None, f'"{key.algorithm} {key.fingerprint}"')
