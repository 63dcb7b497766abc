"""Trying the way to a machine before it is enrolled or changed: is it reached, is its key known, are we let in.

Nothing is stored, and nothing on the machine is changed.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from collectors.secrets import Secret, SecretSource
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, TransportKind
from ops.enrolment import Definition
from ops.home import Home
from ops.reach import locate_transcript, open_ssh
from ops.state.audit import utc_now

if TYPE_CHECKING:
    from collectors.greeting import Greeting
    from collectors.host_keys import HostKey
    from collectors.transports.opening import SshContext
    from fleet.profiles import Credentials

DEADLINE_SECONDS = 15.0
_KEY_NOT_TRUSTED = (FailureKind.HOST_KEY_UNKNOWN, FailureKind.HOST_KEY_CHANGED)


@dataclass(frozen=True, slots=True)
class Trial:
    """How the way to ``machine`` ended: with a greeting, or a failure.

    ``key`` is what the machine shows where its host key is what is missing; nobody has logged in then.
    """

    machine: Machine
    greeting: "Greeting | None" = None
    failure: Failure | None = None
    key: "HostKey | None" = None

    @property
    def has_changed_key(self) -> bool:
        """Whether the machine showed another host key than the one that is trusted."""
        return self.failure is not None and self.failure.kind is FailureKind.HOST_KEY_CHANGED


class WithoutPasswords:
    """``source`` without any secret: what is half typed must not get a password, nor start a command that has one."""

    def __init__(self, source: SecretSource) -> None:
        self._source = source

    async def credentials(self, machine: Machine, /) -> "Credentials":
        """What ``machine`` is logged in to with."""
        return await self._source.credentials(machine)

    def password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def passphrase(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None


def machine_to_try(definition: Definition, machine_id: str) -> Machine:
    """The machine that ``definition`` would make. The scope judges one with a new id by what is said of it here."""
    said = {field.name: getattr(definition, field.name) for field in fields(Definition)}
    if definition.transport is TransportKind.SSH and definition.address is None:
        said["address"] = definition.name
    return Machine(id=machine_id, created_at=utc_now(), **said)


async def try_machine(
    home: Home, machine: Machine, secrets: SecretSource, *, deadline_seconds: float = DEADLINE_SECONDS
) -> Trial:
    """Connects to ``machine`` and logs in, where its host key is trusted; cancelling it ends the connection.

    Raises:
        PatchdeckError: the home cannot be used for that; what the machine does wrong is in the trial.
    """
    from collectors.greeting import greet
    from collectors.transports.base import TransportFailed
    from collectors.transports.opening import open_transport

    async with open_ssh(home, secrets) as ssh:
        transport = open_transport(locate_transcript(home, machine), ssh)
        try:
            return Trial(machine, greeting=await greet(transport, deadline_seconds=deadline_seconds))
        except TransportFailed as error:
            if error.failure.kind in _KEY_NOT_TRUSTED:
                return await _fetch_key(machine, ssh, error.failure, deadline_seconds)
            return Trial(machine, failure=error.failure)
        finally:
            await transport.close()


async def _fetch_key(machine: Machine, ssh: "SshContext", failure: Failure, deadline_seconds: float) -> Trial:
    from collectors.host_keys import fetch_host_key
    from collectors.transports.base import TransportFailed

    try:
        key = await fetch_host_key(machine, ssh=ssh, deadline_seconds=deadline_seconds)
    except TransportFailed as error:
        return Trial(machine, failure=error.failure)
    return Trial(machine, failure=failure, key=key)
