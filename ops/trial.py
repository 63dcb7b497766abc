"""Trying the way to a machine before it is enrolled or changed: is it reached, is its key trusted, are we let in.

Nothing is stored, and nothing on the machine is changed.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collectors.secrets import Secret, SecretSource
from fleet.errors import PatchdeckError
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, TransportKind
from fleet.reaching import way_of
from fleet.winrm import WinrmScheme
from ops.enrolment import Definition, machine_of
from ops.home import Home
from ops.reach import locate_transcript, open_ssh
from ops.state.audit import utc_now

if TYPE_CHECKING:
    from collectors.greeting import Greeting
    from collectors.host_keys import HostKey
    from collectors.transports.opening import SshContext
    from fleet.profiles import Credentials
    from ops.certificates import FetchedCertificate

DEADLINE_SECONDS = 15.0
_KEY_NOT_TRUSTED = (FailureKind.HOST_KEY_UNKNOWN, FailureKind.HOST_KEY_CHANGED)
_CERTIFICATE_NOT_TRUSTED = (FailureKind.CERTIFICATE_UNTRUSTED, FailureKind.CERTIFICATE_CHANGED)


@dataclass(frozen=True, slots=True)
class Trial:
    """How the way to ``machine`` ended: with a greeting, or a failure.

    ``key`` is what the machine shows where its host key is what is missing, ``certificate`` where its certificate is;
    nobody has logged in then. ``is_withheld``: nothing is wrong so far, and no password was sent to go on with.
    """

    machine: Machine
    greeting: "Greeting | None" = None
    failure: Failure | None = None
    key: "HostKey | None" = None
    certificate: "FetchedCertificate | None" = None
    is_withheld: bool = False

    @property
    def has_changed_key(self) -> bool:
        """Whether the machine showed another host key than the one that is trusted."""
        return self.failure is not None and self.failure.kind is FailureKind.HOST_KEY_CHANGED


class PasswordWithheld(PatchdeckError):
    """WinRM begins with a password, and what is half typed must not get one."""


class WithoutPasswords:
    """``source`` without any secret: what is half typed must not get a password, nor start a command that has one."""

    def __init__(self, source: SecretSource) -> None:
        self._source = source

    async def credentials(self, machine: Machine, /) -> "Credentials":
        """What ``machine`` is logged in to with."""
        return await self._source.credentials(machine)

    def password(self, machine: Machine, /) -> Secret | None:
        """None, always.

        Raises:
            PasswordWithheld: the machine is reached by WinRM, which would say that there is none.
        """
        if machine.transport is TransportKind.WINRM:
            raise PasswordWithheld("its password is not sent while it is being typed.")
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def passphrase(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None


def machine_to_try(definition: Definition, machine_id: str) -> Machine:
    """The machine that ``definition`` would make. The scope judges one with a new id by what is said of it here.

    Raises:
        BadInput: something in the definition cannot be used, or does not fit together.
    """
    return machine_of(definition, machine_id, utc_now())


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
            return Trial(machine, greeting=await greet(machine, transport, deadline_seconds=deadline_seconds))
        except TransportFailed as error:
            if error.failure.kind in _KEY_NOT_TRUSTED:
                return await _fetch_key(machine, ssh, error.failure, deadline_seconds)
            if error.failure.kind in _CERTIFICATE_NOT_TRUSTED:
                return await _fetch_certificate(home, machine, ssh, error.failure, deadline_seconds)
            ended = Trial(machine, failure=error.failure, is_withheld=isinstance(error.__cause__, PasswordWithheld))
            if error.failure.kind is FailureKind.BAD_CONFIGURATION and _has_certificate(machine):
                return await _look_only(home, ended, ssh, error.failure, deadline_seconds)
            return ended
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


def _has_certificate(machine: Machine) -> bool:
    way = way_of(machine)
    return way is not None and way.scheme is WinrmScheme.HTTPS


async def _look_only(home: Home, ended: Trial, ssh: "SshContext", failure: Failure, deadline_seconds: float) -> Trial:
    """What is found without a login, for want of a password: nobody is there, or the certificate is not trusted."""
    seen = await _fetch_certificate(home, ended.machine, ssh, failure, deadline_seconds)
    if seen.certificate is None:
        return seen
    if seen.certificate.is_trusted:
        return ended
    kind = FailureKind.CERTIFICATE_CHANGED if seen.certificate.known else FailureKind.CERTIFICATE_UNTRUSTED
    shown = seen.certificate.certificate
    came_back = f"its certificate is not trusted: {shown.problem or 'another one was accepted'}." if shown else ""
    return replace(seen, failure=replace(failure, kind=kind, came_back=came_back, remedy=""))


async def _fetch_certificate(
    home: Home, machine: Machine, ssh: "SshContext", failure: Failure, deadline_seconds: float
) -> Trial:
    from collectors.certificates import fetch_certificate
    from collectors.transports.base import TransportFailed
    from ops.certificates import accepted_certificates, judge_certificate

    try:
        certificate = await fetch_certificate(machine, ssh=ssh, deadline_seconds=deadline_seconds)
    except TransportFailed as error:
        return Trial(machine, failure=error.failure)
    accepted = await asyncio.to_thread(accepted_certificates, home)
    return Trial(machine, failure=failure, certificate=judge_certificate(machine, certificate, accepted))
