"""The SQLite database of a home: opened, brought to this version's layout, its errors told in one line.

WAL, so that readers never wait for a writer; several processes may open, migrate and write at once.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from fleet.audit_chain import entry_hash
from fleet.errors import HomeIsNewer, HomeUnusable, NotPermitted, StoreBusy
from ops.permission import refusal, require_writable
from ops.state.migrations import MIGRATIONS
from ops.state.reading import StateCopy, connect_read_only, copy_in_memory

BUSY_SECONDS = 10.0
_LEAST_BYTES = 65_536  # SQLite's shared memory takes 32 KiB, its log some more


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the database at ``path``, which is made or migrated as needed. For one thread; close it.

    Where this process does not change the home, nothing can be written over it; it may be a `StateCopy` then.

    Raises:
        HomeIsNewer: a newer Patchdeck wrote it; it was not touched.
        HomeUnusable: it cannot be opened or written, or is not a database.
    """
    if refusal(path.parent) is not None:
        return _connect_for_reading(path)
    with told(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def renewed(connection: sqlite3.Connection | None, path: Path) -> sqlite3.Connection:
    """``connection`` for somebody who keeps one, or another: where there is none yet, and for a copy that is outdated.

    Raises:
        HomeIsNewer, HomeUnusable: as `connect`.
    """
    if isinstance(connection, StateCopy) and connection.is_outdated():
        connection.close()
        connection = None
    return connect(path) if connection is None else connection


def connect_in_memory() -> sqlite3.Connection:
    """A connection to a new database of this version's layout, of no home."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(connection)
    return connection


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """As `connect`, closed at the end; errors while it is used are told as `HomeUnusable` too."""
    with closing(connect(path)) as connection, told(path):
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is done inside is kept, or nothing. Inside another transaction it is a part of that one.

    Raises:
        HomeUnusable: the database cannot be written.
        NotPermitted: this process does not change the home.
    """
    if connection.in_transaction:
        yield
        return
    path = _path_of(connection)
    require_writable(path.parent)
    with told(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors as ours; broken constraints pass, they are the caller's to explain."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreBusy(
                f"Another process holds {path} for longer than {BUSY_SECONDS:g} s: see what it does, and try again."
            ) from error
        if _is_read_only(error) and (reason := refusal(path.parent)) is not None:
            raise NotPermitted(f"Cannot do that: {reason}. Nothing was changed.") from error
        raise HomeUnusable(f"Cannot use {path}: {_why(error, path)}.") from error


def _is_read_only(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF == sqlite3.SQLITE_READONLY


def _connect_for_reading(path: Path) -> sqlite3.Connection:
    with told(path):
        try:
            return connect_read_only(path, BUSY_SECONDS, _is_current) or copy_in_memory(path, _migrate)
        except OSError as error:
            raise HomeUnusable(f"Cannot read {path}: {error.strerror}.") from error


def _is_current(connection: sqlite3.Connection) -> bool:
    return _checked_version(connection, _path_of(connection)) == len(MIGRATIONS)


def _why(error: sqlite3.Error, path: Path) -> str:
    """What SQLite says; it tells a full disk as an "I/O error" when there is no room for its shared memory."""
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < _LEAST_BYTES:
            return f"the disk is full ({error})"
    return str(error)


def _path_of(connection: sqlite3.Connection) -> Path:
    if isinstance(connection, StateCopy):
        return connection.origin
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _checked_version(connection, path)
    _switch_to_wal(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    if version < len(MIGRATIONS):
        _migrate(connection)


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise HomeIsNewer(
            f"{path} has version {version}, this Patchdeck knows {len(MIGRATIONS)}: use a newer Patchdeck. "
            "Nothing was changed."
        )
    return version


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for a lock here: "database is locked" comes at once while another process switches.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection) -> None:
    connection.create_function("entry_hash", -1, entry_hash, deterministic=True)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number, script in enumerate(MIGRATIONS[_version(connection) :], start=_version(connection) + 1):
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # a full disk makes SQLite roll back by itself
        connection.execute("ROLLBACK")


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the transaction first.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
