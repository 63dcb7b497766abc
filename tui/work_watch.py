"""Noticing what changes of deployments, runs and decisions, whoever changes it: one cheap question a second."""

import sqlite3
from typing import TYPE_CHECKING

from textual.signal import Signal

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.state.database import renewed
from ops.state.work_revision import WorkRevision, work_revision

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

# Every change of what administrators decide is audited with it: groups, scope, profiles, candidates, sources.
_NEWEST_DEED = "SELECT coalesce(max(id), 0) FROM audit"


class WorkWatch:
    """Tells the app what is other than before.

    ``changed`` is published once deployments, runs or what is asked of runs changed, ``decided`` once anything was done
    that the audit keeps.
    """

    def __init__(self, deck: "PatchdeckApp", home: Home) -> None:
        self.changed: Signal[None] = Signal(deck, "work changed")
        self.decided: Signal[None] = Signal(deck, "something decided")
        self._home = home
        self._connection: sqlite3.Connection | None = None
        # SQLite's own counter of what others wrote: without a step of it, nothing needs to be asked.
        self._data_version = -1
        self._seen: WorkRevision | None = None
        self._newest_deed: int | None = None

    def look(self) -> None:
        """Publishes where something changed since the look before. That state.db cannot be read, others tell."""
        try:
            moved = self._moved()
        except (PatchdeckError, sqlite3.Error):
            return
        for signal in moved:
            signal.publish(None)

    def close(self) -> None:
        """Gives the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _moved(self) -> list[Signal[None]]:
        connection = renewed(self._connection, self._home.state_file)
        if connection is not self._connection:
            self._connection, self._data_version = connection, -1
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version == self._data_version:
            return []
        self._data_version = version
        # Whether what screens have read is from before or after the first look, nobody knows: they read it again.
        moved = []
        before, self._seen = self._seen, work_revision(self._connection)
        if before != self._seen:
            moved.append(self.changed)
        newest, self._newest_deed = self._newest_deed, int(self._connection.execute(_NEWEST_DEED).fetchone()[0])
        if newest != self._newest_deed:
            moved.append(self.decided)
        return moved
