"""Key files as they lie on the disk: private keys with their certificates, or why they cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
from asyncssh import SSHCertificate, SSHKeyPair

from collectors.secrets import Secret
from collectors.transports.ssh_certificates import read_certificate
from collectors.whole_files import read_whole

# The largest keys of OpenSSH are of RSA, 16 KiB.
_MOST_BYTES = 1_048_576


class KeyUnusable(Exception):
    """A key file that the machine asks for cannot be used; the message is what came back, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file; ``public_data`` is known also of an encrypted one that has its ``.pub`` beside it."""

    pairs: tuple[SSHKeyPair, ...] = ()
    problem: str = ""
    remedy: str = ""
    is_missing: bool = False
    is_locked: bool = False
    public_data: bytes | None = None


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A certificate for a key: what goes to the server, and what is said of it; or why it cannot be used."""

    path: Path
    certificate: SSHCertificate | None = None
    told: str = ""
    problem: str = ""

    def fits(self, pair: SSHKeyPair) -> bool:
        """Whether it certifies the key of ``pair``."""
        return self.certificate is not None and self.certificate.key.public_data == pair.key_public_data


def read_key_file(path: Path, passphrase: Secret | None = None) -> KeyFile:
    """The keys of ``path``, the certificate that lies beside it as ``PATH-cert.pub`` among them. May block."""
    try:
        read_whole(path, _MOST_BYTES)  # asyncssh would wait for a pipe
        pairs = tuple(asyncssh.load_keypairs(str(path), passphrase.reveal() if passphrase else None))
    except FileNotFoundError:
        return KeyFile(
            problem="is not there", remedy="Correct the machine's key file, or its profile's.", is_missing=True
        )
    except OSError as error:
        return KeyFile(problem=f"cannot be read: {error.strerror}", remedy="Correct its permissions.")
    except ValueError as error:
        # asyncssh: "Passphrase must be specified to import encrypted private keys". Its own errors never hold one.
        if passphrase is not None:
            return _encrypted(path, "is encrypted, and its passphrase does not open it", "Give the right passphrase.")
        return _locked(path) if "Passphrase" in str(error) else _public_only(path)
    return KeyFile(pairs, public_data=pairs[-1].key_public_data) if pairs else _public_only(path)


def read_certificate_file(path: Path) -> CertificateFile:
    """The certificate in ``path``. May block."""
    try:
        raw = read_whole(path, _MOST_BYTES)
        certificate = asyncssh.import_certificate(raw)
    except FileNotFoundError:
        return CertificateFile(path, problem="is not there")
    except OSError as error:
        return CertificateFile(path, problem=f"cannot be read: {error.strerror}")
    except ValueError:
        return CertificateFile(path, problem="holds no certificate of OpenSSH")
    return CertificateFile(path, certificate, tell_certificate(raw))


def tell_certificate(public_line: bytes) -> str:
    """What is said of a certificate where it was tried: whom it is for, and that it has expired."""
    found = read_certificate(public_line)
    if found is None:
        return "a certificate"
    problem = found.problem(datetime.now(UTC))
    return f"certificate {found.describe()}" + (f": {problem.upper()}" if problem else "")


def certify(pair: SSHKeyPair, certificates: Sequence[CertificateFile]) -> CertificateFile | None:
    """The first of ``certificates`` that is for the key of ``pair``."""
    return next((each for each in certificates if each.fits(pair)), None)


def _locked(path: Path) -> KeyFile:
    return _encrypted(
        path, "is encrypted and not in the agent", f"Run: ssh-add {path}, or give its profile the passphrase."
    )


def _encrypted(path: Path, problem: str, remedy: str) -> KeyFile:
    public_data = _read_public(Path(f"{path}.pub"))
    return KeyFile(problem=problem, remedy=remedy, is_locked=True, public_data=public_data)


def _public_only(path: Path) -> KeyFile:
    """A public key stands for the private one in the agent, as with OpenSSH's IdentityFile."""
    public_data = _read_public(path)
    if public_data is None:
        return KeyFile(problem="holds no key that can be read", remedy="Give a private key file.")
    return KeyFile(
        problem="is a public key whose private key is not in the agent",
        remedy="Give the private key, or add it to the agent.",
        public_data=public_data,
    )


def _read_public(path: Path) -> bytes | None:
    try:
        return asyncssh.import_public_key(read_whole(path, _MOST_BYTES)).public_data
    except (OSError, ValueError):
        return None
