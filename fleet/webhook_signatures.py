"""Signatures of webhooks, as Standard Webhooks 1.0.0 has them: an id, a time and HMAC-SHA256 over both and the body.

A receiver checks the signature, refuses a time that is more than some minutes away, and remembers the ids that it has
seen for so long: what was recorded on the way cannot be played to it again.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from fleet.errors import BadInput

ID_HEADER = "webhook-id"
TIME_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
KEY_PREFIX = "whsec_"
# The specification wants 24 to 64 bytes.
_LEAST_BYTES, _MOST_BYTES = 24, 64


def write_key(content: bytes) -> str:
    """Random bytes as the text of a key."""
    return f"{KEY_PREFIX}{base64.b64encode(content).decode('ascii')}"


def read_key(text: str) -> bytes:
    """The bytes of a key: ``whsec_`` and Base64.

    Raises:
        BadInput: it is no key; never says what came.
    """
    try:
        content = base64.b64decode(text.strip().removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not text.strip().startswith(KEY_PREFIX) or not _LEAST_BYTES <= len(content) <= _MOST_BYTES:
        # Without a cause: that holds what was given.
        raise BadInput(
            f"The key for signatures is not usable: {KEY_PREFIX} and the Base64 of {_LEAST_BYTES} to {_MOST_BYTES} "
            "random bytes. Have one made with --new-signing-key FILE."
        ) from None
    return content


def sign(key: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message that is sent ``at``."""
    seconds = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode("ascii")
    return {ID_HEADER: message_id, TIME_HEADER: seconds, SIGNATURE_HEADER: f"v1,{signature}"}
