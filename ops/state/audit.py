"""The audit: who did what, when and from where. Entries are only ever added, each chained to the one before it."""

import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fleet.audit_chain import BEGINNING, hash_of_row
from fleet.audit_masking import mask_command, mask_document, mask_text
from fleet.audit_origin import Origin
from fleet.errors import HomeUnusable
from fleet.hostile import clean
from ops.acting_login import acting_login
from ops.audit.origins import current_origin, describe_user, ssh_client_of
from ops.state.database import transaction
from ops.state.documents import Codec

# What an entry's hash covers comes first, in that order.
ENTRY_COLUMNS = "id, at, user, ssh_client, command, action, target, before, after, origin, hash"
_ADD = f"INSERT INTO audit ({ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - ours only
_KINDS = (int, *(str,) * 6, *(str | None,) * 3, str)
_ORIGINS = Codec(Origin)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the Unix user (who logged in, if that is another, in brackets), the SSH client's address and ports, the
    command line, and whose process it is; None where that was not looked at.
    """

    user: str
    ssh_client: str
    command: str
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. ``before`` and ``after`` are JSON, None where there was nothing or nothing is left.

    ``number`` is its place in the audit, ``hash`` covers all of it and the hash of the entry before. ``at`` is None
    where somebody put what is no time into the audit.
    """

    at: datetime | None
    actor: Actor
    action: str
    target: str
    before: str | None
    after: str | None
    number: int
    hash: str


def read_entry(row: Sequence[Any]) -> AuditEntry:  # Any: a row of SQLite
    """The entry in a row of `ENTRY_COLUMNS`, also where it was tampered with."""
    number, at, user, ssh_client, command, action, target, before, after, origin, digest = as_written(row)
    actor = Actor(user, ssh_client, command, _origin(origin))
    return AuditEntry(_time(at), actor, action, target, before, after, number, digest)


def as_written(row: Sequence[Any]) -> Sequence[Any]:  # Any: a row of SQLite
    """``row`` of `ENTRY_COLUMNS` with values of the kinds that entries have, which a table made anew may lack."""
    if all(map(isinstance, row, _KINDS)):
        return row
    number, *texts, before, after, origin, digest = row
    documents = (None if each is None else str(each) for each in (before, after, origin))
    return (number if isinstance(number, int) else 0, *map(str, texts), *documents, str(digest))


def current_actor() -> Actor:
    """Whoever runs this process, and its command line without secrets."""
    origin = current_origin()
    return Actor(
        user=clean(describe_user(origin)),
        ssh_client=clean(ssh_client_of(os.environ)),
        command=clean(_command()),
        origin=origin,
    )


def _command() -> str:
    """The command line of this process; of a session over SSH which one it is, and the key it was opened with."""
    if (login := acting_login()) is not None:
        return f"patchdeck serve-ssh, session {login.session}, key {login.fingerprint}"
    return mask_command(sys.argv)


def utc_now() -> datetime:
    """The present, aware and in UTC."""
    return datetime.now(UTC)


class Audit:
    """The audit of one home. What is recorded inside a transaction is kept or lost with it."""

    def __init__(
        self, connection: sqlite3.Connection, actor: Actor | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._connection = connection
        self._actor = actor or current_actor()
        self._clock = clock

    @property
    def actor(self) -> Actor:
        """Whose deeds are recorded."""
        return self._actor

    def now(self) -> datetime:
        """The time at which a deed would be recorded."""
        return self._clock()

    def record(self, action: str, target: str, before: str | None = None, after: str | None = None) -> None:
        """Add an entry: ``machine.edit`` of ``web-01``, and the JSON of what it was and is, without secrets in them."""
        actor, documents = self._actor, (mask_document(before), mask_document(after))
        origin = None if actor.origin is None else _ORIGINS.dump(actor.origin)
        with transaction(self._connection):
            number, previous = self._head()
            at = self._clock().isoformat(timespec="microseconds")
            deed = (mask_text(actor.command), action, mask_text(target), *documents, origin)
            entry = (number + 1, at, actor.user, actor.ssh_client, *deed)
            added = self._connection.execute(_ADD, (*entry, hash_of_row(previous, entry)))
            if added.rowcount != 1:  # somebody made a trigger that says so: no deed without an entry
                raise HomeUnusable(
                    "state.db takes no entry of the audit: see patchdeck audit verify. Nothing was changed."
                )

    def _head(self) -> tuple[int, str]:
        row = self._connection.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        return row or (0, BEGINNING)

    def list_entries(self, limit: int | None = None) -> list[AuditEntry]:
        """The entries, newest first; at most ``limit`` of them."""
        rows = self._connection.execute(
            f"SELECT {ENTRY_COLUMNS} FROM audit ORDER BY id DESC LIMIT ?",  # noqa: S608 - ours only
            (-1 if limit is None else limit,),
        )
        return [read_entry(row) for row in rows]


def _time(text: str) -> datetime | None:
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else None
    return None


def _origin(document: str | None) -> Origin | None:
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None if document is None else _ORIGINS.load(document)
    return None
