"""What runs made of one update on machines, taken by SQLite out of the long documents of machines of runs."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.runs import InstallationStatus, MachineRunStatus
from fleet.hostile import clean
from fleet.reasons.facts import OutcomeSight
from fleet.updates import Update

# Most machines that a run had do not name the update at all: looking for its name first spares parsing those.
_OF_RUN = """
SELECT machine_runs.machine_id, status, json_extract(document, '$.error'), json_extract(document, '$.ended_at'),
    CASE WHEN instr(document, ?3) > 0 THEN (
        SELECT json_array(
            json_extract(value, '$.status'), json_extract(value, '$.error'), json_extract(value, '$.error_code'),
            json_extract(value, '$.log_excerpt'))
        FROM json_each(document, '$.outcomes')
        WHERE CASE WHEN ?4 <> '' THEN json_extract(value, '$.update_id') = ?4
            ELSE json_extract(value, '$.name') = ?5 AND json_extract(value, '$.offered_version') = ?6
                AND coalesce(json_extract(value, '$.architecture'), '') = ?7 END
        LIMIT 1) END
FROM json_each(?2) AS wanted CROSS JOIN machine_runs
    ON machine_runs.run_id = ?1 AND machine_runs.machine_id = wanted.value
"""


@dataclass(frozen=True, slots=True)
class MachineTry:
    """Where a machine of a run stands, and what became of the update; None where the run says nothing of it."""

    status: MachineRunStatus
    error: str
    ended_at: datetime | None
    outcome: OutcomeSight | None


class UpdateTries:
    """The runs of one home, as far as they speak of one update. Its methods block; a connection is for one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of_run(self, run_id: str, machine_ids: Collection[str], update: Update) -> Mapping[str, MachineTry]:
        """Those of the machines that were in the run, by id."""
        known = update.windows
        update_id = known.update_id if known else ""
        names = (update.name, update.offered_version, update.architecture)
        needle = json.dumps(update_id or update.name)[1:-1]
        parameters = (run_id, json.dumps([*machine_ids]), needle, update_id, *names)
        return {
            machine_id: MachineTry(
                MachineRunStatus(status), error or "", datetime.fromisoformat(ended) if ended else None, _outcome(found)
            )
            for machine_id, status, error, ended, found in self._connection.execute(_OF_RUN, parameters)
        }

    def has_machines(self, run_id: str) -> bool:
        """Whether it was ever known which machines are in the run."""
        asked = "SELECT 1 FROM machine_runs WHERE run_id = ? LIMIT 1"
        return self._connection.execute(asked, (run_id,)).fetchone() is not None


def _outcome(found: str | None) -> OutcomeSight | None:
    if found is None:
        return None
    status, error, code, excerpt = json.loads(found)
    return OutcomeSight(InstallationStatus(status), error or "", code or "", _last_line((excerpt or "").splitlines()))


def _last_line(lines: Sequence[str]) -> str:
    return clean(next((line for line in reversed(lines) if line.strip()), ""), 300)
