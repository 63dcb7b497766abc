"""Turning candidates into machines, inside a transaction: the machine, its trusted host keys, and the audit of both."""

import json
import sqlite3
import uuid
from collections.abc import Collection
from datetime import datetime
from functools import cached_property

from collectors.known_certificates_file import AcceptedCertificates, certificate_place, replace_certificates
from collectors.known_hosts_file import AcceptedKeys, replace_known_hosts
from collectors.transports.known_names import SSH_PORT, lookup_name
from fleet.candidates import Candidate
from fleet.errors import BadInput, HomeUnusable
from fleet.host_key_lines import describe_key
from fleet.machines import Machine, OSType, TransportKind, check_address
from fleet.name_lists import some_of
from fleet.reaching import check_reaching, port_of, usual_is_none
from fleet.winrm import HTTP_PORT, HTTPS_PORT, WinrmScheme, WinrmWay
from ops.certificates import accepted_certificates
from ops.home import Home
from ops.name_references import explain_old_name
from ops.state.audit import Audit
from ops.state.candidates import CandidateBook
from ops.state.machines import MachineBook
from ops.state.profiles import ProfileBook

# What is reached by a jump host is somewhere else, whatever its address.
_REACHED_DIRECTLY = """
SELECT name, json_extract(document, '$.address'), json_extract(document, '$.port'),
    json_extract(document, '$.transport'), json_extract(document, '$.winrm.scheme')
FROM machines
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
        self._certificates_by_place: dict[str, str] = {}

    def approve(self, candidate: Candidate, keys: Collection[str], *, may_replace: bool = False) -> Machine:
        """Enrol ``candidate`` as it is, and trust ``keys``, which are lines of its host keys.

        Raises:
            BadInput: another machine has its name, or is reached where it is; another key is trusted there; there is no
                such profile; or its name, address or user cannot be used. Nothing of it was done.
        """
        machine = self._machine(candidate)
        if machine.profile is not None:
            ProfileBook(self._connection).find(machine.profile)
        certificate = candidate.certificate if candidate.introduced_its_certificate else ""
        if keys or certificate:
            self._check_place(machine, keys, may_replace=may_replace)
            self._check_certificate(machine, certificate, may_replace=may_replace)
        places = self._names_by_place  # as they are without this machine
        self._add(machine)
        places.setdefault(_place(machine), []).append(machine.name)
        CandidateBook(self._connection, self._audit).remove(candidate.id, "candidate.approve")
        for key in keys:
            self._audit.record("machine.accept-key", machine.name, None, json.dumps(describe_key(key)))
        if keys:
            self._keys_by_name[_place(machine)] = tuple(keys)
        if certificate:
            place = certificate_place(str(machine.address), port_of(machine) or HTTPS_PORT)
            self._audit.record("machine.accept-certificate", machine.name, None, json.dumps(f"{place} {certificate}"))
            self._certificates_by_place[place] = certificate
        return machine

    def write_keys(self) -> None:
        """Write what is trusted from now on; the last deed before the transaction ends.

        Raises:
            HomeUnusable: it cannot be written.
        """
        try:
            if self._keys_by_name:
                replace_known_hosts(self._home.known_hosts, self._keys_by_name)
            if self._certificates_by_place:
                replace_certificates(self._home.known_certificates, self._certificates_by_place)
        except OSError as error:
            raise HomeUnusable(f"Cannot write what is trusted from now on: {error.strerror}.") from error

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
            self._check_certificate(machine, candidate.certificate, may_replace=False)
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
    def certificates(self) -> AcceptedCertificates:
        """The certificates that the home trusts.

        Raises:
            HomeUnusable: they cannot be read.
        """
        return accepted_certificates(self._home)

    @cached_property
    def _names_by_place(self) -> dict[str, list[str]]:
        """The machines that are reached at each place, as known_hosts calls it."""
        names: dict[str, list[str]] = {}
        for name, address, port, transport, scheme in self._connection.execute(_REACHED_DIRECTLY):
            usual = SSH_PORT
            if transport == TransportKind.WINRM.value:
                usual = HTTP_PORT if scheme == WinrmScheme.HTTP.value else HTTPS_PORT
            names.setdefault(lookup_name(address, port or usual), []).append(name)
        return names

    def _machine(self, candidate: Candidate) -> Machine:
        scheme = candidate.winrm_scheme
        machine = Machine(
            id=str(uuid.uuid4()),
            name=candidate.name,
            transport=TransportKind.SSH if scheme is None else TransportKind.WINRM,
            created_at=self._now,
            address=check_address(candidate.address or candidate.came_from or candidate.name),
            port=candidate.port,
            user=candidate.user,
            tags=candidate.tags,
            os_type=candidate.os_type if scheme is None else OSType.WINDOWS,
            profile=candidate.profile,
            winrm=None if scheme is None else usual_is_none(WinrmWay(scheme)),
        )
        return check_reaching(machine)

    def _add(self, machine: Machine) -> None:
        try:
            MachineBook(self._connection, self._audit).add(machine)
        except BadInput as error:
            raise BadInput(f"{error} Another name is given with --name.") from error

    def _check_certificate(self, machine: Machine, certificate: str, *, may_replace: bool) -> None:
        """As `_check_place`, for a certificate that the machine introduced; empty: none."""
        if not certificate:
            return
        place = certificate_place(str(machine.address), port_of(machine) or HTTPS_PORT)
        trusted = self._certificates_by_place.get(place) or self.certificates.of(place)
        if trusted not in (None, certificate) and not may_replace:
            raise BadInput(
                f"{machine.name} would be reached at {place}, where another certificate is trusted: {trusted}; it has "
                f"{certificate}. If that machine is gone, give --replace-key; else give another with --address."
            )

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
    return lookup_name(str(machine.address), port_of(machine) or SSH_PORT)
