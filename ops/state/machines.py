"""The machine book: which machines are enrolled and how each is reached. Every change is audited with it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine, TransportKind, check_address, check_name, check_port, check_user_of, parse_tag
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored
from ops.state.profiles import ProfileBook

_CODEC = Codec(Machine)


class MachineBook:
    """The enrolled machines of one home. Names are unique whatever their case."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list_machines(self) -> list[Machine]:
        """All machines by name, disabled ones too."""
        return list(self.read_machines())

    def read_machines(self) -> Iterator[Machine]:
        """As `list_machines`, one after another."""
        rows = self._connection.execute("SELECT document FROM machines ORDER BY name")
        return (load_stored(_CODEC, document) for (document,) in rows)

    def with_ids(self, machine_ids: Iterable[str]) -> dict[str, Machine]:
        """Those of the machines that are enrolled, by id."""
        rows = self._connection.execute(
            "SELECT id, document FROM machines WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([*machine_ids]),),
        )
        return {machine_id: load_stored(_CODEC, document) for machine_id, document in rows}

    def removed_since(self, revision: int) -> list[str]:
        """The ids of the machines that were removed after ``revision``; see `StatusBook.revision`."""
        rows = self._connection.execute("SELECT machine_id FROM removals WHERE revision > ?", (revision,))
        return [machine_id for (machine_id,) in rows]

    def get(self, name: str) -> Machine:
        """The machine called ``name``, whatever the case.

        Raises:
            UnknownName: none is.
        """
        machine = self.find(name)
        if machine is None:
            names = self._connection.execute("SELECT name FROM machines")
            raise UnknownName("machine", name, [known for (known,) in names])
        return machine

    def find(self, name: str) -> Machine | None:
        """The machine called ``name``, whatever the case; None where none is: no name like it is looked for."""
        row = self._connection.execute("SELECT document FROM machines WHERE name = ?", (name,)).fetchone()
        return None if row is None else load_stored(_CODEC, row[0])

    def add(self, machine: Machine) -> None:
        """Enrol ``machine``.

        Raises:
            BadInput: a machine has that name or id already, how it is to be reached cannot be used, or its profile is
                not there.
        """
        _check(machine)
        document = _CODEC.dump(machine)
        with transaction(self._connection):
            self._check_profile(machine.profile)
            self._write("INSERT INTO machines (document, name, id) VALUES (?, ?, ?)", document, machine)
            self._audit.record("machine.add", machine.name, None, document)

    def edit(self, machine: Machine) -> None:
        """Put ``machine`` in the place of the one with its id; its name may be another.

        Raises:
            UnknownName: none has its id.
            BadInput: another machine has that name, how it is to be reached cannot be used, or a new profile of it is
                not there.
        """
        _check(machine)
        self._put("machine.edit", machine)

    def set_enabled(self, name: str, *, enabled: bool) -> Machine:
        """Enable or disable the machine called ``name``, and return it as it is then; no change, no audit.

        Raises:
            UnknownName: no machine has that name.
        """
        with transaction(self._connection):
            machine = self.get(name)
            changed = replace(machine, enabled=enabled)
            if changed != machine:
                self._put("machine.enable" if enabled else "machine.disable", changed)
        return changed

    def remove(self, name: str) -> Machine:
        """Remove the machine called ``name`` with its status, and return it; the tables keep its history.

        Raises:
            UnknownName: no machine has that name.
        """
        with transaction(self._connection):
            machine = self.get(name)
            self._connection.execute("DELETE FROM machines WHERE id = ?", (machine.id,))
            self._audit.record("machine.remove", machine.name, _CODEC.dump(machine), None)
        return machine

    def _put(self, action: str, machine: Machine) -> None:
        document = _CODEC.dump(machine)
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM machines WHERE id = ?", (machine.id,)).fetchone()
            if row is None:
                raise UnknownName("machine", machine.name, [known.name for known in self.list_machines()])
            if machine.profile is not None and load_stored(_CODEC, row[0]).profile != machine.profile:
                self._check_profile(machine.profile)
            self._write("UPDATE machines SET document = ?, name = ? WHERE id = ?", document, machine)
            self._audit.record(action, machine.name, row[0], document)

    def _check_profile(self, name: str | None) -> None:
        if name is not None:
            ProfileBook(self._connection, self._audit).find(name)

    def _write(self, statement: str, document: str, machine: Machine) -> None:
        try:
            self._connection.execute(statement, (document, machine.name, machine.id))
        except sqlite3.IntegrityError as error:
            raise BadInput(
                f"There is already a machine {machine.name!r} (upper and lower case are the same)."
            ) from error


def _check(machine: Machine) -> None:
    check_name(machine.name)
    if machine.address is not None:
        check_address(machine.address)
    if machine.port is not None:
        check_port(machine.port)
    check_user_of(machine)
    for key, value in machine.tags.items():
        parse_tag(f"{key}={value}")
    if machine.transport is TransportKind.SCRIPTED and not machine.transcript:
        raise BadInput(f"{machine.name}: the transport 'scripted' needs a transcript.")
