"""What the service remembers of its schedule: assessments of machines, starts of deployments, other duties."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import RunStatus
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_DEPLOYMENTS = Codec(Deployment)
_LATEST = """
SELECT machines.id, answered_at, begun_at, coalesce(failures, 0), refreshed_at
FROM machines
LEFT JOIN statuses ON statuses.machine_id = machines.id
LEFT JOIN assessed_by_service AS scheduled ON scheduled.machine_id = machines.id
"""
_BEGAN = """
INSERT INTO assessed_by_service (machine_id, begun_at, failures, refreshed_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (machine_id) DO UPDATE SET
    begun_at = excluded.begun_at,
    failures = CASE WHEN excluded.failures THEN failures + 1 ELSE 0 END,
    refreshed_at = coalesce(excluded.refreshed_at, refreshed_at)
"""


@dataclass(frozen=True, slots=True)
class LastAssessed:
    """When a machine last answered, whoever asked, and when the service last began it, whatever came of it.

    ``failures`` is how often in a row the service could not reach it; ``refreshed_at`` when its lists were fetched.
    """

    answered_at: datetime | None = None
    begun_at: datetime | None = None
    failures: int = 0
    refreshed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartOutcome:
    """What came of a start of a schedule; ``run_id`` is empty where none was made."""

    deployment: str
    due_at: datetime
    outcome: str
    run_id: str


class ScheduleBook:
    """The service's memory in one home."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last_assessed(self) -> Mapping[str, LastAssessed]:
        """Of every enrolled machine, by id."""
        return {
            machine_id: LastAssessed(_time(answered_at), _time(begun_at), failures, _time(refreshed_at))
            for machine_id, answered_at, begun_at, failures, refreshed_at in self._connection.execute(_LATEST)
        }

    def note_assessed(
        self, begun_at: datetime, reached: Iterable[str], unreached: Iterable[str], *, refreshed: bool
    ) -> None:
        """Note that the service assessed machines at ``begun_at``: those that answered, or failed otherwise than by
        being out of reach, and those that were out of reach.
        """
        at = _text(begun_at)
        rows = [(machine_id, at, 0, at if refreshed else None) for machine_id in reached]
        rows += [(machine_id, at, 1, None) for machine_id in unreached]
        with transaction(self._connection):
            self._connection.executemany(_BEGAN, rows)
            self._connection.execute(
                "DELETE FROM assessed_by_service WHERE machine_id NOT IN (SELECT id FROM machines)"
            )

    def claimed_machines(self) -> frozenset[str]:
        """The ids of the machines that a run works on now; a run that is over has none."""
        rows = self._connection.execute(
            "SELECT machine_id FROM machine_claims JOIN runs ON runs.id = machine_claims.run_id "
            "WHERE runs.status NOT IN (SELECT value FROM json_each(?))",
            (json.dumps([status.value for status in RunStatus if status.is_over]),),
        )
        return frozenset(machine_id for (machine_id,) in rows)

    def editions(self) -> Mapping[str, str]:
        """The deployments by name, each with a text that is another after every change."""
        rows = self._connection.execute("SELECT name, revision || ' ' || changed_at FROM deployments ORDER BY name")
        return dict(rows.fetchall())

    def scheduled_since(self, deployment: Deployment) -> datetime | None:
        """Since when ``deployment`` has been enabled with the schedule that it has; None where the audit cannot say."""
        since = None
        rows = self._connection.execute(
            "SELECT at, before, after FROM audit WHERE target = ? COLLATE NOCASE AND action IN "
            "('deployment.add', 'deployment.edit', 'deployment.enable', 'deployment.disable', 'deployment.remove') "
            "ORDER BY id DESC",
            (deployment.name,),
        )
        for at, before, after in rows:
            if not _starts_alike(after, deployment):
                break
            since = datetime.fromisoformat(at)
            if not _starts_alike(before, deployment):
                break
        return since

    def last_due(self, deployment: str, by: datetime) -> datetime | None:
        """When the last start was due, not after ``by``, that was dealt with."""
        row = self._connection.execute(
            "SELECT max(due_at) FROM starts WHERE deployment = ? AND due_at <= ?", (deployment, _text(by))
        ).fetchone()
        return _time(row[0])

    def dealt_with(self, deployment: str, due: Iterable[datetime]) -> frozenset[datetime]:
        """Those of the starts that were dealt with."""
        rows = self._connection.execute(
            "SELECT due_at FROM starts WHERE deployment = ? AND due_at IN (SELECT value FROM json_each(?))",
            (deployment, json.dumps([_text(at) for at in due])),
        )
        return frozenset(datetime.fromisoformat(at) for (at,) in rows)

    def last_run_made(self, deployment: str) -> StartOutcome | None:
        """The last start of which a run was made."""
        row = self._connection.execute(
            "SELECT deployment, due_at, outcome, run_id FROM starts WHERE deployment = ? AND run_id <> '' "
            "ORDER BY due_at DESC LIMIT 1",
            (deployment,),
        ).fetchone()
        return None if row is None else _outcome(row)

    def last_start(self, deployment: str) -> StartOutcome | None:
        """What came of the last start that was dealt with."""
        row = self._connection.execute(
            "SELECT deployment, due_at, outcome, run_id FROM starts WHERE deployment = ? ORDER BY due_at DESC LIMIT 1",
            (deployment,),
        ).fetchone()
        return None if row is None else _outcome(row)

    def recent_starts(self, limit: int) -> Sequence[StartOutcome]:
        """What came of the last starts, the latest first."""
        rows = self._connection.execute(
            "SELECT deployment, due_at, outcome, run_id FROM starts ORDER BY due_at DESC, deployment LIMIT ?", (limit,)
        )
        return [_outcome(row) for row in rows]

    def last_done(self, duty: str) -> datetime | None:
        """When the duty was last done."""
        row = self._connection.execute("SELECT done_at FROM duties WHERE name = ?", (duty,)).fetchone()
        return _time(row[0]) if row else None

    def note_done(self, duty: str, at: datetime) -> None:
        """Note that the duty is done."""
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO duties (name, done_at) VALUES (?, ?)", (duty, _text(at)))


def _outcome(row: tuple[str, str, str, str]) -> StartOutcome:
    deployment, due_at, outcome, run_id = row
    return StartOutcome(deployment, datetime.fromisoformat(due_at), outcome, run_id)


def _starts_alike(document: str | None, deployment: Deployment) -> bool:
    if document is None:
        return False
    known = load_stored(_DEPLOYMENTS, document)
    return known.enabled and known.schedule == deployment.schedule


def _text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
