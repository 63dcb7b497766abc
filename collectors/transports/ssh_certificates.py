"""What OpenSSH certificates say of themselves, so that a failure can tell why one was not believed."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    load_ssh_public_identity,
)

from fleet.hostile import clean_name, decode
from fleet.name_lists import some_of

# A certificate that is valid for ever says so: PROTOCOL.certkeys.
_FOR_EVER = 2**64 - 1
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. No principals: it holds for all; None: valid from the beginning, or for ever."""

    key_id: str
    principals: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    authority: str

    def describe(self) -> str:
        """``'web-01' for web-01, valid until 2026-11-23 09:00 UTC, signed by SHA256:…``."""
        names = f"for {some_of(list(self.principals), _MOST_NAMED)}" if self.principals else "for every name"
        until = f"valid until {_time(self.valid_until)}" if self.valid_until else "valid for ever"
        return f"{self.key_id!r} {names}, {until}, signed by {self.authority}"

    def problem(self, now: datetime) -> str:
        """Why it does not hold ``now``; empty if it does."""
        if self.valid_until is not None and now >= self.valid_until:
            return f"expired on {_time(self.valid_until)}"
        if self.valid_from is not None and now < self.valid_from:
            return f"not valid before {_time(self.valid_from)}"
        return ""


def read_certificate(public_line: bytes) -> Certificate | None:
    """The certificate in a line ``ALGORITHM BASE64``, or None where it is none that can be read.

    Its texts are somebody else's, and clean. Its signature is not looked at: whoever believes it does that.
    """
    try:
        found = load_ssh_public_identity(public_line)
        if not isinstance(found, SSHCertificate):
            return None
        authority = found.signature_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return None
    return Certificate(
        key_id=clean_name(decode(found.key_id)),
        principals=tuple(clean_name(decode(name)) for name in found.valid_principals),
        valid_from=_moment(found.valid_after),
        valid_until=None if found.valid_before >= _FOR_EVER else _moment(found.valid_before),
        authority=_fingerprint(authority),
    )


def _fingerprint(public_line: bytes) -> str:
    digest = hashlib.sha256(base64.b64decode(public_line.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _moment(seconds: int) -> datetime | None:
    """A time of a certificate; None for its beginning, and for one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
