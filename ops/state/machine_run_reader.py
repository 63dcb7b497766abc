"""The machines of one run, read again and again while it goes on: what has not changed is not read anew."""

import sqlite3
from collections.abc import Sequence

from fleet.deployments.runs import MachineRun
from ops.state.documents import Codec, load_stored

_MACHINE_RUNS = Codec(MachineRun)


class MachineRunReader:
    """Remembers what it read: of 500 machines with their outcomes, a few change in a second."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._read: dict[str, MachineRun] = {}

    def read(self, connection: sqlite3.Connection) -> Sequence[MachineRun]:
        """The machines in the order of the run's waves; the same object as before for one that has not changed."""
        query = "SELECT document FROM machine_runs WHERE run_id = ? ORDER BY position"
        rows = connection.execute(query, (self._run_id,))
        self._read = {text: self._read.get(text) or load_stored(_MACHINE_RUNS, text) for (text,) in rows}
        return list(self._read.values())
