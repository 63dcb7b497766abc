"""Noticing what changes of deployments, runs and decisions, whoever changes it: one cheap question a second."""

import sqlite3
from typing import TYPE_CHECKING

from textual.signal import Signal

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.state.database import renewed

if TYPE_CHECKING:
    from ops.state.work_revision import WorkRevision
    from tui.app import PatchdeckApp

# Every change of what administrators decide is audited with it: groups, scope, profiles, candidates, sources.
_NEWEST_DEED = "SELECT coalesce(max(id), 0) FROM audit"
# Nothing becomes of an alert without an event. Those that are about to open are kept in the same table.
_NEWEST_EVENT = "SELECT coalesce(max(id), 0) FROM alert_events"
_OPEN_ALERTS = """
SELECT count(*) FROM alerts
WHERE json_extract(document, '$.opened_at') IS NOT NULL AND json_extract(document, '$.resolved_at') IS NULL
"""


class WorkWatch:
    """Tells the app what is other than before.

    ``changed`` is published once deployments, runs or what is asked of runs changed, ``decided`` once anything was done
    that the audit keeps, ``written`` once anything at all was written: what the service does by itself, like opening
    an alert or delivering a message, nobody decided. ``open_alerts`` is how many are open; the header says so.
    """

    def __init__(self, deck: "PatchdeckApp", home: Home) -> None:
        self.changed: Signal[None] = Signal(deck, "work changed")
        self.decided: Signal[None] = Signal(deck, "something decided")
        self.written: Signal[None] = Signal(deck, "something written")
        self.open_alerts = 0
        self._deck = deck
        self._home = home
        self._connection: sqlite3.Connection | None = None
        # SQLite's own counter of what others wrote: without a step of it, nothing needs to be asked.
        self._data_version = -1
        self._seen: WorkRevision | None = None
        self._newest_deed: int | None = None
        self._counted_at: tuple[int, int | None] | None = None

    @property
    def has_looked(self) -> bool:
        """Whether it looked at all: the first look publishes everything, since it knows of nothing before."""
        return self._newest_deed is not None

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
        from ops.state.work_revision import work_revision  # with all that runs are: not before the first screen

        connection = renewed(self._connection, self._home.state_file)
        if connection is not self._connection:
            self._connection, self._data_version = connection, -1
        version = _number(self._connection, "PRAGMA data_version")
        if version == self._data_version:
            return []
        self._data_version = version
        # Whether what screens have read is from before or after the first look, nobody knows: they read it again.
        moved = [self.written]
        before, self._seen = self._seen, work_revision(self._connection)
        if before != self._seen:
            moved.append(self.changed)
        newest, self._newest_deed = self._newest_deed, _number(self._connection, _NEWEST_DEED)
        if newest != self._newest_deed:
            moved.append(self.decided)
        self._count_alerts(self._connection)
        return moved

    def _count_alerts(self, connection: sqlite3.Connection) -> None:
        # A rule that is removed takes its alerts along.
        newest = (_number(connection, _NEWEST_EVENT), self._newest_deed)
        if newest == self._counted_at:
            return
        self._counted_at = newest
        before, self.open_alerts = self.open_alerts, _number(connection, _OPEN_ALERTS)
        if before != self.open_alerts:
            self._deck.publish()


def _number(connection: sqlite3.Connection, question: str) -> int:
    return int(connection.execute(question).fetchone()[0])
