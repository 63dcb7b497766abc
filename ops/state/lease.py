"""The lease of the background service: at most one row, the service that works for the home now."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from ops.state.database import transaction


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds the lease. ``token`` is new for each service; ``seen_at`` is when it last said that it lives.

    ``doing`` is what it does, as `ops.service.doing` writes it.
    """

    token: str
    pid: int
    host: str
    user: str
    started_at: datetime
    seen_at: datetime
    version: str
    doing: str = ""


class LeaseBook:
    """The lease of one home. Whoever takes it has made sure that nobody else has it: see `ops.service.lease`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def holder(self) -> Lease | None:
        """Who holds it, as far as is written down."""
        row = self._connection.execute(
            "SELECT token, pid, host, user, started_at, seen_at, version, doing FROM service"
        ).fetchone()
        if row is None:
            return None
        token, pid, host, user, started_at, seen_at, version, doing = row
        started, seen = datetime.fromisoformat(started_at), datetime.fromisoformat(seen_at)
        return Lease(token, pid, host, user, started, seen, version, doing)

    def take(self, lease: Lease) -> None:
        """Write ``lease`` down in the place of whatever was there."""
        times = (_text(lease.started_at), _text(lease.seen_at))
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO service (id, token, pid, host, user, started_at, seen_at, version, doing) "
                "VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
                (lease.token, lease.pid, lease.host, lease.user, *times, lease.version, lease.doing),
            )

    def beat(self, token: str, seen_at: datetime, doing: str) -> bool:
        """Say that the holder lives and what it does; False where another holds the lease by now."""
        with transaction(self._connection):
            cursor = self._connection.execute(
                "UPDATE service SET seen_at = ?, doing = ? WHERE token = ?", (_text(seen_at), doing, token)
            )
        return cursor.rowcount == 1

    def is_held_by(self, token: str) -> bool:
        """Whether the service of ``token`` holds the lease; inside a transaction nobody takes it meanwhile."""
        row = self._connection.execute("SELECT 1 FROM service WHERE token = ?", (token,)).fetchone()
        return row is not None

    def release(self, token: str) -> None:
        """Let the lease go, if the service of ``token`` holds it."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM service WHERE token = ?", (token,))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
