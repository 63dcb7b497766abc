"""The life of a machine beyond its enrolment: retired, restored, forgotten, reinstalled; and the names it has had.

History hangs on the machine's id. It stays with a machine that is renamed, retired, restored or reinstalled, and never
passes to another one that takes its name.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from fleet.errors import BadInput, StoreBusy, UnknownName
from fleet.machines import Machine
from fleet.retired import RetiredMachine
from ops.home import Home
from ops.name_references import references_to
from ops.state.audit import Audit, AuditEntry
from ops.state.audit_search import AuditFilter, search_entries
from ops.state.client_settings import ClientSettingsBook
from ops.state.database import opened, transaction
from ops.state.documents import Codec
from ops.state.machine_names import NamePeriod, former_names, holders_of, ids_known_as
from ops.state.machines import MachineBook
from ops.state.retired import RetiredBook
from ops.state.statuses import StatusBook

_MACHINES = Codec(Machine)


@dataclass(frozen=True, slots=True)
class Restoration:
    """A machine that is enrolled again; ``is_new`` is False where it was already."""

    machine: Machine
    is_new: bool


@dataclass(frozen=True, slots=True)
class Reinstallation:
    """A machine whose system is a new one; ``is_new`` is False where nothing was known of an old one any more."""

    machine: Machine
    is_new: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a machine has had before, the latest first; and which other machines had the one that it has."""

    former: tuple[NamePeriod, ...] = ()
    others: tuple[NamePeriod, ...] = ()


def list_retired(home: Home) -> list[RetiredMachine]:
    """Every retired machine, by name."""
    with opened(home.state_file) as connection:
        return RetiredBook(connection).list()


def find_retired(home: Home, name_or_id: str) -> RetiredMachine:
    """The retired machine of that id, or the only one of that name.

    Raises:
        UnknownName: there is none.
        BadInput: several had the name.
    """
    with opened(home.state_file) as connection:
        return RetiredBook(connection).find(name_or_id)


def retire_machines(home: Home, names: Sequence[str], reason: str = "") -> list[RetiredMachine]:
    """Takes the machines called ``names`` out of the fleet, all or none: from now on nothing touches or counts them.

    What is known of them is kept to be restored, and their history stays. Passwords of the keyring stay too, until
    they are forgotten.

    Raises:
        UnknownName: no machine has one of the names.
        BadInput: a run works on one of them.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = RetiredBook(connection)
        retired = [book.retire(name, reason) for name in names]
    _publish(home)
    return retired


def restore_machine(home: Home, name_or_id: str, new_name: str | None = None) -> Restoration:
    """Brings a retired machine back, under its id and with its history; doing it twice is once.

    Raises:
        UnknownName: no machine of that name or id is retired.
        BadInput: several had the name; another machine has it by now.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = RetiredBook(connection)
        try:
            retired = book.find(name_or_id)
        except UnknownName:
            enrolled = _enrolled_as(connection, new_name or name_or_id)
            if enrolled is None:
                raise
            return Restoration(enrolled, is_new=False)
        book.restore(retired.machine.id, new_name)
        machine = MachineBook(connection).with_ids([retired.machine.id])[retired.machine.id]
    _publish(home)
    return Restoration(machine, is_new=True)


def forget_retired(home: Home, name_or_id: str) -> RetiredMachine:
    """Forgets a retired machine; the history tables keep what was.

    Raises:
        UnknownName, BadInput: as `find_retired`.
    """
    with opened(home.state_file) as connection, transaction(connection):
        retired = RetiredBook(connection).forget(name_or_id)
        ClientSettingsBook(connection).drop_all(retired.machine)
    return retired


def was_removed(home: Home, name: str) -> bool:
    """Whether the machine that was called ``name`` is forgotten: none that ever was called so is enrolled or retired.

    Raises:
        BadInput: one that was is retired.
    """
    with opened(home.state_file) as connection:
        ids = ids_known_as(connection, name)
        book = RetiredBook(connection)
        if book.called(name):
            raise BadInput(f"{name} is retired: patchdeck machines remove --retired {name}")
        kept = {*(each.machine.id for each in book.list()), *MachineBook(connection).with_ids(ids)}
    return bool(ids) and not kept.intersection(ids)


def note_reinstalled(home: Home, name: str, host_key: str = "") -> Reinstallation:
    """Takes in that the machine called ``name`` has a new system: what was known of the old one speaks for it no more.

    It counts as not assessed until it is asked again; its history stays with it. ``host_key`` is the fingerprint that
    was accepted, for the audit. What is missing in the table Update stands until the next assessment settles it.

    Raises:
        UnknownName: no machine has that name.
    """
    with opened(home.state_file) as connection, transaction(connection):
        machine, book = MachineBook(connection).get(name), StatusBook(connection)
        # What stood in the registry of the old system would be put back on the new one.
        ClientSettingsBook(connection).drop_all(machine)
        status = book.find(machine)
        if status.last_attempt is None:
            return Reinstallation(machine, is_new=False)
        facts = status.last_answer.facts if status.last_answer else None
        book.drop(machine.id)
        was = {
            "id": machine.id,
            "name": machine.name,
            "machine_id_before": facts.machine_id if facts else None,
            "system_uuid_before": facts.system_uuid if facts else None,
            "system_before": facts.os_full_name if facts else None,
            "host_key": host_key,
        }
        Audit(connection).record("machine.reinstalled", machine.name, _MACHINES.dump(machine), json.dumps(was))
    _publish(home)
    return Reinstallation(machine, is_new=True)


def find_names(home: Home, machine: Machine) -> Names:
    """The names that ``machine`` has had, and the other machines that had its name."""
    with opened(home.state_file) as connection:
        others = (period for period in holders_of(connection, machine.name) if period.machine_id != machine.id)
        return Names(tuple(former_names(connection, machine.id, machine.name)), tuple(others))


def deeds_on(home: Home, name_or_id: str, limit: int | None = None) -> list[AuditEntry]:
    """What was done to the machine of that name or id, newest first; also to one that is retired or removed by now.

    Raises:
        UnknownName: no machine is or was called so.
        BadInput: several were.
    """
    with opened(home.state_file) as connection:
        wanted = AuditFilter(machine_id=id_known_as(connection, name_or_id))
        return list(search_entries(connection, wanted, limit))


def id_known_as(connection: sqlite3.Connection, name_or_id: str) -> str:
    """The id of the machine of that name or id; also of one that is retired or removed by now.

    Raises:
        UnknownName: no machine is or was called so.
        BadInput: several were.
    """
    ids = ids_known_as(connection, name_or_id)
    if not ids:
        raise UnknownName("machine", name_or_id, [m.name for m in MachineBook(connection).list_machines()])
    if len(ids) > 1:
        raise BadInput(f"{len(ids)} machines were called {name_or_id!r}: give the id, one of {', '.join(ids)}.")
    return ids[0]


def find_references(home: Home, name: str) -> list[str]:
    """What refers to the machine called ``name`` by exactly that name; see `ops.name_references`."""
    with opened(home.state_file) as connection:
        return references_to(connection, home, name)


def _enrolled_as(connection: sqlite3.Connection, name_or_id: str) -> Machine | None:
    machines = MachineBook(connection).list_machines()
    return next((m for m in machines if m.name.casefold() == name_or_id.casefold() or m.id == name_or_id), None)


def _publish(home: Home) -> None:
    from ops.store import TableStore

    # Whoever has the tables, or opens them next, publishes what the state holds.
    with suppress(StoreBusy):
        TableStore(home).publish_machines()
