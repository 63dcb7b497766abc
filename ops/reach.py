"""What is read once for a whole scan to reach machines over SSH: known hosts, configuration, where passwords are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.secrets import SecretSource
from fleet.machines import Machine
from ops.home import Home
from ops.permission import require_writable

if TYPE_CHECKING:
    from collectors.transports.opening import SshContext


@asynccontextmanager
async def open_ssh(home: Home, secrets: SecretSource) -> AsyncIterator["SshContext"]:
    """The SSH context of this home and this user, closed at the end.

    Host keys are trusted that were accepted into the home, or that the user's or the system's OpenSSH knows. Before
    each connection the scope is asked, as it is then: nothing else makes a context over a home.

    Raises:
        NotPermitted: this process does not change the home, so that it could keep nothing of what machines say.
    """
    require_writable(home.path, "reach machines")
    from collectors.transports.opening import load_ssh_context
    from ops.scope import ScopeGate

    gate = ScopeGate(home)
    context = await load_ssh_context(
        known_hosts_files=known_hosts_files(home),
        config_files=(Path.home() / ".ssh" / "config", Path("/etc/ssh/ssh_config")),
        secrets=secrets,
        gate=gate,
        known_certificates=home.known_certificates,
    )
    try:
        yield context
    finally:
        gate.close()
        await context.close()


def known_hosts_files(home: Home) -> tuple[Path, ...]:
    """Where host keys are known from: the home, the user's and the system's OpenSSH, believed in this order."""
    return home.known_hosts, Path.home() / ".ssh" / "known_hosts", Path("/etc/ssh/ssh_known_hosts")


def locate_transcript(home: Home, machine: Machine) -> Machine:
    """``machine`` with the whole path of its transcript; one that is not absolute lies in the home."""
    if machine.transcript is None:
        return machine
    return replace(machine, transcript=str(home.path / Path(machine.transcript).expanduser()))
