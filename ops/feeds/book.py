"""The book of feeds: which there are and what came of reading each. Every change is audited with it."""

import re
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its source, a URL or an absolute path, and what came of reading it.

    ``read_at`` is when it was last read whole, ``checked_at`` when that was last tried; ``error`` says why the last try
    failed, empty if it did not. ``digest`` is the SHA-256 of what was read. ``etag`` and ``last_modified`` are the
    server's. ``is_kind_given`` is whether the admin said which kind it is.
    """

    name: str
    source: str
    added_at: datetime
    kind: str = ""
    is_kind_given: bool = False
    read_at: datetime | None = None
    checked_at: datetime | None = None
    digest: str = ""
    etag: str = ""
    last_modified: str = ""
    cves: int = 0
    fixes: int = 0
    error: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether it is fetched over the network."""
        return is_url(self.source)


_CODEC = Codec(Feed)


class FeedBook:
    """The feeds of one home. Names are lower case."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list_feeds(self) -> list[Feed]:
        """All feeds, by name."""
        rows = self._connection.execute("SELECT document FROM feeds ORDER BY name")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def get(self, name: str) -> Feed:
        """The feed called ``name``.

        Raises:
            UnknownName: none is.
        """
        known = {feed.name: feed for feed in self.list_feeds()}
        if name.lower() not in known:
            raise UnknownName("feed", name, known)
        return known[name.lower()]

    def add(self, feed: Feed) -> None:
        """Add ``feed``.

        Raises:
            BadInput: there is one of that name, or its name or source cannot be used.
        """
        check_feed_name(feed.name)
        document = _CODEC.dump(feed)
        with transaction(self._connection):
            try:
                self._connection.execute("INSERT INTO feeds (name, document) VALUES (?, ?)", (feed.name, document))
            except sqlite3.IntegrityError as error:
                raise BadInput(
                    f"There is already a feed {feed.name!r}: give another --name, or remove that one."
                ) from error
            self._audit.record("feed.add", feed.name, None, document)

    def record(self, feed: Feed, *, asked: bool = False) -> None:
        """Put ``feed`` in the place of the one of its name; nothing if that was removed meanwhile.

        Where somebody ``asked`` for it to be read, the audit says so.
        """
        after = _CODEC.dump(feed)
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM feeds WHERE name = ?", (feed.name,)).fetchone()
            self._connection.execute("UPDATE feeds SET document = ? WHERE name = ?", (after, feed.name))
            if asked and row is not None:
                self._audit.record("feed.update", feed.name, row[0], after)

    def remove(self, name: str) -> Feed:
        """Remove the feed called ``name``, and return it.

        Raises:
            UnknownName: none is.
        """
        with transaction(self._connection):
            feed = self.get(name)
            self._connection.execute("DELETE FROM feeds WHERE name = ?", (feed.name,))
            self._audit.record("feed.remove", feed.name, _CODEC.dump(feed), None)
        return feed


def is_url(source: str) -> bool:
    """Whether ``source`` is meant as an address, not as a path."""
    return "://" in source


def check_source(source: str) -> str:
    """``source`` if it is a URL that can be fetched and kept.

    Raises:
        BadInput: it is of another scheme than HTTP, names no host, or holds a user or a password.
    """
    try:
        parts = urlsplit(source)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"The address of the feed cannot be used: {clean(str(error), 100)}.") from error
    if parts.scheme not in ("http", "https"):
        raise BadInput(
            f"Feeds are fetched over http and https, not {clean(parts.scheme, 20)}: for a file give its path."
        )
    if "@" in parts.netloc:
        raise BadInput(
            "The address holds a user or a password, which would be kept and shown: put them into ~/.netrc instead."
        )
    if not host or clean(source) != source or " " in source:
        raise BadInput("The address of the feed names no host, or holds characters that none has.")
    if not source.isascii():
        raise BadInput("The address of the feed holds other letters than ASCII: write them as %XX, a host as xn--….")
    return source


def check_feed_name(name: str) -> str:
    """``name`` if a feed can be called so.

    Raises:
        BadInput: it cannot; says how names are.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"A feed cannot be called {clean(name, 60)!r}: lower-case letters, digits, - and _, 40 at most.")
    return name


def with_error(feed: Feed, error: str, checked_at: datetime) -> Feed:
    """``feed`` as it is after a try that failed: what was read before holds."""
    return replace(feed, error=clean(error, 500), checked_at=checked_at)
