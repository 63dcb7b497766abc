"""The head of the audit: its newest entry by number and hash. Kept elsewhere, it proves later what was there then."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from fleet.audit_chain import BEGINNING
from fleet.errors import BadInput

HASH_CHARACTERS = 64
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_LINE = re.compile(r"(?P<number>[0-9]{1,18})[ \t:]+(?P<hash>[0-9a-fA-F]{64})\b")
_NO_ENTRY = "0" * HASH_CHARACTERS
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry at some time. ``number`` is None where only its hash is known, 0 where there was no entry."""

    number: int | None
    hash: str
    at: datetime | None = None

    @property
    def shown_hash(self) -> str:
        """The hash as it is printed; zeros where there was no entry."""
        return self.hash or _NO_ENTRY

    @property
    def line(self) -> str:
        """Number and hash on one line, as `parse_head` reads it."""
        return f"{self.number or 0} {self.shown_hash}"


def parse_head(text: str) -> Head:
    """The head that ``text`` tells: a hash, ``NUMBER HASH``, ``NUMBER:HASH``, or what `patchdeck audit head` printed,
    be it text or JSON.

    Raises:
        BadInput: it is none of them.
    """
    words = text.strip()
    if _HASH.fullmatch(words):
        return _head(None, words)
    if words.startswith(("[", "{")):
        return _of_json(words)
    if (found := _LINE.match(words)) is None:
        raise BadInput(
            f"{words[:_SHOWN]!r} is no head of the audit: give its hash of {HASH_CHARACTERS} hexadecimal digits, or "
            "what `patchdeck audit head` printed."
        )
    return _head(int(found["number"]), found["hash"])


def _of_json(text: str) -> Head:
    try:
        held = json.loads(text)
        first = held[0] if isinstance(held, list) else held
        number, digest = first["number"], first["hash"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadInput("This JSON is no head of the audit: `patchdeck audit head --json` prints one.") from error
    if not isinstance(digest, str) or not _HASH.fullmatch(digest) or type(number) is not int or number < 0:
        raise BadInput("This JSON is no head of the audit: its number or its hash is none.")
    return _head(number, digest)


def _head(number: int | None, digest: str) -> Head:
    is_nothing = digest == _NO_ENTRY
    return Head(0 if is_nothing else number, BEGINNING if is_nothing else digest.lower())
