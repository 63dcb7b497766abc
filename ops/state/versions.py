"""When this fleet first saw each version of a product offered: kept for good, whatever becomes of the machines."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ops.state.database import transaction

# One statement for all of them: a fleet of 1,000 machines has some 10,000 versions on offer.
_LEARN = """
INSERT INTO versions_seen (product, version, first_seen)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(?) WHERE true
ON CONFLICT (product, version) DO UPDATE SET first_seen = excluded.first_seen
WHERE excluded.first_seen < versions_seen.first_seen
"""
_FIND = """
SELECT product, version, first_seen
FROM json_each(?) JOIN versions_seen
    ON product = json_extract(value, '$[0]') AND version = json_extract(value, '$[1]')
"""
_SEEDED = "versions_seeded"


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """A version of a product, and when it was seen on offer."""

    product: str
    version: str
    seen_at: datetime


class VersionBook:
    """The first sightings of versions in one home. A sighting may come late and move a time back, never forward."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def learn(self, seen: Iterable[SeenVersion]) -> None:
        """Take in ``seen``, all or none; the same again changes nothing."""
        rows = [(each.product, each.version, each.seen_at.isoformat(timespec="microseconds")) for each in seen]
        with transaction(self._connection):
            self._connection.execute(_LEARN, (json.dumps(rows),))

    def find(self, versions: Iterable[tuple[str, str]]) -> Iterator[SeenVersion]:
        """The first sightings of ``versions``, each a product and a version, of those that were ever seen on offer."""
        for product, version, first_seen in self._connection.execute(_FIND, (json.dumps(list(versions)),)):
            yield SeenVersion(product, version, datetime.fromisoformat(first_seen))

    @property
    def is_seeded(self) -> bool:
        """Whether what the tables knew before this book was kept has been taken in."""
        row = self._connection.execute("SELECT 1 FROM meta WHERE key = ?", (_SEEDED,)).fetchone()
        return row is not None

    def note_seeded(self) -> None:
        """From now on `is_seeded`."""
        with transaction(self._connection):
            self._connection.execute("INSERT OR IGNORE INTO meta VALUES (?, 1)", (_SEEDED,))
