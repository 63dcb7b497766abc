"""The machine book and the audit: what is kept, what is refused, what is recorded of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from fleet.errors import BadInput, UnknownName
from fleet.machines import Become, Machine, OSType, TransportKind
from ops.state import Actor, Audit, MachineBook, StatusBook, connect, transaction

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_ACTOR = Actor("anna", "192.0.2.9 50000 22", "patchdeck machines add web-01")
_WEB = Machine(
    "id-web",
    "web-01",
    TransportKind.SSH,
    _NOW,
    address="192.0.2.7",
    port=2222,
    user="admin",
    become=Become.SUDO,
    tags=MappingProxyType({"env": "prod"}),
    os_type=OSType.LINUX,
)
_LOCAL = Machine("id-this", "this", TransportKind.LOCAL, _NOW)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A new state.db."""
    with closing(connect(tmp_path / "state.db")) as opened:
        yield opened


@pytest.fixture
def audit(connection: sqlite3.Connection) -> Audit:
    """The audit, with a clock that stands still."""
    return Audit(connection, _ACTOR, lambda: _NOW)


@pytest.fixture
def book(connection: sqlite3.Connection, audit: Audit) -> MachineBook:
    """An empty machine book."""
    return MachineBook(connection, audit)


def test_machine_comes_back_as_it_was_added(book: MachineBook) -> None:
    """Every field survives, with its type; machines are listed by name."""
    book.add(_WEB)
    book.add(_LOCAL)

    assert book.list_machines() == [_LOCAL, _WEB]
    assert book.get("WEB-01") == _WEB


def test_name_is_unique_whatever_the_case(book: MachineBook) -> None:
    """web-01 and WEB-01 are the same name, for adding and for renaming."""
    book.add(_WEB)
    book.add(_LOCAL)

    with pytest.raises(BadInput, match="already a machine 'WEB-01'"):
        book.add(replace(_LOCAL, id="other", name="WEB-01"))
    with pytest.raises(BadInput, match="already a machine 'Web-01'"):
        book.edit(replace(_LOCAL, name="Web-01"))
    assert book.list_machines() == [_LOCAL, _WEB]


def test_unknown_machine_offers_the_nearest(book: MachineBook) -> None:
    """A typing error in a name is answered with the name that was meant."""
    book.add(_WEB)

    with pytest.raises(UnknownName, match="Did you mean 'web-01'"):
        book.get("web-1")
    with pytest.raises(UnknownName):
        book.remove("web-1")
    with pytest.raises(UnknownName):
        book.edit(replace(_WEB, id="other"))


@pytest.mark.parametrize(
    "machine",
    [
        replace(_WEB, name="all"),
        replace(_WEB, address="192.0.2.7:22"),
        replace(_WEB, port=70_000),
        replace(_WEB, user="a b"),
        replace(_WEB, tags=MappingProxyType({"e v": "x"})),
        replace(_WEB, transport=TransportKind.SCRIPTED),
    ],
)
def test_machine_that_cannot_be_reached_is_refused(book: MachineBook, machine: Machine) -> None:
    """Names, addresses, ports, users, tags and transports are checked when adding and when editing."""
    book.add(_LOCAL)

    with pytest.raises(BadInput):
        book.add(machine)
    with pytest.raises(BadInput):
        book.edit(replace(machine, id=_LOCAL.id))
    assert book.list_machines() == [_LOCAL]


def test_every_change_is_audited_with_before_and_after(book: MachineBook, audit: Audit) -> None:
    """Who, from where, with which command, what, when; nothing for a change that changes nothing."""
    book.add(_WEB)
    book.edit(replace(_WEB, port=22))
    book.set_enabled("web-01", enabled=False)
    book.set_enabled("web-01", enabled=False)
    book.remove("web-01")

    entries = audit.list_entries()
    assert [entry.action for entry in entries] == ["machine.remove", "machine.disable", "machine.edit", "machine.add"]
    assert {(entry.at, entry.actor, entry.target) for entry in entries} == {(_NOW, _ACTOR, "web-01")}
    assert (entries[0].after, entries[-1].before) == (None, None)
    edit = entries[2]
    assert (json.loads(edit.before or "")["port"], json.loads(edit.after or "")["port"]) == (2222, 22)
    assert audit.list_entries(limit=1) == entries[:1]


def test_change_that_fails_leaves_no_audit(book: MachineBook, audit: Audit, connection: sqlite3.Connection) -> None:
    """A change and its audit are one transaction."""

    def fail_after_adding() -> None:
        with transaction(connection):
            book.add(_WEB)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_adding()

    assert book.list_machines() == []
    assert audit.list_entries() == []


def test_every_change_makes_a_higher_revision(book: MachineBook, connection: sqlite3.Connection) -> None:
    """Whoever shows machines can ask for one number."""
    status_book = StatusBook(connection)
    revisions = [status_book.revision()]

    book.add(_WEB)
    revisions.append(status_book.revision())
    book.set_enabled("web-01", enabled=False)
    revisions.append(status_book.revision())
    book.remove("web-01")
    revisions.append(status_book.revision())

    assert revisions == sorted(set(revisions))
