"""Rows that state.db keeps the truth of, in the tables Audit and Alert: each once, in their order, whatever crashes.

A commit carries the number of the last row that it brings, so that the table itself says what it has. All of it is for
the holder of the tables' lock.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from fleet.errors import PatchdeckError
from fleet.hostile import decode
from fleet.records import Row
from fleet.tables import ALERT, AUDIT, Table
from ops.home import Home
from ops.logs import log_error
from ops.state.audit import ENTRY_COLUMNS, as_written
from ops.state.database import opened, transaction

if TYPE_CHECKING:
    from ops.store.delta import StoredTable

# What a commit holds at most: of entries of a mebibyte each, as many as memory bears.
_MOST_ROWS = 10_000
_MOST_CHARACTERS = 32_000_000
# A commit leaves a file behind; see `ops.store.commits`.
_TIDY_EVERY = 20


# Who commits entries, as Delta's log names it.
AUDIT_COMMITS = "patchdeck.audit"


def _ignore(step: str) -> None:
    del step


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows of a table come from: ``query`` gives those after a number, the number first."""

    table: Table
    app_id: str
    newest: str
    query: str
    make: Callable[[Any], Row]  # Any: a row of SQLite


def _make_audit_row(row: Any) -> Row:
    from fleet.state_records import audit_row

    return audit_row(as_written(row))


def _make_alert_row(row: Any) -> Row:
    from fleet.state_records import alert_row
    from ops.state.alerts import EVENTS
    from ops.state.documents import load_stored

    return alert_row(row[0], load_stored(EVENTS, row[1]))


_SOURCES = (
    _Source(
        AUDIT,
        AUDIT_COMMITS,
        "SELECT max(id) FROM audit",
        f"SELECT {ENTRY_COLUMNS} FROM audit WHERE id > ? AND typeof(id) = 'integer' ORDER BY id",  # noqa: S608 - ours only
        _make_audit_row,
    ),
    _Source(
        ALERT,
        "patchdeck.alerts",
        "SELECT max(id) FROM alert_events",
        "SELECT id, document FROM alert_events WHERE id > ? ORDER BY id",
        _make_alert_row,
    ),
)


def are_published(home: Home, connection: sqlite3.Connection) -> bool:
    """Whether the tables have all rows, by what the state remembers: asked before each question, it opens no table.

    Where tables were put back from a copy, they get what they lack with the next row; where they are gone, at once.
    """
    return all(_is_published(home, connection, source) for source in _SOURCES)


def publish_rows(home: Home, on_step: Callable[[str], None] = _ignore) -> bool:
    """Bring the tables to what the state holds; whether anything was to be done. For the holder of the lock.

    What one table does not take is logged, and tried the next time: scans are stored all the same.
    """
    is_done = False
    with opened(home.state_file) as connection:
        connection.text_factory = decode
        for source in _SOURCES:
            try:
                if not _is_published(home, connection, source):
                    is_done |= _publish(home, connection, source, on_step)
            except (PatchdeckError, OSError) as error:
                log_error("rows not published", error, table=source.table.name)
    return is_done


def hashes_in_table(home: Home) -> list[tuple[int, str]]:
    """The numbers and hashes of the entries that the table Audit has.

    Raises:
        HomeUnusable: it cannot be read.
    """
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    frame = StoredTable(tables_of(home), AUDIT).scan().select("Sequence", "Hash").collect()
    return list(frame.iter_rows())


def rows_in_table(home: Home, number: int) -> list[Row]:
    """The rows that the table Audit has of entry ``number``.

    Raises:
        HomeUnusable: it cannot be read.
    """
    import polars as pl

    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    found = StoredTable(tables_of(home), AUDIT).scan().filter(pl.col("Sequence") == number).collect()
    return list(found.iter_rows(named=True))


def _is_published(home: Home, connection: sqlite3.Connection, source: _Source) -> bool:
    newest = _newest(connection, source)
    return not newest or (_remembered(connection, source) == newest and _may_be_there(home, source.table))


def _publish(home: Home, connection: sqlite3.Connection, source: _Source, on_step: Callable[[str], None]) -> bool:
    from ops.store.delta import StoredTable
    from ops.store.place import prepare_to_write, tables_of

    place = tables_of(home)
    stored = StoredTable(place, source.table)
    last = stored.last_number(source.app_id)
    prepare_to_write(home, place)
    if last and last != _remembered(connection, source):
        last = _common(home, connection, source, last)
    is_done = False
    with closing(connection.execute(source.query, (last,))) as cursor:
        while batch := list(_batch(cursor)):
            last = _commit(stored, source, batch, last)
            on_step(f"published {source.table.name}")
            is_done = True
    _remember(connection, source, last)
    return is_done


def _commit(stored: "StoredTable", source: _Source, batch: Sequence[Any], last: int) -> int:
    from ops.store.delta import today_in_utc
    from ops.store.frames import make_frame

    number = int(batch[-1][0])
    stored.commit(make_frame(source.table, [source.make(row) for row in batch]), source.app_id, number)
    if number // _TIDY_EVERY != last // _TIDY_EVERY:
        stored.keep_small(today_in_utc())
    return number


def _batch(rows: Iterator[Any]) -> Iterator[Any]:
    characters = 0
    for row in islice(rows, _MOST_ROWS):
        yield row
        characters += sum(len(value) for value in row if isinstance(value, str))
        if characters >= _MOST_CHARACTERS:
            return


def _common(home: Home, connection: sqlite3.Connection, source: _Source, last: int) -> int:
    """The number of the last entry that state and table have in common: ``last``, unless the state was put back from a
    copy. Then the table keeps what it has, and gets what the state went on with.
    """
    if source.table is not AUDIT:
        return last
    published = set(hashes_in_table(home))
    known = connection.execute("SELECT id, hash FROM audit WHERE id <= ? ORDER BY id DESC", (last,))
    return next((number for number, digest in known if (number, digest) in published), 0)


def _newest(connection: sqlite3.Connection, source: _Source) -> int:
    return connection.execute(source.newest).fetchone()[0] or 0


def _may_be_there(home: Home, table: Table) -> bool:
    """Whether nothing says that the table is gone; an object store is not asked."""
    from ops.store.place import tables_of

    place = tables_of(home) / table.name
    return not place.is_local or (place.path / "_delta_log").is_dir()


# What the state remembers to have published. Where the table has another number, one of the two was put back from a
# copy, or a process was killed between both.
def _remembered(connection: sqlite3.Connection, source: _Source) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (source.app_id,)).fetchone()
    return row[0] if row else 0


def _remember(connection: sqlite3.Connection, source: _Source, number: int) -> None:
    with transaction(connection):
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (source.app_id, number))
