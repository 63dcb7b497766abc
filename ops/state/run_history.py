"""What runs say of the past: how many machines stood where, what a machine went through, what was asked of a run."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fleet.deployments.runs import Intervention, MachineRun, MachineRunStatus, Run, RunStep
from ops.state.documents import Codec, load_stored
from ops.state.runs import JournalPhase, RunAction

_RUNS = Codec(Run)
_MACHINE_RUNS = Codec(MachineRun)

_COUNT = """
SELECT run_id, status, count(*)
FROM machine_runs
WHERE run_id IN (SELECT value FROM json_each(?))
GROUP BY run_id, status
"""
_LATEST_FIRST = """
SELECT id
FROM runs
WHERE ?1 IS NULL OR deployment = ?1
ORDER BY opens_at DESC, id DESC
"""
_OF_RUN = """
SELECT machine_runs.document
FROM json_each(?2) AS wanted CROSS JOIN machine_runs
    ON machine_runs.run_id = ?1 AND machine_runs.machine_id = wanted.value
ORDER BY machine_runs.position
"""
_IDS_BY_NAME = """
SELECT DISTINCT machine_id
FROM machine_runs
WHERE json_extract(document, '$.machine_name') = ? COLLATE NOCASE
"""


class RunHistory:
    """The runs of one home, looked at from afar; `RunBook` has each of them whole."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count_machines(self, run_ids: Iterable[str]) -> Mapping[str, Mapping[MachineRunStatus, int]]:
        """How many machines of each run stand where; without runs whose machines are not known yet."""
        counts: dict[str, dict[MachineRunStatus, int]] = defaultdict(dict)
        for run_id, status, count in self._connection.execute(_COUNT, (json.dumps([*run_ids]),)):
            counts[run_id][MachineRunStatus(status)] = count
        return counts

    def of_machines(
        self, machine_ids: Iterable[str], deployment: str | None = None, limit: int | None = None
    ) -> Sequence[tuple[Run, MachineRun]]:
        """What the machines went through, the latest first; of ``deployment`` only."""
        wanted = json.dumps([*machine_ids])
        found: list[tuple[Run, MachineRun]] = []
        # Run by run, so that no more of them are looked at than ``limit`` needs.
        for (run_id,) in self._connection.execute(_LATEST_FIRST, (deployment,)).fetchall():
            if limit is not None and len(found) >= limit:
                break
            machines = [
                load_stored(_MACHINE_RUNS, row[0]) for row in self._connection.execute(_OF_RUN, (run_id, wanted))
            ]
            if machines:
                run = self._load(run_id)
                found += [(run, machine) for machine in machines]
        return found[:limit]

    def ids_called(self, machine_name: str) -> Sequence[str]:
        """The ids of the machines that had that name in a run, whatever its case; they may be removed by now."""
        return [machine_id for (machine_id,) in self._connection.execute(_IDS_BY_NAME, (machine_name,))]

    def interventions(self, run_id: str) -> Sequence[Intervention]:
        """Who paused, resumed or cancelled the run, in order; nothing that came too late or was so already."""
        rows = self._connection.execute(
            "SELECT at, detail FROM journal WHERE run_id = ? AND machine_id = '' AND step = ? AND phase = ? "
            "ORDER BY id",
            (run_id, RunStep.WAVE.value, JournalPhase.NOTE.value),
        )
        said = [(datetime.fromisoformat(at), json.loads(detail)) for at, detail in rows if detail]
        return [
            Intervention(at, each["asked"], each.get("by", ""), each.get("reason", ""))
            for at, each in said
            if "asked" in each
        ]

    def is_to_be_cancelled(self, run_id: str) -> bool:
        """Whether somebody has ever asked that the run be cancelled."""
        asked = "SELECT 1 FROM run_requests WHERE run_id = ? AND action = ? LIMIT 1"
        return self._connection.execute(asked, (run_id, RunAction.CANCEL.value)).fetchone() is not None

    def _load(self, run_id: str) -> Run:
        return load_stored(
            _RUNS, self._connection.execute("SELECT document FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
        )
