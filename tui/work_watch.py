"""Noticing what changes of deployments and runs, whoever changes it: one cheap question a second, silence otherwise."""

import sqlite3
from typing import TYPE_CHECKING

from textual.signal import Signal

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.state.database import connect
from ops.state.work_revision import WorkRevision, work_revision

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class WorkWatch:
    """``changed`` is published in the app once deployments, runs, or what is asked of runs, are other than before."""

    def __init__(self, deck: "PatchdeckApp", home: Home) -> None:
        self.changed: Signal[None] = Signal(deck, "work changed")
        self._home = home
        self._connection: sqlite3.Connection | None = None
        # SQLite's own counter of what others wrote: without a step of it, nothing needs to be asked.
        self._data_version = -1
        self._seen: WorkRevision | None = None

    def look(self) -> None:
        """Publishes where something changed since the look before. That state.db cannot be read, others tell."""
        try:
            moved = self._has_moved()
        except (PatchdeckError, sqlite3.Error):
            return
        if moved:
            self.changed.publish(None)

    def close(self) -> None:
        """Gives the connection back."""
        if self._connection is not None:
            self._connection.close()

    def _has_moved(self) -> bool:
        if self._connection is None:
            self._connection = connect(self._home.state_file)
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if version == self._data_version:
            return False
        self._data_version = version
        before, self._seen = self._seen, work_revision(self._connection)
        # Whether what screens have read is from before or after the first look, nobody knows: they read it again.
        return before != self._seen
