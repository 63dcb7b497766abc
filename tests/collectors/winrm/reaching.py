"""Reaching a peer as Patchdeck does: a machine, its secrets, and a transport over a context that is closed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from collectors.secrets import Secret
from collectors.transports.base import Transport
from collectors.transports.opening import SshContext, load_ssh_context, open_transport
from collectors.windows.answer import read_answer
from collectors.windows.script_call import call_script
from fleet.machines import Machine, TransportKind
from fleet.profiles import Credentials, own_credentials
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from tests.winrm_peer.endpoint import Endpoint

PASSWORD = "Correct-Horse-7"  # a password of nobody; the peer's own


@dataclass(frozen=True, slots=True)
class OnePassword:
    """A source that has one password, and what a profile would say."""

    text: str = PASSWORD
    key_file: str | None = None
    certificate_file: str | None = None
    opener: str | None = None

    async def credentials(self, machine: Machine, /) -> Credentials:
        """What the machine says itself, with the files."""
        return replace(own_credentials(machine), key_file=self.key_file, certificate_file=self.certificate_file)

    def password(self, _machine: Machine, /) -> Secret | None:
        """The password."""
        return Secret(self.text) if self.text else None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def passphrase(self, _machine: Machine, /) -> Secret | None:
        """What opens the key file."""
        return Secret(self.opener) if self.opener is not None else None


def machine_at(endpoint: Endpoint, kind: WinrmKind = WinrmKind.NTLM, user: str = "patcher") -> Machine:
    """The machine behind ``endpoint``, which trusts the peer's authority over HTTPS, and may be asked in clear text."""
    way = WinrmWay(
        scheme=WinrmScheme(endpoint.scheme),
        kind=kind,
        ca_file=str(endpoint.ca_file) if endpoint.ca_file else None,
        is_clear_text_allowed=True,
    )
    return Machine(
        id="5d8a0b9e-9c06-4a51-8f7a-5d1f0a3b9c11",
        name="web-01",
        transport=TransportKind.WINRM,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        address=endpoint.address,
        port=endpoint.port,
        user=user,
        winrm=way,
    )


@asynccontextmanager
async def reaching(
    machine: Machine, secrets: OnePassword | None = None, known_certificates: Path | None = None
) -> AsyncIterator[Transport]:
    """The transport to ``machine``."""
    async with context_of(secrets, known_certificates) as context:
        yield open_transport(machine, context)


@asynccontextmanager
async def context_of(
    secrets: OnePassword | None = None, known_certificates: Path | None = None
) -> AsyncIterator[SshContext]:
    """A context as a scan has it."""
    context = await load_ssh_context(
        known_hosts_files=(),
        config_files=(),
        secrets=secrets or OnePassword(),
        known_certificates=known_certificates,
    )
    try:
        yield context
    finally:
        await context.close()


async def greeted_by(machine: Machine, secrets: OnePassword | None = None, known: Path | None = None) -> object:
    """The name of the host that ``machine`` gives when greeted."""
    call = call_script("greet")
    async with reaching(machine, secrets, known) as transport:
        result = await transport.run(call.payload, deadline_seconds=20.0, max_output_bytes=100_000)
    return read_answer(result.stdout, call.marker)["host"]
