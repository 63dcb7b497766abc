"""What is known already of a machine that introduces itself: the same machine again, a clone, a name used before."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cached_property

from collectors.known_certificates_file import AcceptedCertificates, certificate_place
from collectors.known_hosts_file import AcceptedKeys
from collectors.transports.known_names import SSH_PORT, lookup_name
from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.enrol_tokens import read_client
from fleet.introductions import Introduction
from fleet.machines import Machine, TransportKind
from fleet.name_lists import some_of
from fleet.reaching import port_of
from fleet.winrm import HTTPS_PORT
from ops.state.candidates import CandidateBook
from ops.state.machines import MachineBook
from ops.state.retired import RetiredBook
from ops.state.statuses import StatusBook

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
_SAME_NAME = "another machine that is not enrolled has this name, with another host key"


class Likeness:
    """Compares an introduction with the fleet as the transaction of ``connection`` sees it.

    Nothing that a machine says of itself makes it the same as another: it has to show its host key, too.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        accepted: AcceptedKeys,
        certificates: AcceptedCertificates,
        introduction: Introduction,
        came_from: str,
    ) -> None:
        self._connection = connection
        self._accepted = accepted
        self._certificates = certificates
        self._said = introduction
        self._came_from = came_from
        self._keys = frozenset(introduction.host_keys)
        listener = None if self._keys else introduction.best_winrm
        self._certificate = listener.certificate if listener else ""
        self._proof = "certificate" if self._certificate else "host key"

    def enrolled(self) -> Machine | None:
        """The enrolled machine that this is: it has its name, one of its keys is trusted for it, and it is there."""
        machine = self._namesake
        return (
            machine if machine is not None and self._has_key_of(machine) and not self._is_elsewhere(machine) else None
        )

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

    def likened(self, itself: Candidate) -> Iterator[tuple[Candidate, str]]:
        """The candidates that wait and were clear until ``itself`` came, each with the doubt that there is now."""
        with_key, with_id = self._with_same_key(itself.id), self._with_same_id(itself.id)
        namesakes = [each for each in CandidateBook(self._connection).called(itself.name) if each.id != itself.id]
        for other in {each.id: each for each in (*with_key, *with_id, *namesakes)}.values():
            if other.state is not CandidateState.PENDING or other.doubts:
                continue
            if other in with_key:
                yield other, _alike(self._proof, [itself])
            else:
                yield other, _alike("machine-id", [itself]) if other in with_id else _SAME_NAME

    def _doubts(self, own_id: str) -> Iterator[str]:
        namesake = self._namesake
        is_twin = namesake is not None and self._has_key_of(namesake)
        if namesake is not None and is_twin:
            yield (
                f"{namesake.name} is enrolled with this {self._proof}, and reached at {namesake.address}: "
                "it has moved, or this is a clone of it"
            )
        elif namesake is not None:
            yield (
                f"{namesake.name} is enrolled, and another {self._proof} is trusted for it: "
                "it was reinstalled, or this is another machine"
            )
        twin = namesake.name if namesake is not None and is_twin else None
        hosts = self._accepted.hosts_with(self._keys)
        if names := [name for name in self._reached_at(hosts) if name != twin]:
            yield f"its host key is also that of {some_of(names)}: one machine, or a clone"
        if names := [name for name in self._with_certificate() if name != twin]:
            yield f"its certificate is also that of {some_of(names)}: one machine, or a clone"
        if names := [name for name in self._with_machine_id() if name != twin]:
            yield f"its machine-id is also that of {some_of(names)}: one machine, or a clone"
        yield from self._doubts_by_candidates(own_id)
        yield from self._doubts_by_retired()

    def _doubts_by_candidates(self, own_id: str) -> Iterator[str]:
        others = self._with_same_key(own_id)
        if others:
            yield _alike(self._proof, others)
        if rest := [each for each in self._with_same_id(own_id) if each not in others]:
            yield _alike("machine-id", rest)
        namesakes = CandidateBook(self._connection).called(self._said.name)
        if any(each.id != own_id and each not in others for each in namesakes):
            yield _SAME_NAME

    def _with_same_key(self, own_id: str) -> list[Candidate]:
        book = CandidateBook(self._connection)
        found = book.with_certificate(self._certificate) if self._certificate else book.with_key(self._keys)
        return [each for each in found if each.id != own_id]

    def _with_same_id(self, own_id: str) -> list[Candidate]:
        if not self._said.machine_id:
            return []
        found = CandidateBook(self._connection).with_machine_id(self._said.machine_id)
        return [each for each in found if each.id != own_id]

    def _doubts_by_retired(self) -> Iterator[str]:
        for retired in RetiredBook(self._connection).list():
            answer = retired.last_answer
            is_same = bool(self._said.machine_id) and answer is not None
            if is_same and answer is not None and answer.facts.machine_id == self._said.machine_id:
                yield f"its machine-id is that of {retired.describe()}: `patchdeck machines restore` brings that back"
            elif retired.machine.name.casefold() == self._said.name.casefold():
                yield f"its name was that of {retired.describe()}"

    @cached_property
    def _namesake(self) -> Machine | None:
        return MachineBook(self._connection).find(self._said.name)

    def _has_key_of(self, machine: Machine) -> bool:
        if machine.address is None:
            return False
        if machine.transport is TransportKind.WINRM:
            known = self._certificates.of(certificate_place(machine.address, port_of(machine) or HTTPS_PORT))
            return known is not None and known in {each.certificate for each in self._said.winrm}
        return bool(self._accepted.of(lookup_name(machine.address, machine.port or SSH_PORT)) & self._keys)

    def _is_elsewhere(self, machine: Machine) -> bool:
        """Whether this is not where ``machine`` is reached, as far as that is told by addresses; or other hardware."""
        status = StatusBook(self._connection).find(machine)
        uuid = status.last_answer.facts.system_uuid if status.last_answer else None
        if uuid and self._said.system_uuid and uuid.lower() != self._said.system_uuid:
            return True
        place, came_from = read_client(machine.address or ""), read_client(self._came_from)
        if place is None or came_from is None or machine.proxy_jump is not None:
            return False
        return place != came_from and str(place) not in self._said.addresses

    def _is_one_with(self, candidate: Candidate) -> bool:
        if self._keys or candidate.host_keys:
            return bool(self._keys & set(candidate.host_keys))
        return bool(self._said.machine_id) and self._said.machine_id == candidate.machine_id

    def _with_certificate(self) -> list[str]:
        """The machines at whose places its certificate is trusted, else the places as the home's file has them."""
        places = self._certificates.places_with(self._certificate) if self._certificate else ()
        if not places:
            return []
        machines = [each for each in MachineBook(self._connection).list_machines() if each.address is not None]
        names = [each.name for each in machines if certificate_place(str(each.address), port_of(each) or 0) in places]
        return names or list(places)

    def _with_machine_id(self) -> list[str]:
        if not self._said.machine_id:
            return []
        wanted = f'"machine_id":{json.dumps(self._said.machine_id)}'
        return [name for (name,) in self._connection.execute(_WITH_MACHINE_ID, (wanted,))]

    def _reached_at(self, hosts: tuple[str, ...]) -> list[str]:
        """The machines that are reached at one of ``hosts``, else the hosts as known_hosts has them."""
        if not hosts:
            return []
        names = [
            name
            for name, address, port in self._connection.execute(_PLACES)
            if lookup_name(address, port or SSH_PORT) in hosts
        ]
        return names or list(hosts)


def _alike(what: str, others: Sequence[Candidate]) -> str:
    """The doubt about a machine that shares ``what`` with ``others``, which are not enrolled."""
    names = some_of(f"{each.name} ({each.state.value})" for each in others)
    return f"its {what} is also that of {names}: one machine, or a clone"
