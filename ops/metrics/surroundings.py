"""The metrics of what a home stands on: its service, feeds, followed sources, candidates, and its files."""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from fleet import metric_catalogue as catalogue
from fleet.candidates import CandidateState
from fleet.metrics import Family, Samples, only
from ops.feeds.book import FeedBook
from ops.home import Home
from ops.service.doing import read_doing
from ops.service.starting import working
from ops.state.candidates import CandidateBook
from ops.state.sources import SourceBook


def service_families(connection: sqlite3.Connection, home: Home) -> Iterator[Family]:
    """What is known of the service; of one that does not run, or is on its way to end, only that it is so."""
    lease = working(home)
    doing = read_doing(lease.doing) if lease is not None else None
    is_running = doing is not None and not doing.is_ending
    yield only(catalogue.SERVICE_RUNNING, int(is_running))
    if lease is not None and doing is not None and is_running:
        yield only(catalogue.SERVICE_STARTED, lease.started_at.timestamp())
        yield only(catalogue.SERVICE_SEEN, lease.seen_at.timestamp())
        troubles = Counter(trouble.duty for trouble in doing.troubles)
        yield Family(catalogue.SERVICE_TROUBLES, {(duty,): count for duty, count in sorted(troubles.items())})
    done = connection.execute("SELECT name, done_at FROM duties ORDER BY name")
    yield Family(catalogue.DUTY_DONE, {(name,): datetime.fromisoformat(at).timestamp() for name, at in done})


def source_families(connection: sqlite3.Connection) -> Iterator[Family]:
    """Feeds, followed sources and candidates."""
    feeds = FeedBook(connection).list_feeds()
    feeds_read: Samples = {(feed.name,): feed.read_at.timestamp() for feed in feeds if feed.read_at is not None}
    yield Family(catalogue.FEED_READ, feeds_read)
    yield Family(catalogue.FEED_FAILING, {(feed.name,): int(bool(feed.error)) for feed in feeds})
    sources = [source for source in SourceBook(connection).list() if source.followed]
    sources_read: Samples = {
        (source.name,): source.read_at.timestamp() for source in sources if source.read_at is not None
    }
    yield Family(catalogue.SOURCE_READ, sources_read)
    yield Family(catalogue.SOURCE_FAILING, {(source.name,): int(bool(source.error)) for source in sources})
    candidates = Counter(candidate.state for candidate in CandidateBook(connection).list())
    yield Family(catalogue.CANDIDATES, {(state.value,): candidates[state] for state in CandidateState})


def storage_families(home: Home) -> Iterator[Family]:
    """What lies in the home, and how much room is left; what cannot be seen is not told."""
    with suppress(OSError):
        yield _count_batches(home.pending_dir)
    with suppress(OSError):
        log = Path(f"{home.state_file}-wal")
        size = home.state_file.stat().st_size + (log.stat().st_size if log.exists() else 0)
        yield only(catalogue.STATE_BYTES, size)
    with suppress(OSError):
        found = os.statvfs(home.path)
        yield only(catalogue.HOME_FREE_BYTES, found.f_bavail * found.f_frsize)


def _count_batches(folder: Path) -> Family:
    names = [entry.name for entry in folder.iterdir() if entry.suffix == ".json"] if folder.is_dir() else []
    unreadable = sum(name.startswith("unreadable-") for name in names)
    waiting = sum(not name.startswith((".", "unreadable-")) for name in names)
    return Family(catalogue.PENDING_BATCHES, {("waiting",): waiting, ("unreadable",): unreadable})
