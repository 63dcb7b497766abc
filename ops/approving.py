"""Turning candidates into machines, inside a transaction: the machine, its trusted host keys, and the audit of both."""

import json
import sqlite3
import uuid
from collections.abc import Collection
from datetime import datetime
from functools import cached_property

from collectors.known_hosts_file import AcceptedKeys, replace_known_hosts
from collectors.transports.known_names import SSH_PORT, lookup_name
from fleet.candidates import Candidate
from fleet.errors import BadInput, HomeUnusable
from fleet.host_key_lines import describe_key
from fleet.machines import Machine, TransportKind, check_address
from fleet.name_lists import some_of
from ops.home import Home
from ops.name_references import explain_old_name
from ops.state.audit import Audit
from ops.state.candidates import CandidateBook
from ops.state.machines import MachineBook
from ops.state.profiles import ProfileBook

# What is reached by a jump host is somewhere else, whatever its address.
_REACHED_DIRECTLY = """
SELECT name, json_extract(document, '$.address'), coalesce(json_extract(document, '$.port'), ?) FROM machines
WHERE json_extract(document, '$.address') IS NOT NULL AND json_extract(document, '$.proxy_jump') IS NULL
ORDER BY name
"""


class Approver:
    """Enrols candidates within the transaction that ``connection`` is in; known_hosts is written once, at its end."""

    def __init__(self, connection: sqlite3.Connection, home: Home, now: datetime) -> None:
        self._connection = connection
        self._home = home
        self._now = now
        self._audit = Audit(connection)
        self._keys_by_name: dict[str, tuple[str, ...]] = {}

    def approve(self, candidate: Candidate, keys: Collection[str], *, may_replace: bool = False) -> Machine:
        """Enrol ``candidate`` as it is, and trust ``keys``, which are lines of its host keys.

        Raises:
            BadInput: another machine has its name, or is reached where it is; another key is trusted there; there is no
                such profile; or its name, address or user cannot be used. Nothing of it was done.
        """
        machine = self._machine(candidate)
        if machine.profile is not None:
            ProfileBook(self._connection).find(machine.profile)
        if keys:
            self._check_place(machine, keys, may_replace=may_replace)
        places = self._names_by_place  # as they are without this machine
        self._add(machine)
        places.setdefault(_place(machine), []).append(machine.name)
        CandidateBook(self._connection, self._audit).remove(candidate.id, "candidate.approve")
        for key in keys:
            self._audit.record("machine.accept-key", machine.name, None, json.dumps(describe_key(key)))
        if keys:
            self._keys_by_name[_place(machine)] = tuple(keys)
        return machine

    def write_keys(self) -> None:
        """Write what is trusted from now on; the last deed before the transaction ends.

        Raises:
            HomeUnusable: it cannot be written.
        """
        if not self._keys_by_name:
            return
        try:
            replace_known_hosts(self._home.known_hosts, self._keys_by_name)
        except OSError as error:
            raise HomeUnusable(f"Cannot write {self._home.known_hosts}: {error.strerror}.") from error

    def explain_name(self, name: str) -> tuple[str, ...]:
        """Sentences on the machines that were called ``name`` before: their history is not that of the next."""
        return tuple(explain_old_name(self._connection, self._home, name))

    def obstacle(self, candidate: Candidate) -> str | None:
        """Why ``candidate`` could not be enrolled with its keys as things are, its name apart; None where it could."""
        try:
            machine = self._machine(candidate)
            if machine.profile is not None:
                ProfileBook(self._connection).find(machine.profile)
            self._check_place(machine, candidate.host_keys, may_replace=False)
        except BadInput as error:
            return str(error)
        return None

    @cached_property
    def accepted(self) -> AcceptedKeys:
        """The keys that the home trusts.

        Raises:
            HomeUnusable: they cannot be read.
        """
        try:
            return AcceptedKeys(self._home.known_hosts)
        except OSError as error:
            raise HomeUnusable(f"Cannot read {self._home.known_hosts}: {error.strerror}.") from error

    @cached_property
    def _names_by_place(self) -> dict[str, list[str]]:
        """The machines that are reached at each place, as known_hosts calls it."""
        names: dict[str, list[str]] = {}
        for name, address, port in self._connection.execute(_REACHED_DIRECTLY, (SSH_PORT,)):
            names.setdefault(lookup_name(address, port), []).append(name)
        return names

    def _machine(self, candidate: Candidate) -> Machine:
        return Machine(
            id=str(uuid.uuid4()),
            name=candidate.name,
            transport=TransportKind.SSH,
            created_at=self._now,
            address=check_address(candidate.address or candidate.came_from or candidate.name),
            port=candidate.port,
            user=candidate.user,
            tags=candidate.tags,
            os_type=candidate.os_type,
            profile=candidate.profile,
        )

    def _add(self, machine: Machine) -> None:
        try:
            MachineBook(self._connection, self._audit).add(machine)
        except BadInput as error:
            raise BadInput(f"{error} Another name is given with --name.") from error

    def _check_place(self, machine: Machine, keys: Collection[str], *, may_replace: bool) -> None:
        """Refuse to take a trusted key's place in silence: whoever holds a token may claim any address."""
        place = _place(machine)
        if others := self._names_by_place.get(place):
            raise BadInput(
                f"{machine.name} would be reached at {place}, where {some_of(others)} is reached already: "
                "give another with --address."
            )
        trusted = self._keys_by_name.get(place) or self.accepted.of(place)
        if trusted and not set(keys) <= set(trusted) and not may_replace:
            raise BadInput(
                f"{machine.name} would be reached at {place}, where another key is trusted: "
                f"{some_of(map(describe_key, trusted))}; it has {some_of(map(describe_key, keys))}. If that machine is "
                "gone, give --replace-key; else give another with --address."
            )


def _place(machine: Machine) -> str:
    return lookup_name(str(machine.address), machine.port or SSH_PORT)
