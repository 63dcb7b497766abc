"""What is known already of a machine that introduces itself: the same machine again, a clone, a name used before."""

import json
import sqlite3
from collections.abc import Iterator

from collectors.known_hosts_file import AcceptedKeys
from collectors.transports.known_names import SSH_PORT, lookup_name
from fleet.candidates import Candidate, CandidateOrigin
from fleet.errors import UnknownName
from fleet.introductions import Introduction
from fleet.machines import Machine
from fleet.name_lists import some_of
from ops.state.candidates import CandidateBook
from ops.state.machines import MachineBook
from ops.state.retired import RetiredBook

# Where the last attempt is the answer, it stands there alone.
_WITH_MACHINE_ID = """
SELECT name FROM machines JOIN statuses ON machine_id = machines.id
WHERE instr(coalesce(answer, attempt), ?)
ORDER BY name
"""
_PLACES = """
SELECT name, json_extract(document, '$.address'), json_extract(document, '$.port') FROM machines
WHERE json_extract(document, '$.address') IS NOT NULL
ORDER BY name
"""


class Likeness:
    """Compares an introduction with the fleet as the transaction of ``connection`` sees it.

    Nothing that a machine says of itself makes it the same as another: it has to show its host key, too.
    """

    def __init__(self, connection: sqlite3.Connection, accepted: AcceptedKeys, introduction: Introduction) -> None:
        self._connection = connection
        self._accepted = accepted
        self._said = introduction
        self._keys = frozenset(introduction.host_keys)

    def enrolled(self) -> Machine | None:
        """The enrolled machine that this is: it has its name, and one of its keys is trusted for it."""
        machine = self._namesake()
        if machine is None or machine.address is None:
            return None
        trusted = self._accepted.of(lookup_name(machine.address, machine.port or SSH_PORT))
        return machine if trusted & self._keys else None

    def introduced(self) -> Candidate | None:
        """The candidate that this is: it introduced itself by this name, with one of these keys or with none as now."""
        book = CandidateBook(self._connection)
        for candidate in book.called(self._said.name):
            if candidate.origin is CandidateOrigin.TOKEN and self._is_one_with(candidate):
                return candidate
        return None

    def doubts(self, itself: Candidate | None) -> tuple[str, ...]:
        """What speaks against believing the machine unseen; ``itself`` is the candidate that it is already."""
        return tuple(self._doubts("" if itself is None else itself.id))

    def _doubts(self, own_id: str) -> Iterator[str]:
        namesake = self._namesake()
        if namesake is not None:
            yield (
                f"{namesake.name} is enrolled, and another host key is trusted for it: "
                "it was reinstalled, or this is another machine"
            )
        hosts = self._accepted.hosts_with(self._keys)
        if hosts:
            yield f"its host key is also that of {some_of(self._reached_at(hosts))}: one machine, or a clone"
        if names := self._with_machine_id():
            yield f"its machine-id is also that of {some_of(names)}: one machine, or a clone"
        yield from self._doubts_by_candidates(own_id)
        yield from self._doubts_by_retired()

    def _doubts_by_candidates(self, own_id: str) -> Iterator[str]:
        book = CandidateBook(self._connection)
        others = [each for each in book.with_key(self._keys) if each.id != own_id]
        if others:
            names = some_of(f"{each.name} ({each.state.value})" for each in others)
            yield f"its host key is also that of {names}: one machine, or a clone"
        if any(each.id != own_id and each not in others for each in book.called(self._said.name)):
            yield "another machine that is not enrolled has this name, with another host key"

    def _doubts_by_retired(self) -> Iterator[str]:
        for retired in RetiredBook(self._connection).list():
            answer = retired.last_answer
            is_same = bool(self._said.machine_id) and answer is not None
            if is_same and answer is not None and answer.facts.machine_id == self._said.machine_id:
                yield f"its machine-id is that of {retired.describe()}: `patchdeck machines restore` brings that back"
            elif retired.machine.name.casefold() == self._said.name.casefold():
                yield f"its name was that of {retired.describe()}"

    def _namesake(self) -> Machine | None:
        try:
            return MachineBook(self._connection).get(self._said.name)
        except UnknownName:
            return None

    def _is_one_with(self, candidate: Candidate) -> bool:
        if self._keys or candidate.host_keys:
            return bool(self._keys & set(candidate.host_keys))
        return bool(self._said.machine_id) and self._said.machine_id == candidate.machine_id

    def _with_machine_id(self) -> list[str]:
        if not self._said.machine_id:
            return []
        wanted = f'"machine_id":{json.dumps(self._said.machine_id)}'
        return [name for (name,) in self._connection.execute(_WITH_MACHINE_ID, (wanted,))]

    def _reached_at(self, hosts: tuple[str, ...]) -> list[str]:
        """The machines that are reached at one of ``hosts``, else the hosts as known_hosts has them."""
        names = [
            name
            for name, address, port in self._connection.execute(_PLACES)
            if lookup_name(address, port or SSH_PORT) in hosts
        ]
        return names or list(hosts)
