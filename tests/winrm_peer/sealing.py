"""Messages sealed by NTLM, as WinRM carries them over HTTP: a body of two parts. Source: [MS-WSMV] 2.2.9.1."""

import struct
from typing import Any

_PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
_BOUNDARY = b"--Encrypted Boundary"
SEALED_TYPE = f'multipart/encrypted;protocol="{_PROTOCOL}";boundary="Encrypted Boundary"'
_SIGNATURE_BYTES = 16


class Unreadable(Exception):
    """A message that does not open with the keys of its connection."""


def is_sealed(content_type: str) -> bool:
    """Whether a body of this type is sealed."""
    return content_type.startswith("multipart/")


def unseal(context: Any, body: bytes) -> bytes:
    """What stands in a sealed body. ``context`` is spnego's, None where nobody logged in.

    Raises:
        Unreadable: it was sealed with other keys, or is no sealed body.
    """
    from spnego.exceptions import SpnegoError

    head, found, rest = body.partition(b"\tContent-Type: application/octet-stream\r\n")
    sealed = rest.removesuffix(_BOUNDARY + b"--\r\n")
    if not found or context is None or len(sealed) < 4 + _SIGNATURE_BYTES:
        raise Unreadable
    try:
        (length,) = struct.unpack("<i", sealed[:4])
        content: bytes = context.unwrap(sealed[4:]).data
    except (SpnegoError, struct.error, ValueError) as error:
        raise Unreadable from error
    said = int(head.partition(b"Length=")[2].partition(b"\r\n")[0] or -1)
    if length != _SIGNATURE_BYTES or said != len(content):
        raise Unreadable
    return content


def seal(context: Any, content: bytes, is_mac_wrong: bool = False) -> bytes:
    """The sealed body that carries ``content``."""
    wrapped: bytes = context.wrap(content, encrypt=True).data
    if is_mac_wrong:
        wrapped = wrapped[:4] + bytes(byte ^ 0xFF for byte in wrapped[4:12]) + wrapped[12:]
    lines = (
        _BOUNDARY,
        b"\tContent-Type: " + _PROTOCOL.encode("ascii"),
        b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=" + str(len(content)).encode("ascii"),
        _BOUNDARY,
        b"\tContent-Type: application/octet-stream",
    )
    head = b"".join(line + b"\r\n" for line in lines)
    return head + struct.pack("<i", _SIGNATURE_BYTES) + wrapped + _BOUNDARY + b"--\r\n"
