"""Certificates of peers: an authority that is made at the start, and what it, or nobody, signed."""

import ipaddress
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


class CertificateKind(StrEnum):
    """What is right or wrong with a machine's certificate."""

    SIGNED = "signed"
    SELF_SIGNED = "self-signed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_NAME = "wrong-name"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, in one file; ``certificate`` is the certificate alone, PEM."""

    file: Path
    certificate: str
    authority_file: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server shows it with; clients' certificates of the same authority are taken."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        context.load_verify_locations(self.authority_file)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority of this run alone. ``file`` is its certificate."""

    folder: Path
    file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls) -> Self:
        """A new one, in a folder of its own."""
        folder = Path(tempfile.mkdtemp(prefix="winrm-peer-ca-"))
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Patchdeck peer authority")
        certificate = (
            _builder(name, name, key.public_key(), timedelta(days=-1), timedelta(days=100))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_signing_usage(), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = folder / "authority.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(folder, file, certificate, key)

    def issue(self, name: str, address: str, kind: CertificateKind = CertificateKind.SIGNED) -> Issued:
        """A certificate for the machine ``name`` at ``address``."""
        key = ec.generate_private_key(ec.SECP256R1())
        begins, ends = {
            CertificateKind.EXPIRED: (timedelta(days=-20), timedelta(days=-2)),
            CertificateKind.NOT_YET_VALID: (timedelta(days=2), timedelta(days=20)),
        }.get(kind, (timedelta(days=-1), timedelta(days=90)))
        is_own = kind is CertificateKind.SELF_SIGNED
        issuer = _name(name) if is_own else self.certificate.subject
        builder = _builder(_name(name), issuer, key.public_key(), begins, ends)
        builder = builder.add_extension(_names(name, address, kind), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return self._keep(builder.sign(key if is_own else self.key, hashes.SHA256()), key)

    def issue_client(self, user: str) -> Issued:
        """A certificate by which ``user`` logs in."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(user), self.certificate.subject, key.public_key(), -_DAY, 20 * _DAY)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        return self._keep(builder.sign(self.key, hashes.SHA256()), key)

    def remove(self) -> None:
        """Removes its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
        text = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.folder / f"{certificate.serial_number:x}.pem"
        path.touch(0o600)
        path.write_bytes(private + text)
        return Issued(path, text.decode("ascii"), self.file)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: timedelta, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )


def _names(name: str, address: str, kind: CertificateKind) -> x509.SubjectAlternativeName:
    if kind is CertificateKind.WRONG_NAME:
        return x509.SubjectAlternativeName([x509.DNSName("another-machine.example")])
    places = [x509.IPAddress(ipaddress.ip_address(address))]
    return x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName("localhost"), *places])


def _signing_usage() -> x509.KeyUsage:
    names = ("digital_signature", "key_cert_sign", "crl_sign")
    others = (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**dict.fromkeys(names, True), **dict.fromkeys(others, False))
