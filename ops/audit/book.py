"""The audit of a home, read: a page of deeds, one deed, its head."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.audit_chain import BEGINNING
from fleet.audit_head import Head
from fleet.errors import UnknownName
from fleet.hostile import decode
from ops.home import Home
from ops.lifecycle import id_known_as
from ops.state.audit import AuditEntry
from ops.state.audit_search import AuditFilter, find_entry, search_entries
from ops.state.database import opened


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first; ``next_below`` is the number below which the next page begins, None where none is."""

    entries: tuple[AuditEntry, ...]
    next_below: int | None = None


def list_deeds(home: Home, wanted: AuditFilter, limit: int, machine: str = "") -> AuditPage:
    """A page of at most ``limit`` of the entries that ``wanted`` means.

    ``machine`` is the name or id of one whose deeds are meant; also of one that is retired or removed by now.

    Raises:
        UnknownName: no machine is or was called so.
        BadInput: several were.
    """
    with deeds_of(home, wanted, limit + 1, machine) as found:
        entries = tuple(found)
    if len(entries) <= limit:
        return AuditPage(entries)
    return AuditPage(entries[:limit], entries[limit - 1].number)


@contextmanager
def deeds_of(home: Home, wanted: AuditFilter, limit: int, machine: str = "") -> Iterator[Iterator[AuditEntry]]:
    """The entries that `list_deeds` gives, one at a time: each may be large.

    Raises:
        UnknownName, BadInput: as `list_deeds`.
    """
    with reading(home) as connection:
        if machine:
            wanted = replace(wanted, machine_id=id_known_as(connection, machine))
        yield search_entries(connection, wanted, limit)


def find_deed(home: Home, number: int) -> AuditEntry:
    """The entry of that number.

    Raises:
        UnknownName: there is none.
    """
    with reading(home) as connection:
        if (entry := find_entry(connection, number)) is None:
            raise UnknownName("entry of the audit", str(number), ())
        return entry


def audit_head(home: Home) -> Head:
    """The newest entry: kept elsewhere, it proves later that this audit was not cut or written anew."""
    with reading(home) as connection:
        row = connection.execute("SELECT id, hash, at FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return Head(0, BEGINNING)
    return Head(row[0], row[1], _time(row[2]))


@contextmanager
def reading(home: Home) -> Iterator[sqlite3.Connection]:
    """The state of ``home``, in which somebody may have written what is no text."""
    with opened(home.state_file) as connection:
        connection.text_factory = decode
        yield connection


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
