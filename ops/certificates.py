"""Accepting certificates of machines that are reached by WinRM: an act of a person who compared, and an audited one."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.secrets import NoSecrets
from fleet.errors import BadInput, HomeUnusable, PatchdeckError
from fleet.machines import Machine, TransportKind
from fleet.reaching import port_of, way_of
from fleet.winrm import WinrmScheme
from ops.assess_fan_out import fan_out
from ops.assess_limits import StartPace, crowd_of, default_starts_per_second
from ops.home import Home
from ops.reach import open_ssh
from ops.state.audit import Audit
from ops.state.database import opened, transaction

if TYPE_CHECKING:
    from collectors.certificates import Certificate
    from collectors.known_certificates_file import AcceptedCertificates
    from collectors.transports.opening import SshContext

DEADLINE_SECONDS = 15.0


class CertificateNotFetched(PatchdeckError):
    """The machine did not show its certificate; says what was tried and what came back."""


class CertificateStanding(StrEnum):
    """How a certificate stands to what is trusted. VOUCHED: authorities vouch for it, and nobody needs to accept it."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    VOUCHED = "vouched"


@dataclass(frozen=True, slots=True)
class FetchedCertificate:
    """What a machine shows now, and how that stands; or in ``problem`` why it shows nothing.

    ``known`` is the fingerprint that was accepted for its place, empty where none was; ``sharers`` are the other
    machines that show this certificate, and the other places for which the home trusts it.
    """

    machine: Machine
    certificate: "Certificate | None" = None
    standing: CertificateStanding | None = None
    known: str = ""
    problem: str = ""
    sharers: tuple[str, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """Whether the machine is spoken with as it is."""
        return self.standing in (CertificateStanding.KNOWN, CertificateStanding.VOUCHED)


def read_fingerprint(text: str) -> str:
    """The fingerprint ``SHA256:…`` in ``text``, as we, .NET or OpenSSL write it: with colons, dashes, or without.

    Raises:
        BadInput: it is none; a thumbprint, which Windows lists, is named as the mistake.
    """
    digits = re.sub(r"[:\s-]", "", text).upper().removeprefix("SHA256").removeprefix("FINGERPRINT=")
    if re.fullmatch("[0-9A-F]{64}", digits):
        return f"SHA256:{digits}"
    if re.fullmatch("[0-9A-F]{40}", digits):
        raise BadInput(f"{text!r} is a thumbprint, SHA-1, which can be forged: give the fingerprint, SHA256:….")
    raise BadInput(f"{text!r} is no fingerprint of a certificate: write SHA256: and 64 hexadecimal digits.")


async def fetch_one_certificate(
    home: Home, machine: Machine, *, deadline_seconds: float = DEADLINE_SECONDS
) -> FetchedCertificate:
    """The certificate that ``machine`` shows now, not trusted yet: compare its fingerprint with the machine's own.

    Raises:
        BadInput: the machine is not reached by WinRM over HTTPS.
        CertificateNotFetched: it did not show one.
    """
    (fetched,) = await fetch_certificates(home, [machine], deadline_seconds=deadline_seconds)
    if fetched.certificate is None:
        _require_https(machine)
        raise CertificateNotFetched(fetched.problem)
    return fetched


async def fetch_certificates(
    home: Home, machines: Sequence[Machine], *, deadline_seconds: float = DEADLINE_SECONDS
) -> list[FetchedCertificate]:
    """What each of ``machines`` shows now, in their order; nobody logs in to them.

    Raises:
        HomeUnusable: the file of accepted certificates cannot be read.
    """
    accepted = await asyncio.to_thread(accepted_certificates, home)
    fetched: dict[str, FetchedCertificate] = {}
    async with open_ssh(home, NoSecrets()) as ssh:

        async def work(machine: Machine) -> None:
            try:
                certificate = await _fetch(machine, ssh, deadline_seconds)
                fetched[machine.id] = judge_certificate(machine, certificate, accepted)
            except PatchdeckError as error:
                fetched[machine.id] = FetchedCertificate(machine, problem=str(error))

        crowd = crowd_of(None, max(1, len(machines)))
        await fan_out(machines, work, crowd=crowd, pace=StartPace(default_starts_per_second()), stop=asyncio.Event())
    return _with_sharers([fetched[machine.id] for machine in machines], accepted)


def judge_certificate(
    machine: Machine, certificate: "Certificate", accepted: "AcceptedCertificates"
) -> FetchedCertificate:
    """How ``certificate``, which ``machine`` showed, stands; what was accepted for its place is before authorities."""
    known = accepted.of(certificate.place) or ""
    if known:
        standing = CertificateStanding.KNOWN if known == certificate.fingerprint else CertificateStanding.CHANGED
    else:
        standing = CertificateStanding.NEW if certificate.problem else CertificateStanding.VOUCHED
    return FetchedCertificate(machine, certificate, standing, known)


def accepted_certificates(home: Home) -> "AcceptedCertificates":
    """The certificates that ``home`` trusts now.

    Raises:
        HomeUnusable: they cannot be read.
    """
    from collectors.known_certificates_file import AcceptedCertificates

    try:
        return AcceptedCertificates(home.known_certificates)
    except OSError as error:
        raise _unusable(home.known_certificates, "read", error) from error


def accept_certificates(home: Home, accepted: "Sequence[tuple[Machine, Certificate]]") -> None:
    """Trusts each certificate for its machine's place from now on, in the place of any other; all of them or none.

    Raises:
        HomeUnusable: the home's file or its state cannot be written.
    """
    from collectors.known_certificates_file import replace_certificates

    lines = {certificate.place: certificate.fingerprint for _, certificate in accepted}
    with opened(home.state_file) as connection, transaction(connection):
        audit, before = Audit(connection), accepted_certificates(home)
        for machine, certificate in accepted:
            old = before.of(certificate.place)
            replaced = None if old is None else json.dumps(f"{certificate.place} {old}")
            new = json.dumps(f"{certificate.place} {certificate.fingerprint} {certificate.subject}")
            audit.record("machine.accept-certificate", machine.name, replaced, new)
        try:
            replace_certificates(home.known_certificates, lines)
        except OSError as error:
            raise _unusable(home.known_certificates, "write", error) from error


def forget_machines_certificates(home: Home, machines: Sequence[Machine]) -> list[Machine]:
    """Trusts the accepted certificates of ``machines`` no more, and gives those that had one; authorities decide then.

    Raises:
        HomeUnusable: the home's file or its state cannot be written.
    """
    from collectors.known_certificates_file import forget_certificates

    with opened(home.state_file) as connection, transaction(connection):
        audit, before = Audit(connection), accepted_certificates(home)
        by_place = {place: machine for machine in machines if before.of(place := place_of(machine)) is not None}
        for place, machine in by_place.items():
            audit.record("machine.forget-certificate", machine.name, json.dumps(f"{place} {before.of(place)}"), None)
        try:
            if by_place:
                forget_certificates(home.known_certificates, by_place)
        except OSError as error:
            raise _unusable(home.known_certificates, "write", error) from error
    return list(by_place.values())


def place_of(machine: Machine) -> str:
    """What the file of accepted certificates calls the place where ``machine`` is reached."""
    from collectors.known_certificates_file import certificate_place

    return certificate_place(machine.address or machine.name, port_of(machine) or 0)


async def _fetch(machine: Machine, ssh: "SshContext", deadline_seconds: float) -> "Certificate":
    from collectors.certificates import fetch_certificate
    from collectors.transports.base import TransportFailed

    _require_https(machine)
    try:
        return await fetch_certificate(machine, ssh=ssh, deadline_seconds=deadline_seconds)
    except TransportFailed as error:
        raise CertificateNotFetched(f"{machine.name}: {error.failure.describe()}") from error


def _require_https(machine: Machine) -> None:
    way = way_of(machine)
    if machine.transport is TransportKind.SSH:
        raise BadInput(f"{machine.name} is reached by SSH: it has a host key. patchdeck machines accept-key shows it.")
    if way is None:
        raise BadInput(
            f"{machine.name} is reached by the transport {machine.transport.value!r}: it has no certificate."
        )
    if way.scheme is WinrmScheme.HTTP:
        raise BadInput(
            f"{machine.name} is reached by WinRM over HTTP, which has no certificate: "
            f"patchdeck machines edit {machine.name} --https"
        )


def _with_sharers(fetched: Sequence[FetchedCertificate], accepted: "AcceptedCertificates") -> list[FetchedCertificate]:
    """``fetched``, each with who else shows its certificate: machines by name, other trusted places as they are."""
    names: dict[str, dict[str, str]] = {}
    for each in fetched:
        if each.certificate is not None:
            names.setdefault(each.certificate.fingerprint, {})[each.certificate.place] = each.machine.name
    return [
        replace(each, sharers=_sharers(each.certificate, names[each.certificate.fingerprint], accepted))
        if each.certificate is not None
        else each
        for each in fetched
    ]


def _sharers(certificate: "Certificate", here: dict[str, str], accepted: "AcceptedCertificates") -> tuple[str, ...]:
    places = dict.fromkeys((*here, *accepted.places_with(certificate.fingerprint)))
    return tuple(here.get(place, place) for place in places if place != certificate.place)


def _unusable(path: Path, deed: str, error: OSError) -> HomeUnusable:
    return HomeUnusable(f"Cannot {deed} {path}: {error.strerror}.")
