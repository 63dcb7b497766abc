"""The feeds of the sample home: their documents, what was read of them, and that the book of feeds knows them."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from fleet.cves import CveRecord, Fix
from fleet.fix_records import cve_row
from fleet.records import Row
from generator.deeds import Deed
from generator.era import NOW
from generator.feed_documents import Json, debian_document, kev_document, ubuntu_document
from generator.people import JONAS
from ops.feeds.book import Feed, FeedBook
from ops.feeds.documents import open_documents
from ops.feeds.formats import detect_format
from ops.feeds.index import FeedIndex, write_index
from ops.home import Home
from ops.state import Audit

# Where the admin of the sample's console is said to drop them; a demo reads them nowhere else and fetches nothing.
_DROPPED = "/srv/feeds"
_ADDED_AT = datetime(2026, 8, 24, 9, 20, tzinfo=UTC)
_DOCUMENTS = {"kev": kev_document, "debian": debian_document, "ubuntu": ubuntu_document}
_READ_AT = NOW - timedelta(hours=3, minutes=40)


def feed_deed(home: Home) -> Deed:
    """That the feeds were added."""
    return Deed(_ADDED_AT, JONAS, f"patchdeck feeds add {_DROPPED}", partial(_write_feeds, home))


def cve_rows(home: Home) -> list[Row]:
    """The rows of the table Cve, by the feeds of ``home``."""
    return [row for name in _DOCUMENTS for row in _rows_of(home, name)]


def _write_feeds(home: Home, connection: sqlite3.Connection, audit: Audit) -> None:
    home.feeds_dir.mkdir(mode=0o700, exist_ok=True)
    for name, make in _DOCUMENTS.items():
        _write_feed(home, FeedBook(connection, audit), name, make())


def _write_feed(home: Home, book: FeedBook, name: str, document: Json) -> None:
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


def _rows_of(home: Home, name: str) -> Iterator[Row]:
    with closing(FeedIndex(home.feeds_dir / f"{name}.db", name, speaks_of_exploitation=False)) as records:
        for record in records.records():
            yield cve_row(record, name, _READ_AT)


def _items(path: Path) -> Iterator[CveRecord | Fix]:
    found = detect_format(path)
    for document in open_documents(path):
        yield from found.read(document)
