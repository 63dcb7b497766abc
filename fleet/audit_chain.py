"""The chain of the audit: each entry's hash covers the entry and the hash of the one before it."""

import hashlib
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii

# What the first entry follows.
BEGINNING = ""
# An entry has its origin last. Those of before origins were kept are hashed without it.
_COVERED = 9

Field = str | int | None


def entry_hash(previous: str, *fields: Field) -> str:
    """SHA-256 of an entry's ``fields`` in the order of their columns, and of ``previous``, the hash before it.

    They are hashed as a JSON array of one line in ASCII, without spaces.
    """
    return hashlib.sha256(f"[{','.join(map(_as_json, (previous, *fields)))}]".encode("ascii")).hexdigest()


def hash_of_row(previous: str, row: Sequence[Field]) -> str:
    """The hash of the entry in ``row``: what its columns hold from its number to its origin."""
    return entry_hash(previous, *(row[:_COVERED] if row[_COVERED] is None else row))


# What json.dumps gives, several times faster: a hundred thousand entries are verified in less than a second.
def _as_json(field: Field) -> str:
    if isinstance(field, str):
        return encode_basestring_ascii(field)
    return "null" if field is None else str(field)
