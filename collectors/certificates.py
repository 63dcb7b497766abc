"""Certificates of machines that are reached over HTTPS: fetched to be shown, and kept when somebody accepted them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collectors.known_certificates_file import certificate_place, replace_certificates
from collectors.transports.gate import admit
from collectors.transports.ssh_context import SshContext
from fleet.machines import Machine


@dataclass(frozen=True, slots=True)
class Certificate:
    """A machine's own certificate, the leaf.

    ``host`` and ``port`` are where it was shown. ``fingerprint`` is ``SHA256:`` and 64 hexadecimal digits, which is
    what is trusted; ``thumbprint`` is the SHA-1 by which Windows lists it, to find it there. ``names`` are the hosts
    that it is made out to. ``problem`` says why its authorities do not vouch for it; empty: they do, and nobody needs
    to accept it.
    """

    host: str
    port: int
    fingerprint: str
    thumbprint: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    problem: str = ""

    @property
    def place(self) -> str:
        """What `collectors.known_certificates_file` calls the place where it was shown."""
        return certificate_place(self.host, self.port)


async def fetch_certificate(machine: Machine, *, ssh: SshContext, deadline_seconds: float) -> Certificate:
    """The certificate that ``machine`` shows now, whether it is trusted or not. Nobody logs in to the machine.

    Raises:
        TransportFailed: it may not be touched, is not reached over HTTPS, cannot be reached, or speaks no TLS.
    """
    from collectors.transports.winrm import show_certificate

    await admit(machine, ssh.gate)
    return await show_certificate(machine, ssh, deadline_seconds)


def add_known_certificate(path: Path, certificate: Certificate) -> None:
    """Write ``certificate`` into the home's file ``path`` as the only one of its place; see `replace_certificates`.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    replace_certificates(path, {certificate.place: certificate.fingerprint})
