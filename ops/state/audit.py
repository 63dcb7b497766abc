"""The audit: who did what, when and from where. Entries are only ever added."""

import os
import pwd
import shlex
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.audit_chain import BEGINNING, entry_hash
from fleet.hostile import clean
from ops.state.database import transaction

_ADD = (
    "INSERT INTO audit (id, at, user, ssh_client, command, action, target, before, after, hash) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the Unix user (``su-ed from`` in brackets), the SSH client's address and port, the command line."""

    user: str
    ssh_client: str
    command: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. ``before`` and ``after`` are JSON, None where there was nothing or nothing is left."""

    at: datetime
    actor: Actor
    action: str
    target: str
    before: str | None
    after: str | None


def current_actor() -> Actor:
    """Whoever runs this process."""
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    login = os.environ.get("SUDO_USER", "")
    return Actor(
        user=clean(f"{user} ({login})" if login and login != user else user),
        ssh_client=clean(os.environ.get("SSH_CLIENT", "")),
        command=clean(shlex.join(sys.argv)),
    )


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
        """Add an entry: ``machine.edit`` of ``web-01``, and the JSON of what it was and is."""
        who = (self._actor.user, self._actor.ssh_client, self._actor.command)
        with transaction(self._connection):
            number, previous = self._head()
            at = self._clock().isoformat(timespec="microseconds")
            entry = (number + 1, at, *who, action, target, before, after)
            self._connection.execute(_ADD, (*entry, entry_hash(previous, *entry)))

    def _head(self) -> tuple[int, str]:
        row = self._connection.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        return row or (0, BEGINNING)

    def list_entries(self, limit: int | None = None) -> list[AuditEntry]:
        """The entries, newest first; at most ``limit`` of them."""
        rows = self._connection.execute(
            "SELECT at, user, ssh_client, command, action, target, before, after FROM audit ORDER BY id DESC LIMIT ?",
            (-1 if limit is None else limit,),
        )
        return [AuditEntry(datetime.fromisoformat(row[0]), Actor(*row[1:4]), *row[4:]) for row in rows]
