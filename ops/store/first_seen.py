"""The column FleetFirstSeen: when any machine of the fleet was first seen to be offered a version.

Done when the rows of a batch are made, and again after a crash: sightings are taken in by their times, so that doing it
twice, or late, comes to the same.
"""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from fleet.assessments import Assessment
from fleet.tables import UPDATE, UPDATE_HISTORY
from fleet.updates import UpdateState
from ops.state.versions import SeenVersion, VersionBook
from ops.store.delta import StoredTable

_VERSION = ("KnownAs", "ProductVersion")
# On Windows, where an update has a GUID, Product is only the family of products.
_KNOWN_AS = pl.when(pl.col("UpdateID") != "").then("UpdateID").otherwise("Product").alias("KnownAs")


def seed_versions(book: VersionBook, history: StoredTable) -> None:
    """Take in what ``history`` knew before first sightings were kept; once in the life of a home."""
    if not book.is_seeded:
        book.learn(_sightings(history.read()))
        book.note_seeded()


def late_sightings(assessments: Iterable[Assessment]) -> Iterator[SeenVersion]:
    """What assessments saw that came in too late to change any row."""
    for assessment in assessments:
        for update in assessment.updates:
            yield SeenVersion(update.name, update.offered_version, assessment.ended_at)


def stamp_first_seen(
    book: VersionBook, frames: Mapping[str, pl.DataFrame], late: Iterable[SeenVersion]
) -> dict[str, pl.DataFrame]:
    """``frames``, by name of table, with FleetFirstSeen in Update and UpdateHistory; ``book`` learns what is new."""
    stamped = dict(frames)
    updates = [stamped[name] for name in (UPDATE.name, UPDATE_HISTORY.name) if name in stamped]
    book.learn([*late, *(seen for frame in updates for seen in _sightings(frame))])
    for name in (UPDATE.name, UPDATE_HISTORY.name):
        if name in stamped:
            stamped[name] = _stamp(book, stamped[name])
    return stamped


def _sightings(frame: pl.DataFrame) -> Iterator[SeenVersion]:
    # Only what is asked for: a copy of all columns takes as much memory as the batch itself.
    narrow = frame.select("UpdateID", "Product", "ProductVersion", "UpdateState", "FirstSeen")
    needed = narrow.filter((pl.col("UpdateState") == UpdateState.NEEDED.value) & pl.col("FirstSeen").is_not_null())
    earliest = needed.group_by(_KNOWN_AS, "ProductVersion").agg(pl.col("FirstSeen").min())
    return (SeenVersion(*row) for row in earliest.iter_rows())


def _stamp(book: VersionBook, frame: pl.DataFrame) -> pl.DataFrame:
    named = frame.select(_KNOWN_AS, "ProductVersion")
    found = [(seen.product, seen.version, seen.seen_at) for seen in book.find(named.unique().rows())]
    types = {name: pl.String() for name in _VERSION} | {"FleetFirstSeen": frame.schema["FleetFirstSeen"]}
    known = pl.DataFrame(found, schema=types, orient="row")
    return frame.with_columns(named.join(known, on=list(_VERSION), how="left", maintain_order="left")["FleetFirstSeen"])
