"""Reading an introduction from whoever is at the other end: so many bytes, so long, and no more."""

import os
import select
import time

from fleet.introductions import ENDING, MOST_BYTES, UnreadableIntroduction

DEADLINE_SECONDS = 20.0
_PIECE_BYTES = 16_384
_ENDINGS = tuple(f"\n{ENDING}{newline}".encode() for newline in ("\n", "\r\n"))


def read_introduction(descriptor: int, deadline_seconds: float = DEADLINE_SECONDS) -> bytes:
    """What comes in until its last line, or until the sender has no more; bytes are not looked at otherwise.

    Raises:
        UnreadableIntroduction: it is longer than an introduction may be, or has not come within the deadline.
    """
    deadline = time.monotonic() + deadline_seconds
    raw = b""
    while not raw.endswith(_ENDINGS):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise UnreadableIntroduction(f"The introduction did not come within {deadline_seconds:g} s.")
        piece = os.read(descriptor, _PIECE_BYTES)
        if not piece:
            break
        raw += piece
        if len(raw) > MOST_BYTES:
            raise UnreadableIntroduction(f"The introduction is longer than {MOST_BYTES:,} bytes.")
    return raw
