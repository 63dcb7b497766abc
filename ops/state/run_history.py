"""What is asked of many runs at once: how many machines stand where, and what a machine went through."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fleet.deployments.runs import MachineRun, MachineRunStatus, Run
from ops.state.documents import Codec, load_stored

_RUNS = Codec(Run)
_MACHINE_RUNS = Codec(MachineRun)

_COUNT = """
SELECT run_id, status, count(*)
FROM machine_runs
WHERE run_id IN (SELECT value FROM json_each(?))
GROUP BY run_id, status
"""
# CROSS JOIN keeps the order of the loops: for each run a look at its key, not every machine of every run.
_OF_MACHINES = """
SELECT runs.document, machine_runs.document
FROM runs CROSS JOIN json_each(?1) AS wanted CROSS JOIN machine_runs
    ON machine_runs.run_id = runs.id AND machine_runs.machine_id = wanted.value
WHERE ?2 IS NULL OR runs.deployment = ?2
ORDER BY runs.opens_at DESC, runs.id DESC, machine_runs.position
LIMIT ?3
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
        rows = self._connection.execute(
            _OF_MACHINES, (json.dumps([*machine_ids]), deployment, -1 if limit is None else limit)
        )
        return [(load_stored(_RUNS, run), load_stored(_MACHINE_RUNS, machine)) for run, machine in rows]

    def ids_called(self, machine_name: str) -> Sequence[str]:
        """The ids of the machines that had that name in a run, whatever its case; they may be removed by now."""
        return [machine_id for (machine_id,) in self._connection.execute(_IDS_BY_NAME, (machine_name,))]
