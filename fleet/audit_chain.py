"""The chain of the audit: each entry's hash covers the entry and the hash of the one before it."""

import hashlib
import json

# What the first entry follows.
BEGINNING = ""


def entry_hash(previous: str, *fields: str | int | None) -> str:
    """SHA-256 of an entry's ``fields`` in the order of their columns, and of ``previous``, the hash before it."""
    text = json.dumps([previous, *fields], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
