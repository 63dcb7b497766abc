"""The book of settings that were overwritten on Windows machines: what they were. Every change is audited with it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.deployments.runs import RunStatus
from fleet.machines import Machine
from fleet.update_client.held import Held
from fleet.update_client.kept import KeptValue, keep_values, settle_values
from fleet.update_client.planning import SettingChange
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_OVER = json.dumps([status.value for status in RunStatus if status.is_over])
_HOLDER = """
SELECT runs.id
FROM machine_claims JOIN runs ON runs.id = machine_claims.run_id
WHERE machine_claims.machine_id = ? AND runs.status NOT IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class KeptSettings:
    """What is kept of one machine."""

    values: tuple[KeptValue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """A value for the audit."""

    name: str
    held: Held | None


@dataclass(frozen=True, slots=True)
class _Deed:
    """What the audit has of one act: the machine, whatever it is called by now, and values before or after."""

    id: str
    values: tuple[_Named, ...] = ()
    outcome: str = ""


_CODEC = Codec(KeptSettings)
_DEEDS = Codec(_Deed)


class ClientSettingsBook:
    """The kept settings of one home, by the ids of machines: renaming and retiring leave them, removing does not."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def find(self, machine_id: str) -> tuple[KeptValue, ...]:
        """What is kept of the machine; nothing where it was never configured, or all was put back."""
        row = self._connection.execute(
            "SELECT document FROM client_settings WHERE machine_id = ?", (machine_id,)
        ).fetchone()
        return () if row is None else load_stored(_CODEC, row[0]).values

    def holder(self, machine_id: str) -> str | None:
        """The run that works on the machine now; None where none does."""
        row = self._connection.execute(_HOLDER, (machine_id, _OVER)).fetchone()
        return None if row is None else str(row[0])

    def begin(self, machine: Machine, changes: Sequence[SettingChange], action: str, *, restores: bool) -> None:
        """Keeps what ``changes`` are about to overwrite, before the machine is told: nothing is lost if we are killed.

        ``action`` is what the audit calls it. What ``restores`` overwrites on purpose is not kept.
        """
        with transaction(self._connection):
            at, by = self._audit.now(), self._audit.actor.user
            self._put(machine.id, keep_values(self.find(machine.id), changes, at, by, restores=restores))
            before, after = (
                _Deed(machine.id, tuple(_Named(change.name, held) for change, held in pairs))
                for pairs in (
                    [(change, change.before) for change in changes],
                    [(change, change.after) for change in changes],
                )
            )
            self._audit.record(action, machine.name, _DEEDS.dump(before), _DEEDS.dump(after))

    def finish(
        self,
        machine: Machine,
        changes: Sequence[SettingChange],
        now: Mapping[str, Held | None],
        action: str,
        outcome: str,
        *,
        nothing_written: bool,
    ) -> None:
        """Notes what stands on the machine after all: a value that is what it was before is kept no more.

        Where ``nothing_written``, what `begin` kept is taken back.
        """
        with transaction(self._connection):
            kept = settle_values(self.find(machine.id), changes, now, nothing_written=nothing_written)
            self._put(machine.id, [*kept])
            deed = _Deed(machine.id, tuple(_Named(name, held) for name, held in now.items()), outcome)
            self._audit.record(action, machine.name, None, _DEEDS.dump(deed))

    def drop(self, machine: Machine, names: Sequence[str]) -> None:
        """Keeps these no more: the machine has them as they were, whoever put them back, or is no more itself."""
        with transaction(self._connection):
            before = self.find(machine.id)
            after = [value for value in before if value.name not in names]
            if len(after) == len(before):
                return
            self._put(machine.id, after)
            documents = (_CODEC.dump(KeptSettings(tuple(values))) for values in (before, after))
            self._audit.record("machine.settings-settled", machine.name, *documents)

    def drop_all(self, machine: Machine) -> None:
        """Keeps nothing of the machine any more: nobody can put it back. The audit has what it was."""
        self.drop(machine, [value.name for value in self.find(machine.id)])

    def _put(self, machine_id: str, values: Sequence[KeptValue]) -> None:
        if not values:
            self._connection.execute("DELETE FROM client_settings WHERE machine_id = ?", (machine_id,))
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO client_settings (machine_id, document) VALUES (?, ?)",
            (machine_id, _CODEC.dump(KeptSettings(tuple(values)))),
        )
