"""Enrolling machines: from what the administrator says to a machine in the book, each thing checked.

Enrolling the same machine the same way twice is once.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.machines import (
    Become,
    Machine,
    OSType,
    TransportKind,
    check_address,
    check_name,
    parse_tag,
)
from fleet.reaching import check_reaching, usual_is_none
from fleet.winrm import WinrmWay
from ops.edit_conflicts import require_unchanged
from ops.home import Home
from ops.name_references import Regrouping, compare_groups, explain_old_name, follow_name, groups_with
from ops.state.audit import Audit, utc_now
from ops.state.client_settings import ClientSettingsBook
from ops.state.database import connect, opened, transaction
from ops.state.machine_names import former_names
from ops.state.machines import MachineBook
from ops.state.retired import require_idle
from ops.state.statuses import StatusBook

THIS_MACHINE = "this"
_REACHED_BY_NETWORK = (TransportKind.SSH, TransportKind.WINRM)


@dataclass(frozen=True, slots=True)
class Definition:
    """How a machine is reached, as given. Address None with SSH or WinRM: the name is what is looked up."""

    name: str
    transport: TransportKind = TransportKind.SSH
    address: str | None = None
    port: int | None = None
    user: str | None = None
    key_file: str | None = None
    proxy_jump: str | None = None
    transcript: str | None = None
    become: Become = Become.NONE
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    os_type: OSType | None = None
    profile: str | None = None
    winrm: WinrmWay | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A machine in the book; ``is_new`` is False where it was there already, defined the same way.

    ``notes`` are sentences on what its name was before: another machine's, whose history is not its own.
    """

    machine: Machine
    is_new: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A machine before and after a change. A new name was put into what ``followed`` says, and could not be put into
    what ``kept`` says; ``regrouping`` is which groups it has entered and left.
    """

    before: Machine
    after: Machine
    followed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    regrouping: Regrouping = field(default_factory=Regrouping)


def define_this_machine() -> Definition:
    """The machine that Patchdeck runs on, reached without any network."""
    return Definition(THIS_MACHINE, TransportKind.LOCAL)


def enrol(home: Home, definition: Definition, clock: Callable[[], datetime] = utc_now) -> Enrolment:
    """Enrols a machine.

    Raises:
        BadInput: something in the definition cannot be used, or a machine of that name is defined in another way.
    """
    wanted = _machine(definition, str(uuid.uuid4()), clock())
    with closing(connect(home.state_file)) as connection, transaction(connection):
        book = MachineBook(connection)
        existing = book.find(wanted.name)
        if existing is None:
            notes = tuple(explain_old_name(connection, home, wanted.name))
            book.add(wanted)
            return Enrolment(wanted, is_new=True, notes=notes)
    differing = differences(existing, wanted)
    if differing:
        raise BadInput(
            f"There is already a machine {existing.name!r} with another {', '.join(differing)}: "
            f"use `patchdeck machines edit {existing.name}`."
        )
    return Enrolment(existing, is_new=False)


def differences(existing: Machine, wanted: Machine) -> list[str]:
    """The names of what is defined differently; a system's family that was not given differs from none."""
    ignored = {"id", "created_at", "enabled", "source", "missing_since"} | (set() if wanted.os_type else {"os_type"})
    names = [field.name for field in fields(Machine) if field.name not in ignored]
    return [name.replace("_", " ") for name in names if getattr(existing, name) != getattr(wanted, name)]


def list_machines(home: Home) -> list[Machine]:
    """Every enrolled machine, by name."""
    with closing(connect(home.state_file)) as connection:
        return MachineBook(connection).list_machines()


def find_machine(home: Home, name: str) -> Machine:
    """The machine called ``name``, whatever the case.

    Raises:
        UnknownName: none is.
    """
    with closing(connect(home.state_file)) as connection:
        return MachineBook(connection).get(name)


def planned_machine(home: Home, name: str, change: Callable[[Definition], Definition]) -> Machine:
    """The machine called ``name``, enrolled or not, as ``change`` would make it; nothing is kept.

    Raises:
        BadInput: something in the definition cannot be used.
    """
    with closing(connect(home.state_file)) as connection:
        existing = MachineBook(connection).find(name)
    wanted = change(_definition(existing) if existing else Definition(check_name(name)))
    return _machine(wanted, existing.id if existing else str(uuid.uuid4()), utc_now())


def note_deed(home: Home, action: str, target: str, after: str | None = None) -> None:
    """Writes a deed that changed nothing in the state itself into the audit; ``after`` is what there is to say."""
    with closing(connect(home.state_file)) as connection:
        Audit(connection).record(action, target, None, after)


def edit_machine(
    home: Home, name: str, change: Callable[[Definition], Definition], *, seen: Definition | None = None
) -> Edit:
    """Changes how the machine called ``name`` is reached or called; a new name is followed where it is referred to.

    ``seen`` is how it was read, for who edited it for a while.

    Raises:
        UnknownName: no machine has that name.
        BadInput: the changed definition cannot be used, or another machine has the name.
        EditConflict: it is not as it was ``seen`` any more.
    """
    # One transaction, so that of two edits at once neither undoes the other.
    with opened(home.state_file) as connection, transaction(connection):
        book, statuses = MachineBook(connection), StatusBook(connection)
        before = book.get(name)
        theirs = _definition(before)
        require_unchanged(connection, ("machine", before.name), seen, theirs, change(theirs if seen is None else seen))
        after = _machine(change(theirs), before.id, before.created_at)
        after = replace(after, enabled=before.enabled, source=before.source, missing_since=before.missing_since)
        if after == before:
            return Edit(before, after)
        known = statuses.find(before)
        were_in = groups_with(connection, known)
        book.edit(after)
        renamed = before.name != after.name
        followed, kept = follow_name(connection, home, before.name, after.name) if renamed else ([], [])
        are_in = groups_with(connection, replace(known, machine=after))
    return Edit(before, after, tuple(followed), tuple(kept), compare_groups(were_in, are_in))


def rename_machine(home: Home, name: str, new_name: str) -> Edit:
    """Calls the machine called ``name`` so; it is reached where it was, and its history stays with it. Twice is once.

    Raises:
        UnknownName: no machine has that name.
        BadInput: another machine is called so, or no machine can be.
    """
    try:
        return edit_machine(home, name, lambda old: replace(old, name=new_name))
    except UnknownName:
        with opened(home.state_file) as connection:
            machine = MachineBook(connection).find(new_name)
            if machine is None or name not in [was.name for was in former_names(connection, machine.id, machine.name)]:
                raise
        return Edit(machine, machine)


def enable_machines(home: Home, names: Sequence[str], *, enabled: bool) -> list[Machine]:
    """Enables or disables the machines called ``names``, all or none: disabled ones are not assessed and not patched.

    Raises:
        UnknownName: no machine has one of the names.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = MachineBook(connection)
        return [book.set_enabled(name, enabled=enabled) for name in names]


def remove_machines(home: Home, names: Sequence[str]) -> list[Machine]:
    """Forgets the machines called ``names`` and what is known of them, all or none; the history tables keep what was.

    Raises:
        UnknownName: no machine has one of the names.
        BadInput: a run works on one of them.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = MachineBook(connection)
        for name in names:
            require_idle(connection, book.get(name))
        removed = [book.remove(name) for name in names]
        for machine in removed:
            ClientSettingsBook(connection).drop_all(machine)
    from ops.store import TableStore

    TableStore(home).publish_machines()
    return removed


def parse_tags(texts: list[str]) -> Mapping[str, str]:
    """Tags given as ``key=value``.

    Raises:
        BadInput: one of them is not that, or a key stands twice with different values.
    """
    tags: dict[str, str] = {}
    for key, value in map(parse_tag, texts):
        if tags.setdefault(key, value) != value:
            raise BadInput(f"Tag {key!r} is given twice: {tags[key]!r} and {value!r}.")
    return MappingProxyType(tags)


def machine_of(definition: Definition, machine_id: str, created_at: datetime) -> Machine:
    """The machine that ``definition`` makes; whether the files that it names are there is not looked at.

    Raises:
        BadInput: something in the definition cannot be used, or does not fit together.
    """
    check_name(definition.name)
    said = {field.name: getattr(definition, field.name) for field in fields(Definition)}
    machine = check_reaching(Machine(id=machine_id, created_at=created_at, **said))
    if machine.transport not in _REACHED_BY_NETWORK:
        return machine
    machine = replace(machine, address=check_address(machine.name if machine.address is None else machine.address))
    if machine.transport is not TransportKind.WINRM:
        return machine
    return replace(machine, os_type=OSType.WINDOWS, winrm=usual_is_none(machine.winrm))


def _machine(definition: Definition, machine_id: str, created_at: datetime) -> Machine:
    machine = machine_of(definition, machine_id, created_at)
    way = machine.winrm
    if way is not None and way.ca_file is not None:
        way = replace(way, ca_file=_existing_file(way.ca_file, "file of authorities"))
    return replace(
        machine,
        key_file=_existing_file(machine.key_file, "key file"),
        transcript=_existing_file(machine.transcript, "transcript"),
        winrm=way,
    )


def _definition(machine: Machine) -> Definition:
    return Definition(**{field.name: getattr(machine, field.name) for field in fields(Definition)})


def _existing_file(path: str | None, kind: str) -> str | None:
    if path is None:
        return None
    absolute = Path(path).expanduser().absolute()
    if not absolute.is_file():
        raise BadInput(f"There is no {kind} {str(absolute)!r}.")
    return str(absolute)
