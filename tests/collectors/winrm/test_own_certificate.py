"""What is wrong with the key and the certificate that log in: each is named with its file, before anybody is asked."""

import contextlib
import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.secrets import Secret
from collectors.transports.winrm_own_certificate import load_own, require_file
from fleet.errors import BadInput

OPENER = "open sesame"


class Files:
    """A key, the same with a passphrase, another key, a certificate, one that has expired, and what is neither."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.key = self._keep("key.pem", _key_text(key))
        self.locked = self._keep("locked.pem", _key_text(key, OPENER))
        self.other = self._keep("other.pem", _key_text(other))
        self.certificate = self._keep("certificate.pem", _certificate_text(key, days=20))
        self.expired = self._keep("expired.pem", _certificate_text(key, days=-1))
        self.junk = self._keep("junk.pem", b"junk")
        self.missing = str(folder / "missing.pem")
        self.pipe = str(folder / "pipe")
        os.mkfifo(self.pipe)

    def _keep(self, name: str, text: bytes) -> str:
        path = self.folder / name
        path.write_bytes(text)
        return str(path)


def _key_text(key: ec.EllipticCurvePrivateKey, opener: str = "") -> bytes:
    how = serialization.BestAvailableEncryption(opener.encode()) if opener else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def _certificate_text(key: ec.EllipticCurvePrivateKey, days: int) -> bytes:
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "patcher")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=days))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Made once; nothing changes them."""
    return Files(tmp_path_factory.mktemp("own"))


def _load(files: Files, certificate: str, key: str, opener: str | None = None) -> None:
    secret = Secret(opener) if opener is not None else None
    load_own(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), getattr(files, certificate), getattr(files, key), lambda: secret)


def test_a_key_with_and_without_a_passphrase_is_taken(files: Files) -> None:
    """A passphrase that nobody needs is not asked for."""
    _load(files, "certificate", "key")
    _load(files, "certificate", "locked", OPENER)


@pytest.mark.parametrize(
    ("certificate", "key", "opener", "file", "words"),
    [
        ("missing", "key", None, "missing", "not there"),
        ("certificate", "missing", None, "missing", "not there"),
        ("certificate", "pipe", None, "pipe", "no file"),
        ("junk", "key", None, "junk", "no certificate"),
        ("certificate", "junk", None, "junk", "not a private key"),
        ("certificate", "other", None, "other", "another key"),
        ("expired", "key", None, "expired", "expired on"),
        ("certificate", "locked", None, "locked", "set-secret"),
        ("certificate", "locked", "wrong", "locked", "passphrase"),
        ("certificate", "locked", "x" * 2000, "locked", "longer"),
        ("certificate", "locked", "\u00e4" * 600, "locked", "longer"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(
    files: Files, certificate: str, key: str, opener: str | None, file: str, words: str
) -> None:
    """In one line, without the passphrase."""
    with pytest.raises(BadInput, match=words) as refused:
        _load(files, certificate, key, opener)
    assert str(refused.value).startswith(f"{getattr(files, file)}: ")
    assert opener is None or opener not in str(refused.value)


@pytest.mark.parametrize("make", [lambda files: files.pipe, lambda files: str(files.folder)], ids=["pipe", "folder"])
def test_authorities_that_are_no_file_are_refused_at_once(files: Files, make: Callable[[Files], str]) -> None:
    """OpenSSL would wait for a pipe for ever, and every other machine of the scan with it."""
    with pytest.raises(BadInput, match="no file"):
        require_file(make(files))


def test_a_machine_may_ask_for_it_when_the_connection_stands(files: Files) -> None:
    """HTTP.sys does, after it has read where to; over TLS 1.3 it may only where that was offered."""
    mine, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    mine.check_hostname, mine.verify_mode = False, ssl.CERT_NONE
    load_own(mine, files.certificate, files.key, lambda: None)
    theirs.load_cert_chain(files.certificate, files.key)
    theirs.post_handshake_auth, theirs.verify_mode = True, ssl.CERT_OPTIONAL
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client, server = mine.wrap_bio(back, there), theirs.wrap_bio(there, back, server_side=True)

    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()

    server.verify_client_post_handshake()
