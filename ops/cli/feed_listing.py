"""Feeds as rows of the command line."""

from collections.abc import Iterable
from datetime import datetime

from ops.cli.listing import Column, Listing
from ops.cli.values import count_of, format_age
from ops.feeds.book import Feed
from ops.feeds.updating import Reading

_COLUMNS = (
    Column("name", "Feed"),
    Column("kind", "Kind"),
    Column("cves", "CVEs", is_number=True),
    Column("fixes", "Fixes", is_number=True),
    Column("age", "Read", is_number=True),
    Column("error", "Error"),
    Column("source", "Source", is_extra=True),
    Column("added_at"),
    Column("read_at"),
    Column("checked_at"),
    Column("digest"),
)


def list_feeds(feeds: Iterable[Feed], now: datetime) -> Listing:
    """A row for each feed; the age is that of what it says."""
    return Listing(_COLUMNS, [_row(feed, now) for feed in feeds])


def describe_reading(reading: Reading) -> str:
    """What reading a feed came to, in one line."""
    feed = reading.feed
    if reading.is_failed:
        kept = f" What was read at {feed.read_at:%Y-%m-%d %H:%M}Z stays." if feed.read_at else ""
        return f"{feed.name}: {feed.error}{kept}"
    if not reading.is_changed:
        return f"{feed.name}: nothing new."
    skipped = len(reading.skipped)
    others = ""
    if skipped:
        more = " …" if skipped > 1 else ""
        others = f" {count_of(skipped, 'file')} of another format not read ({reading.skipped[0]}{more})."
    return f"{feed.name} ({feed.kind}): {count_of(feed.cves, 'CVE')}, {count_of(feed.fixes, 'fixed version')}.{others}"


def _row(feed: Feed, now: datetime) -> tuple[object, ...]:
    age = format_age(now - feed.read_at if feed.read_at else None)
    counted = (feed.name, feed.kind, feed.cves, feed.fixes, age, feed.error, feed.source)
    return (*counted, feed.added_at, feed.read_at, feed.checked_at, feed.digest)
