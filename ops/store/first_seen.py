"""The column FleetFirstSeen: when any machine of the fleet was first seen to be offered a version.

Done when the rows of a batch are made, and again after a crash: sightings are taken in by their times, so that doing it
twice, or late, comes to the same.
"""

from collections.abc import Iterable, Iterator

import polars as pl

from fleet.assessments import Assessment
from fleet.updates import UpdateState
from ops.state.versions import SeenVersion, VersionBook
from ops.store.delta import StoredTable

_VERSION = ("KnownAs", "ProductVersion")
_OF_VERSIONS = ("UpdateID", "Product", "ProductVersion", "UpdateState")
# On Windows, where an update has a GUID, Product is only the family of products.
_KNOWN_AS = pl.when(pl.col("UpdateID") != "").then("UpdateID").otherwise("Product").alias("KnownAs")


def seed_versions(book: VersionBook, history: StoredTable) -> None:
    """Take in what ``history`` knew before first sightings were kept; once in the life of a home."""
    if not book.is_seeded:
        book.learn(_sightings(name_versions(history.scan()).collect()))
        book.note_seeded()


def late_sightings(assessments: Iterable[Assessment]) -> Iterator[SeenVersion]:
    """What assessments saw that came in too late to change any row."""
    for assessment in assessments:
        for update in assessment.updates:
            if update.windows is not None and update.windows.update_id:
                yield SeenVersion(update.windows.update_id, "", assessment.ended_at)
            else:
                yield SeenVersion(update.name, update.offered_version, assessment.ended_at)


def name_versions(rows: pl.LazyFrame) -> pl.LazyFrame:
    """What rows of Update or UpdateHistory say of versions, each once, with the first time that they tell."""
    return rows.group_by(_OF_VERSIONS).agg(pl.col("FirstSeen").min())


def learn_versions(book: VersionBook, named: pl.DataFrame, late: Iterable[SeenVersion]) -> pl.DataFrame:
    """The first sightings of the versions that `name_versions` found, after ``book`` has learnt what is new in them."""
    book.learn([*late, *_sightings(named)])
    found = book.find(named.select(_KNOWN_AS, "ProductVersion").unique().rows())
    types = {name: pl.String() for name in _VERSION} | {"FleetFirstSeen": named.schema["FirstSeen"]}
    return pl.DataFrame([(seen.product, seen.version, seen.seen_at) for seen in found], schema=types, orient="row")


def stamp_first_seen(known: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of Update or UpdateHistory with FleetFirstSeen by ``known``, which `learn_versions` gave."""
    named = frame.select(_KNOWN_AS, "ProductVersion")
    return frame.with_columns(named.join(known, on=list(_VERSION), how="left", maintain_order="left")["FleetFirstSeen"])


def _sightings(named: pl.DataFrame) -> Iterator[SeenVersion]:
    needed = named.filter((pl.col("UpdateState") == UpdateState.NEEDED.value) & pl.col("FirstSeen").is_not_null())
    earliest = needed.group_by(_KNOWN_AS, "ProductVersion").agg(pl.col("FirstSeen").min())
    return (SeenVersion(*row) for row in earliest.iter_rows())
