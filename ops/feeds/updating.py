"""Adding, reading and removing feeds. A feed that cannot be read keeps what it said before, and says why."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from collectors.handed_down import folder_mode
from fleet.cves import CveRecord, Fix
from fleet.errors import BadInput, FeedUnusable, HomeUnusable
from fleet.hostile import clean
from ops.feeds.book import Feed, FeedBook, check_feed_name, check_source, is_url, with_error
from ops.feeds.documents import list_files, open_documents
from ops.feeds.fetching import FetchLimits, fetch
from ops.feeds.formats import FeedFormat, detect_format, find_format
from ops.feeds.index import IndexCounts, write_index
from ops.feeds.publishing import publish_cves
from ops.home import Home
from ops.logs import log_error
from ops.permission import require_writable
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.store.journal import sync_folder
from ops.store.lock import hold_lock

_LOCK = "lock"
_LOCK_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a feed came to: the feed as it is now, whether it says something new, files that did not fit."""

    feed: Feed
    is_changed: bool
    skipped: tuple[str, ...] = ()

    @property
    def is_failed(self) -> bool:
        """Whether it could not be read."""
        return bool(self.feed.error)


def list_feeds(home: Home) -> list[Feed]:
    """The feeds of ``home``, by name."""
    with opened(home.state_file) as connection:
        return FeedBook(connection).list_feeds()


def add_feed(home: Home, source: str, name: str = "", kind: str = "", limits: FetchLimits | None = None) -> Reading:
    """Add the feed at ``source``, a URL or a path, and read it. Without a name it is called after its kind.

    Raises:
        BadInput: the source, the name or the kind cannot be used.
        FeedUnusable: it cannot be read; it was not added.
    """
    if kind:
        find_format(kind)
    if name:
        check_feed_name(name)
    where = check_source(source) if is_url(source) else str(_absolute(source))
    _make_folder(home)
    with hold_lock(home.feeds_dir / _LOCK, _LOCK_WAIT_SECONDS):
        taken = _names_beside(home, name, where)
        now = utc_now()
        feed = Feed(name or _NEW, where, now, kind, bool(kind))
        reading = _read(
            home,
            feed,
            limits or FetchLimits(),
            now,
            lambda found: found.name if name else _free_name(found.kind, taken),
        )
        with opened(home.state_file) as connection:
            FeedBook(connection).add(reading.feed)
    return reading


def update_feeds(home: Home, names: Sequence[str] = (), limits: FetchLimits | None = None) -> Iterator[Reading]:
    """Read the feeds called ``names`` anew, all without names, one after the other; what cannot be read is told in it.

    Raises:
        UnknownName: no feed has that name.
    """
    with opened(home.state_file) as connection:
        book = FeedBook(connection)
        chosen = [book.get(name) for name in names] if names else book.list_feeds()
    if not chosen:
        return
    _make_folder(home)
    with hold_lock(home.feeds_dir / _LOCK, _LOCK_WAIT_SECONDS):
        for feed in dict.fromkeys(chosen):
            yield _update(home, feed, limits or FetchLimits())


def remove_feed(home: Home, name: str) -> Feed:
    """Remove the feed called ``name`` with what it said.

    Raises:
        UnknownName: none is.
    """
    _make_folder(home)
    with hold_lock(home.feeds_dir / _LOCK, _LOCK_WAIT_SECONDS):
        with opened(home.state_file) as connection:
            feed = FeedBook(connection).remove(name)
        index_file(home, feed.name).unlink(missing_ok=True)
        publish_cves(home, list_feeds(home))
    return feed


def index_file(home: Home, name: str) -> Path:
    """Where what the feed called ``name`` says is kept."""
    return home.feeds_dir / f"{name}.db"


# What a feed is called until its kind is known; no name is like it.
_NEW = ".new"


def _update(home: Home, feed: Feed, limits: FetchLimits) -> Reading:
    now = utc_now()
    try:
        reading = _read(home, feed, limits, now, lambda found: found.name)
    except FeedUnusable as error:
        log_error("feed not read", error, feed=feed.name)
        reading = Reading(with_error(feed, str(error), now), False)
    with opened(home.state_file) as connection:
        FeedBook(connection).record(reading.feed, asked=True)
    return reading


def _read(home: Home, feed: Feed, limits: FetchLimits, now: datetime, naming: Callable[[Feed], str]) -> Reading:
    """``feed`` as its source has it now; its index is put in place once all of it was read."""
    work = home.feeds_dir / f".{os.getpid()}"
    aside = work / "index.db"
    has_index = index_file(home, feed.name).is_file()
    try:
        work.mkdir(exist_ok=True)
        path = Path(feed.source)
        if feed.is_remote:
            path = work / _file_name(feed.source)
            known = (feed.etag, feed.last_modified) if has_index else ("", "")
            fetched = fetch(feed.source, path, *known, limits)
            feed = replace(feed, etag=fetched.etag, last_modified=fetched.last_modified)
            if not fetched.is_changed:
                return Reading(replace(feed, checked_at=now, error=""), False)
        digest = _digest(path)
        if has_index and digest == feed.digest:
            return Reading(replace(feed, checked_at=now, error=""), False)
        found = find_format(feed.kind) if feed.is_kind_given else detect_format(path)
        skipped: list[str] = []
        counts = write_index(aside, _items(path, found, skipped))
        _check_counts(counts, found, path)
        feed = replace(
            feed,
            kind=found.kind,
            digest=digest,
            read_at=now,
            checked_at=now,
            error="",
            cves=counts.cves,
            fixes=counts.fixes,
        )
        feed = replace(feed, name=naming(feed))
        _put_in_place(home, feed, aside)
        return Reading(feed, True, tuple(skipped))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _items(path: Path, found: FeedFormat, skipped: list[str]) -> Iterator[CveRecord | Fix]:
    """All that the documents say; those of a folder or an archive that are of another kind go into ``skipped``."""
    count = 0
    for document in open_documents(path):
        if not found.fits(document.stream.peek()):
            skipped.append(document.name)
            continue
        count += 1
        try:
            yield from found.read(document)
        except FeedUnusable as error:
            is_named = str(error).startswith(document.name)
            raise FeedUnusable(str(error) if is_named else f"{document.name}: {error}") from error
    if not count:
        raise FeedUnusable(f"{path.name} holds nothing in the format {found.kind} ({found.meaning}).")


def _check_counts(counts: IndexCounts, found: FeedFormat, path: Path) -> None:
    """An empty feed is taken for a broken one: it would wipe out all that is known."""
    if not counts.cves:
        raise FeedUnusable(f"{path.name} is in the format {found.kind}, but speaks of no CVE.")


def _put_in_place(home: Home, feed: Feed, aside: Path) -> None:
    """The table first: whatever stops in between is healed by the next update, which finds another digest."""
    others = [each for each in list_feeds(home) if each.name != feed.name]
    publish_cves(home, [*others, feed], {feed.name: aside})
    aside.replace(index_file(home, feed.name))
    sync_folder(home.feeds_dir)


def _digest(path: Path) -> str:
    """The SHA-256 of a file, or of the names, sizes and contents of the documents of a folder."""
    digest = hashlib.sha256()
    for file in list_files(path) if path.is_dir() else [path]:
        try:
            if not file.is_file():
                is_there = "It is neither a file nor a folder:" if file.exists() else "There is no file or folder"
                raise FeedUnusable(f"{is_there} {file}.")
            digest.update(f"{file.relative_to(path) if path.is_dir() else ''}\0{file.stat().st_size}\0".encode())
            with file.open("rb") as opened_file:
                while data := opened_file.read(1 << 20):
                    digest.update(data)
        except OSError as error:
            raise FeedUnusable(f"Cannot read {file}: {error.strerror}.") from error
    return digest.hexdigest()


def _file_name(url: str) -> str:
    """What a download is called: as its address ends, by which a packed tar is told from other packed files."""
    name = re.sub(r"[^A-Za-z0-9._-]", "", urlsplit(url).path.rpartition("/")[2])[-80:].lstrip(".")
    return name or "download"


def _names_beside(home: Home, name: str, source: str) -> set[str]:
    """The names of the feeds that there are; a feed that would be one of them is refused."""
    by_source = {feed.source: feed.name for feed in list_feeds(home)}
    if name in by_source.values():
        raise BadInput(f"There is already a feed {name!r}: give another --name, or remove that one.")
    if source in by_source:
        known = by_source[source]
        raise BadInput(f"That is the feed {known!r} already: patchdeck feeds update {known} reads it anew.")
    return set(by_source.values())


def _free_name(kind: str, taken: set[str]) -> str:
    names = [kind, *(f"{kind}-{number}" for number in range(2, 1000))]
    return next(name for name in names if name not in taken)


def _absolute(source: str) -> Path:
    try:
        path = Path(source).expanduser().absolute()
        if source.strip() and path.exists():
            return path
    except (RuntimeError, ValueError, OSError) as error:  # no such user's home, a NUL, a name that is too long
        raise BadInput(f"The path {clean(source, 200)!r} cannot be used: {clean(str(error), 100)}.") from error
    raise BadInput(f"There is no file or folder {clean(str(path) if source.strip() else repr(source), 200)}.")


def _make_folder(home: Home) -> None:
    require_writable(home.path)
    try:
        home.feeds_dir.mkdir(mode=folder_mode(home.path), exist_ok=True)
    except OSError as error:
        raise HomeUnusable(f"Cannot make {home.feeds_dir}: {error.strerror}.") from error
    for leftover in home.feeds_dir.glob(".[0-9]*"):
        if not Path(f"/proc/{leftover.name.removeprefix('.')}").exists():  # its process was killed
            shutil.rmtree(leftover, ignore_errors=True)
