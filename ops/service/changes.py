"""Noticing that somebody wrote to state.db, at the cost of reading a number in shared memory."""

import sqlite3
from datetime import datetime

from fleet.errors import StoreBusy
from ops.home import Home
from ops.state.database import connect
from ops.state.lease import LeaseBook


class ChangeWatch:
    """Tells whether another connection has committed to state.db; for one thread. Close it.

    It also keeps the lease alive, on the same connection: what it writes itself is no change. It waits for nobody, so
    that the event loop may call it.
    """

    def __init__(self, home: Home, token: str) -> None:
        self._connection = connect(home.state_file)
        self._connection.execute("PRAGMA busy_timeout = 0")
        self._token = token
        self._seen = -1

    def has_changed(self) -> bool:
        """Whether anything was committed since the last call, at the first always; True where that cannot be told."""
        try:
            version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return True
        changed, self._seen = version != self._seen, version
        return changed

    def is_ours(self) -> bool:
        """Whether the lease is still ours; True where that cannot be told, since nobody else can write then either."""
        try:
            return LeaseBook(self._connection).is_held_by(self._token)
        except sqlite3.Error:
            return True

    def beat(self, at: datetime, doing: str) -> bool:
        """Say that the service lives, and what it does; False where another has taken the lease.

        Raises:
            HomeUnusable: that cannot be written.
        """
        try:
            return LeaseBook(self._connection).beat(self._token, at, doing)
        except StoreBusy:
            return True  # somebody writes for a moment; the next beat comes

    def close(self) -> None:
        """End it."""
        self._connection.close()
