"""The run book of whoever works on a run: it also lets machines go, and knows which may be begun."""

import json
import sqlite3

from fleet.deployments.rollout import Rollout
from fleet.deployments.runs import RunStatus
from fleet.deployments.waves import may_begin
from fleet.machines import Machine
from ops.state.database import transaction
from ops.state.lease import LeaseBook
from ops.state.machines import MachineBook
from ops.state.runs import RunBook


class WorkBook(RunBook):
    """As `RunBook`. Its methods block; a connection is for one thread."""

    @property
    def connection(self) -> sqlite3.Connection:
        """For what else belongs into the same transaction."""
        return self._connection

    def find_objection(self, machine_id: str) -> str:
        """Why the machine is not to be begun, in one line: somebody removed or disabled it; empty if nobody did."""
        machine = MachineBook(self._connection).with_ids([machine_id]).get(machine_id)
        if machine is None:
            return "it was removed after the plan was made"
        return "" if machine.enabled else "it was disabled after the plan was made"

    def find_neighbour(self, machine: Machine, rollout: Rollout, run_id: str) -> tuple[str, str] | None:
        """The other open run that works on a machine of the same cluster, and that machine's name; None: none does."""
        if not rollout.cluster_tag:
            return None
        rows = self._connection.execute(
            "SELECT machine_id, run_id FROM machine_claims JOIN runs ON runs.id = run_id "
            "WHERE run_id <> ? AND machine_id <> ? AND status NOT IN (SELECT value FROM json_each(?))",
            (run_id, machine.id, json.dumps([status.value for status in RunStatus if status.is_over])),
        )
        claims = dict(rows.fetchall())
        for other in MachineBook(self._connection).with_ids(claims).values():
            if not may_begin(machine, [other], rollout):
                return str(claims[other.id]), other.name
        return None

    def release_all(self, run_id: str) -> None:
        """Let all machines go that the run has."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM machine_claims WHERE run_id = ?", (run_id,))

    def is_lease_held(self, token: str) -> bool:
        """Whether the service of ``token`` still holds the lease of this home."""
        return LeaseBook(self._connection).is_held_by(token)
