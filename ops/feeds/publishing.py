"""The table Cve: what all feeds say, one row for each CVE and feed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from fleet.fix_records import cve_row
from fleet.records import Row
from fleet.tables import CVE
from ops.config import load_settings
from ops.feeds.book import Feed
from ops.feeds.damage import set_aside
from ops.feeds.index import FeedIndex, IndexDamaged
from ops.home import Home
from ops.store.lock import hold_lock

# The number of the last reading in Delta's application transactions; nothing is derived from it.
FEEDS = "patchdeck.feeds"


def publish_cves(home: Home, feeds: Sequence[Feed], aside: Mapping[str, Path] | None = None) -> None:
    """Write Cve anew from the files of ``feeds``; for those in ``aside`` from the file given there.

    Raises:
        StoreBusy: another process holds the tables for too long.
        HomeUnusable: the table or a feed's file cannot be used.
    """
    from ops.store.delta import StoredTable
    from ops.store.frames import make_frame
    from ops.store.place import prepare_to_write, tables_of

    files = {feed: (aside or {}).get(feed.name, home.feeds_dir / f"{feed.name}.db") for feed in feeds}
    rows = [row for feed, file in files.items() if file.is_file() for row in _readable_rows(home, feed, file)]
    with hold_lock(home.store_lock, load_settings(home).store_wait_seconds):
        stored = StoredTable(prepare_to_write(home, tables_of(home)), CVE)
        stored.commit(make_frame(CVE, rows), FEEDS, stored.last_number(FEEDS) + 1)


def _readable_rows(home: Home, feed: Feed, file: Path) -> list[Row]:
    try:
        return list(_rows(feed, file))
    except IndexDamaged as damaged:
        set_aside(home, damaged)
        return []


def _rows(feed: Feed, file: Path) -> Iterator[Row]:
    at = feed.read_at or feed.added_at
    with closing(FeedIndex(file, feed.name, speaks_of_exploitation=False)) as index:
        for record in index.records():
            yield cve_row(record, feed.name, at)
