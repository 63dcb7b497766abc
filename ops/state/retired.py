"""The book of retired machines: which there are, how one goes in and comes back. Every change is audited with it."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from fleet.deployments.runs import RunStatus
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.machines import Machine, check_name
from fleet.retired import RetiredMachine
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook

_CODEC = Codec(RetiredMachine)
_MACHINES = Codec(Machine)
_OVER = json.dumps([status.value for status in RunStatus if status.is_over])
_MOST_REASON = 500
_HOLDER = """
SELECT runs.id
FROM machine_claims JOIN runs ON runs.id = machine_claims.run_id
WHERE machine_claims.machine_id = ? AND runs.status NOT IN (SELECT value FROM json_each(?))
"""


class RetiredBook:
    """The retired machines of one home, by id; several may have had one name."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[RetiredMachine]:
        """All of them by name, the latest retired first among those of one name."""
        rows = self._connection.execute("SELECT document FROM retired ORDER BY name, retired_at DESC, machine_id")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def called(self, name: str) -> Sequence[RetiredMachine]:
        """Those of that name, whatever the case; the latest retired first."""
        rows = self._connection.execute(
            "SELECT document FROM retired WHERE name = ? ORDER BY retired_at DESC, machine_id", (name,)
        )
        return [load_stored(_CODEC, document) for (document,) in rows]

    def find(self, name_or_id: str) -> RetiredMachine:
        """The retired machine of that id, or the only one of that name, whatever the case.

        Raises:
            UnknownName: there is none.
            BadInput: several had the name.
        """
        row = self._connection.execute("SELECT document FROM retired WHERE machine_id = ?", (name_or_id,)).fetchone()
        if row is not None:
            return load_stored(_CODEC, row[0])
        found = self.called(name_or_id)
        if not found:
            names = self._connection.execute("SELECT DISTINCT name FROM retired")
            raise UnknownName("retired machine", name_or_id, [name for (name,) in names])
        if len(found) > 1:
            each = "; ".join(retired.describe() for retired in found)
            raise BadInput(f"{len(found)} retired machines were called {name_or_id!r}: give the id. {each}.")
        return found[0]

    def retire(self, name: str, reason: str = "") -> RetiredMachine:
        """Take the machine called ``name`` out of the fleet, with what is known of it; its name is free then.

        Raises:
            UnknownName: no machine has that name.
            BadInput: a run works on it.
        """
        with transaction(self._connection):
            machine = MachineBook(self._connection).get(name)
            require_idle(self._connection, machine)
            status = StatusBook(self._connection).find(machine)
            reason = clean(reason, _MOST_REASON)
            retired = RetiredMachine(
                machine, self._audit.now(), self._audit.actor.user, reason, status.last_attempt, status.last_answer
            )
            self._connection.execute("DELETE FROM machines WHERE id = ?", (machine.id,))
            at = retired.retired_at.isoformat(timespec="microseconds")
            self._connection.execute(
                "INSERT OR REPLACE INTO retired (machine_id, name, retired_at, document) VALUES (?, ?, ?, ?)",
                (machine.id, machine.name, at, _CODEC.dump(retired)),
            )
            after = json.dumps({"id": machine.id, "retired_at": at, "reason": reason})
            self._audit.record("machine.retire", machine.name, _MACHINES.dump(machine), after)
        return retired

    def restore(self, name_or_id: str, new_name: str | None = None) -> RetiredMachine:
        """Bring the machine back as it was, under ``new_name`` if that is given; what is given is as it was retired.

        Raises:
            UnknownName, BadInput: as `find`; or another machine has its name by now.
        """
        with transaction(self._connection):
            retired = self.find(name_or_id)
            machine = replace(retired.machine, name=check_name(new_name or retired.machine.name))
            self._require_free(machine)
            document = _MACHINES.dump(machine)
            self._connection.execute(
                "INSERT INTO machines (document, name, id) VALUES (?, ?, ?)", (document, machine.name, machine.id)
            )
            # It is not removed any more: a table that is published anew from the beginning must keep its rows.
            self._connection.execute("DELETE FROM removals WHERE machine_id = ?", (machine.id,))
            StatusBook(self._connection).put(replace(retired.status, machine=machine))
            self._connection.execute("DELETE FROM retired WHERE machine_id = ?", (machine.id,))
            self._audit.record("machine.restore", machine.name, None, document)
        return retired

    def forget(self, name_or_id: str) -> RetiredMachine:
        """Forget a retired machine; only what the tables and the audit say of it stays.

        Raises:
            UnknownName, BadInput: as `find`.
        """
        with transaction(self._connection):
            retired = self.find(name_or_id)
            self._connection.execute("DELETE FROM retired WHERE machine_id = ?", (retired.machine.id,))
            self._audit.record("machine.forget", retired.machine.name, _CODEC.dump(retired), None)
        return retired

    def _require_free(self, machine: Machine) -> None:
        row = self._connection.execute("SELECT id FROM machines WHERE name = ?", (machine.name,)).fetchone()
        if row is not None:
            raise BadInput(
                f"Another machine is called {machine.name} by now (id {row[0]}): restore this one under another name, "
                "with --name."
            )


def require_idle(connection: sqlite3.Connection, machine: Machine) -> None:
    """Refuses to take ``machine`` out of the fleet while a run works on it.

    Raises:
        BadInput: one does.
    """
    row = connection.execute(_HOLDER, (machine.id, _OVER)).fetchone()
    if row is not None:
        raise BadInput(f"The run {row[0]} works on {machine.name}: wait, or `patchdeck deployments cancel {row[0]}`.")
