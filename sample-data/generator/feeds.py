"""The feeds of the sample home: their documents, what was read of them, and that the book of feeds knows them."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet.cves import CveRecord, Fix
from fleet.fix_records import cve_row
from fleet.records import Row
from generator.era import NOW
from generator.feed_documents import Json, debian_document, kev_document, ubuntu_document
from ops.feeds.book import Feed, FeedBook
from ops.feeds.documents import open_documents
from ops.feeds.formats import detect_format
from ops.feeds.index import FeedIndex, write_index
from ops.home import Home
from ops.state import Actor, Audit

# Where the admin of the sample's console is said to drop them; a demo reads them nowhere else and fetches nothing.
_DROPPED = "/srv/feeds"
_ADDED_AT = datetime(2026, 8, 20, 9, 20, tzinfo=UTC)
_READ_AT = NOW - timedelta(hours=3, minutes=40)


def write_feeds(home: Home, connection: sqlite3.Connection) -> list[Row]:
    """Put the feeds into ``home``; the rows of the table Cve."""
    home.feeds_dir.mkdir(mode=0o700, exist_ok=True)
    actor = Actor("jonas", "192.0.2.201 40122", f"patchdeck feeds add {_DROPPED}")
    book = FeedBook(connection, Audit(connection, actor, lambda: _ADDED_AT))
    documents = {"kev": kev_document(), "debian": debian_document(), "ubuntu": ubuntu_document()}
    return [row for name, document in documents.items() for row in _write_feed(home, book, name, document)]


def _write_feed(home: Home, book: FeedBook, name: str, document: Json) -> Iterator[Row]:
    path = home.feeds_dir / f"{name}.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    index = home.feeds_dir / f"{name}.db"
    counts = write_index(index, _items(path))
    feed = Feed(
        name,
        f"{_DROPPED}/{path.name}",
        _ADDED_AT,
        detect_format(path).kind,
        read_at=_READ_AT,
        checked_at=_READ_AT,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        cves=counts.cves,
        fixes=counts.fixes,
    )
    book.add(feed)
    with closing(FeedIndex(index, name, speaks_of_exploitation=False)) as records:
        for record in records.records():
            yield cve_row(record, name, _READ_AT)


def _items(path: Path) -> Iterator[CveRecord | Fix]:
    found = detect_format(path)
    for document in open_documents(path):
        yield from found.read(document)
