"""Host keys: fetched to be shown, and written to the home's known_hosts when somebody accepted them."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from collectors.known_hosts_file import replace_known_hosts
from collectors.transports.base import TransportFailed
from collectors.transports.gate import admit
from collectors.transports.known_names import lookup_name
from collectors.transports.ssh_context import SshContext
from fleet.machines import Machine


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host key as known_hosts takes it.

    ``host`` and ``port`` are what known_hosts calls the machine; ``public_line`` is the kind and the key in base64;
    ``fingerprint`` is ``SHA256:…`` as OpenSSH prints it.
    """

    host: str
    port: int
    algorithm: str
    public_line: str
    fingerprint: str


async def fetch_host_key(machine: Machine, *, ssh: SshContext, deadline_seconds: float) -> HostKey:
    """The key that ``machine`` shows now, through its jump host where it has one. Nobody logs in to the machine.

    Raises:
        TransportFailed: it may not be touched, cannot be reached, or speaks no SSH.
    """
    from collectors.transports.ssh import target_of
    from collectors.transports.ssh_failures import failure_of
    from collectors.transports.ssh_journey import Journey

    await admit(machine, ssh.gate)
    target = target_of(machine)
    journey = Journey(f"SSH to {target.name}", machine.name, deadline_seconds)
    try:
        async with journey.on_time(), AsyncExitStack() as stack:
            found = await (await ssh.reach()).fetch_host_key(target, journey, stack)
    except TransportFailed:
        raise
    except Exception as error:  # the edge of the task: asyncssh passes on whatever a packet led to
        raise TransportFailed(failure_of(error, journey)) from error
    public_line = " ".join(found.key.export_public_key("openssh").decode().split()[:2])
    return HostKey(
        found.route.known_as,
        found.route.known_port,
        found.key.get_algorithm(),
        public_line,
        found.key.get_fingerprint(),
    )


def add_known_host(path: Path, key: HostKey) -> None:
    """Write ``key`` into the known_hosts file ``path`` as the only one of its host and port; see `replace_known_hosts`.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    replace_known_hosts(path, {lookup_name(key.host, key.port): (key.public_line,)})
