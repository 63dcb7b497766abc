"""What a feed says, as a SQLite file: written aside, then put in place, so that readers see one whole reading of it."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fleet.cves import CveRecord, CveSeverity, Fix, worst
from fleet.errors import FeedUnusable, HomeUnusable

_LAYOUT = """
CREATE TABLE cves (
    cve TEXT PRIMARY KEY,
    severity TEXT NOT NULL,
    severity_text TEXT NOT NULL,
    score REAL,
    known_exploited INTEGER,
    published_at INTEGER,
    exploited_since INTEGER,
    due_at INTEGER,
    title TEXT NOT NULL,
    url TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fixes (
    release TEXT NOT NULL,
    package TEXT NOT NULL,
    is_source INTEGER NOT NULL,
    cve TEXT NOT NULL,
    version TEXT NOT NULL,
    introduced TEXT NOT NULL,
    advisory TEXT NOT NULL,
    PRIMARY KEY (release, package, is_source, cve, version, introduced)
) STRICT, WITHOUT ROWID;
"""
_INSERT_CVE = "INSERT OR REPLACE INTO cves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_FIX = "INSERT OR IGNORE INTO fixes VALUES (?, ?, ?, ?, ?, ?, ?)"
_ROWS_AT_ONCE = 10_000
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """How many CVEs a feed speaks of, and how many fixed versions it names."""

    cves: int
    fixes: int


class IndexDamaged(HomeUnusable):
    """The file ``path`` of what ``feed`` says cannot be read."""

    def __init__(self, path: Path, feed: str, reason: object) -> None:
        super().__init__(f"Cannot read {path}, the file of the feed {feed!r}: {reason}.")
        self.path = path
        self.feed = feed


def write_index(path: Path, items: Iterable[CveRecord | Fix]) -> IndexCounts:
    """Write what a feed says to a new file ``path``, which is whole once this returns.

    Raises:
        HomeUnusable: it cannot be written.
        FeedUnusable: ``items`` raised it.
    """
    path.unlink(missing_ok=True)
    with _told(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # The file is thrown away unless it is written to the end.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32768"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_LAYOUT)
        connection.execute("BEGIN")
        _insert(connection, items)
        connection.execute("COMMIT")
        cves, fixes = connection.execute("SELECT (SELECT count(*) FROM cves), (SELECT count(*) FROM fixes)").fetchone()
    _sync(path)
    return IndexCounts(cves, fixes)


def _insert(connection: sqlite3.Connection, items: Iterable[CveRecord | Fix]) -> None:
    known: dict[str, CveRecord] = {}
    fixes: list[tuple[object, ...]] = []
    for item in items:
        if isinstance(item, CveRecord):
            before = known.get(item.cve)
            known[item.cve] = item if before is None else merge(before, item)
            continue
        if max(map(len, (item.release, item.package, item.version, item.introduced))) > _LONGEST_NAME:
            raise FeedUnusable(f"A fix of {item.cve} has a name or a version of more than {_LONGEST_NAME} characters.")
        fixes.append(
            (item.release, item.package, item.is_source, item.cve, item.version, item.introduced, item.advisory)
        )
        if len(fixes) >= _ROWS_AT_ONCE:
            connection.executemany(_INSERT_FIX, fixes)
            fixes.clear()
    connection.executemany(_INSERT_FIX, fixes)
    connection.executemany(_INSERT_CVE, (_cve_values(record) for record in known.values()))


def merge(one: CveRecord, other: CveRecord) -> CveRecord:
    """What a feed says of a CVE in two places: the worse severity, the higher score, otherwise what came first."""
    is_worse = worst((one.severity, other.severity)) is not one.severity
    exploited = {one.known_exploited, other.known_exploited}
    scores = [score for score in (one.score, other.score) if score is not None]
    return CveRecord(
        one.cve,
        severity=other.severity if is_worse else one.severity,
        severity_text=other.severity_text if is_worse or not one.severity_text else one.severity_text,
        score=max(scores, default=None),
        known_exploited=True if True in exploited else False if False in exploited else None,
        published_at=one.published_at or other.published_at,
        exploited_since=one.exploited_since or other.exploited_since,
        due_at=one.due_at or other.due_at,
        title=one.title or other.title,
        url=one.url or other.url,
    )


class FeedIndex:
    """A feed's file, for reading. ``name`` is the feed's, ``speaks_of_exploitation`` as its format says. Close it."""

    def __init__(self, path: Path, name: str, *, speaks_of_exploitation: bool) -> None:
        self.name = name
        self.speaks_of_exploitation = speaks_of_exploitation
        self._path = path
        with self._read():
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)

    def fixes_of(self, release: str, package: str, *, is_source: bool) -> list[Fix]:
        """The fixes of a package in a release."""
        with self._read():
            rows = self._connection.execute(
                "SELECT cve, version, introduced, advisory FROM fixes "
                "WHERE release = ? AND package = ? AND is_source = ?",
                (release, package, is_source),
            ).fetchall()
        return [Fix(release, package, is_source, cve, version, introduced, of) for cve, version, introduced, of in rows]

    def packages_of(self, release: str) -> frozenset[tuple[str, bool]]:
        """The packages that have fixes in a release, each with whether it is a source package."""
        with self._read():
            rows = self._connection.execute(
                "SELECT DISTINCT package, is_source FROM fixes WHERE release = ?", (release,)
            ).fetchall()
        return frozenset((package, bool(is_source)) for package, is_source in rows)

    def find_cve(self, cve: str) -> CveRecord | None:
        """What the feed says of a CVE, None if nothing."""
        with self._read():
            row = self._connection.execute("SELECT * FROM cves WHERE cve = ?", (cve,)).fetchone()
        return _read_record(row) if row else None

    def records(self) -> Iterator[CveRecord]:
        """All that the feed says of CVEs, in their order."""
        with self._read():
            for row in self._connection.execute("SELECT * FROM cves ORDER BY cve"):
                yield _read_record(row)

    @contextmanager
    def _read(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as error:  # ValueError: values that nobody wrote
            raise IndexDamaged(self._path, self.name, error) from error

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


def _cve_values(record: CveRecord) -> tuple[object, ...]:
    times = (record.published_at, record.exploited_since, record.due_at)
    seconds = [None if at is None else int(at.timestamp()) for at in times]
    severity = record.severity.value if record.severity else ""
    own = (record.cve, severity, record.severity_text[:80], record.score, record.known_exploited)
    return (*own, *seconds, record.title, record.url)


def _read_record(
    row: tuple[str, str, str, float | None, int | None, int | None, int | None, int | None, str, str],
) -> CveRecord:
    cve, severity, word, score, exploited, published, since, due, title, url = row
    return CveRecord(
        cve,
        severity=CveSeverity(severity) if severity else None,
        severity_text=word,
        score=score,
        known_exploited=None if exploited is None else bool(exploited),
        published_at=_time(published),
        exploited_since=_time(since),
        due_at=_time(due),
        title=title,
        url=url,
    )


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _sync(path: Path) -> None:
    with _told(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise HomeUnusable(f"Cannot use {path}: {error}.") from error
