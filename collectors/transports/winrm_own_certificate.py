"""The key and the certificate that log in by TLS, put into a context; what is wrong with them is named by file."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from collectors.secrets import Secret
from fleet.errors import BadInput

# OpenSSL takes no longer one.
_MOST_PASSPHRASE_BYTES = 1024
_WORDS = {
    "KEY_VALUES_MISMATCH": "the certificate is that of another key.",
    "BAD_DECRYPT": "the passphrase of the profile does not open the key.",
}


def load_own(
    made: ssl.SSLContext, certificate_file: str, key_file: str, passphrase: Callable[[], Secret | None]
) -> None:
    """Let ``made`` show the certificate where a machine asks for it; ``passphrase`` is asked where the key needs one.

    Raises:
        BadInput: a file is not there, is not what it should be, or the machine will not take it.
    """
    for path in (key_file, certificate_file):
        require_file(path)
    ends_at = _end_of(certificate_file)
    if ends_at < datetime.now(UTC):
        raise BadInput(f"{certificate_file}: the certificate expired on {ends_at:%Y-%m-%d}; put a new one there.")
    # HTTP.sys asks for it when the connection stands, which TLS 1.3 (Server 2022 and newer) has to be told beforehand.
    made.post_handshake_auth = True
    opener = _Opener(passphrase, key_file)
    try:
        made.load_cert_chain(certificate_file, key_file, password=opener)
    except ssl.SSLError as error:
        words = _WORDS.get(error.reason or "", "not a private key in PEM, or the passphrase does not open it.")
        raise BadInput(f"{key_file}: {words}") from error
    except OSError as error:
        raise BadInput(f"{key_file}: {error.strerror}.") from error


def require_file(path: str) -> None:
    """Nothing, if ``path`` is a file that can be read: OpenSSL names none, and waits for a pipe for ever.

    Raises:
        BadInput: it is none.
    """
    try:
        if not Path(path).is_file():
            raise BadInput(f"{path}: it is not there, or no file.")
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}.") from error


class _Opener:
    """What OpenSSL asks for the passphrase: without it, it would ask at the terminal."""

    def __init__(self, passphrase: Callable[[], Secret | None], key_file: str) -> None:
        self._passphrase = passphrase
        self._key_file = key_file

    def __call__(self) -> bytes:
        secret = self._passphrase()
        if secret is None:
            words = "has a passphrase, and the profile has none: patchdeck profiles set-secret PROFILE passphrase"
            raise BadInput(f"{self._key_file}: the key {words}")
        opener = secret.reveal().encode()
        if len(opener) > _MOST_PASSPHRASE_BYTES:
            raise BadInput(f"{self._key_file}: the passphrase of the profile is longer than a key can have.")
        return opener


def _end_of(certificate_file: str) -> datetime:
    try:
        certificates = x509.load_pem_x509_certificates(Path(certificate_file).read_bytes())
    except OSError as error:
        raise BadInput(f"{certificate_file}: {error.strerror}.") from error
    except ValueError as error:
        raise BadInput(f"{certificate_file}: no certificate in PEM.") from error
    return certificates[0].not_valid_after_utc
