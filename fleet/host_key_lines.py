"""Public host keys as text: read strictly, since a machine may say anything, and told by their fingerprints."""

import base64
import binascii
import hashlib
import re

from fleet.errors import BadInput

_LINE = re.compile(r"(?P<algorithm>[a-z0-9-]{1,40}) (?P<blob>[A-Za-z0-9+/]{1,8000}={0,2})(?: .*)?")
# Bytes of an uncompressed point and its mark: RFC 5656, section 3.1.
_CURVES = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
_ED25519_BYTES = 32
# OpenSSH's RequiredRSASize is 1024; NIST SP 800-131A lets nobody rely on fewer than 2048.
_LEAST_RSA_BITS = 2048
_MOST_RSA_BITS = 16_384  # OpenSSH's own limit: sshbuf.h, SSHBUF_MAX_BIGNUM


def check_host_key(text: str) -> str:
    """``ALGORITHM BASE64`` of a line of a ``.pub`` file, without its comment.

    Raises:
        BadInput: it is no public key, or one of a kind that nobody should rely on.
    """
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise BadInput(f"{text[:40]!r} is not a public key: expected ALGORITHM BASE64.")
    algorithm = found["algorithm"]
    fields = _fields(_decode(found["blob"], algorithm), algorithm)
    if fields[0] != algorithm.encode():
        raise BadInput(f"A key that calls itself {algorithm} is of another kind.")
    _check_fields(algorithm, fields[1:])
    return f"{algorithm} {found['blob']}"


def fingerprint(line: str) -> str:
    """``SHA256:…`` of a line ``ALGORITHM BASE64``, as OpenSSH prints it; of one that holds no key it says so."""
    try:
        digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    except (ValueError, IndexError):
        return "(not a key)"
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def describe_key(line: str) -> str:
    """``ssh-ed25519 SHA256:…``."""
    return f"{line.split(maxsplit=1)[0]} {fingerprint(line)}"


def _decode(blob: str, algorithm: str) -> bytes:
    try:
        return base64.b64decode(blob, validate=True)
    except binascii.Error as error:
        raise BadInput(f"A key of {algorithm} is not whole: its base64 is broken.") from error


def _fields(raw: bytes, algorithm: str) -> list[bytes]:
    """The strings of which the key consists: RFC 4253, section 6.6."""
    fields, at = [], 0
    while at < len(raw):
        end = at + 4 + int.from_bytes(raw[at : at + 4], "big")
        if end > len(raw):
            raise BadInput(f"A key of {algorithm} is not whole: it ends too early.")
        fields.append(raw[at + 4 : end])
        at = end
    return fields


def _check_fields(algorithm: str, fields: list[bytes]) -> None:
    curve = algorithm.removeprefix("ecdsa-sha2-")
    if algorithm == "ssh-ed25519":
        fits = [len(field) for field in fields] == [_ED25519_BYTES]
    elif algorithm == "ssh-rsa":
        fits = len(fields) == 2 and _is_strong_rsa(fields[1])
    elif curve in _CURVES and curve != algorithm:
        fits = len(fields) == 2 and fields[0] == curve.encode() and len(fields[1]) == _CURVES[curve]
    else:
        raise BadInput(f"Keys of {algorithm} are not relied on: Ed25519, ECDSA and RSA are.")
    if not fits:
        raise BadInput(f"A key of {algorithm} does not have the size of one, or is too short to rely on.")


def _is_strong_rsa(modulus: bytes) -> bool:
    return _LEAST_RSA_BITS <= int.from_bytes(modulus, "big").bit_length() <= _MOST_RSA_BITS
