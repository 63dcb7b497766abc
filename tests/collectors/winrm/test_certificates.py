"""Which certificate is believed: an authority's, or the one that somebody accepted for that place."""

import os
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.certificates import Certificate, add_known_certificate, fetch_certificate
from collectors.known_certificates_file import AcceptedCertificates, forget_certificates, replace_certificates
from collectors.transports.base import TransportFailed
from collectors.windows.script_call import call_script
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from fleet.winrm import WinrmScheme, WinrmWay
from tests.collectors.winrm.reaching import context_of, greeted_by, machine_at, reaching
from tests.winrm_peer.certificates import CertificateKind
from tests.winrm_peer.peer import WinrmPeer


async def shown_by(machine: Machine) -> Certificate:
    """What the machine shows."""
    async with context_of() as context:
        return await fetch_certificate(machine, ssh=context, deadline_seconds=60)


async def failure_at(machine: Machine, known: Path | None = None) -> Failure:
    """Why the machine could not be greeted."""
    async with reaching(machine, known_certificates=known) as transport:
        with pytest.raises(TransportFailed) as caught:
            await transport.run(call_script("greet").payload, deadline_seconds=60, max_output_bytes=100_000)
    return caught.value.failure


@pytest.mark.parametrize("kind", [kind for kind in CertificateKind if kind is not CertificateKind.SIGNED])
async def test_a_certificate_that_nobody_vouches_for_is_untrusted(
    shared_peer: WinrmPeer, kind: CertificateKind
) -> None:
    """The failure shows the fingerprint, whose it is, and its dates; nobody logged in."""
    endpoint = shared_peer.add(scheme="https", kind=kind)

    failure = await failure_at(machine_at(endpoint))

    certificate = await shown_by(machine_at(endpoint))
    assert failure.kind is FailureKind.CERTIFICATE_UNTRUSTED
    assert certificate.fingerprint in failure.came_back
    assert "CN=WIN-PEER" in failure.came_back
    assert f"{certificate.valid_until:%Y-%m-%d}" in failure.came_back
    assert endpoint.machine.counters.logins == 0
    assert certificate.problem


async def test_the_systems_authorities_do_not_vouch_for_a_peer(shared_peer: WinrmPeer) -> None:
    """Without a file of authorities it is the system's that count."""
    endpoint = shared_peer.add(scheme="https")

    failure = await failure_at(replace(machine_at(endpoint), winrm=WinrmWay()))

    assert failure.kind is FailureKind.CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize("kind", CertificateKind)
async def test_an_accepted_certificate_is_trusted_whatever_is_wrong_with_it(
    shared_peer: WinrmPeer, tmp_path: Path, kind: CertificateKind
) -> None:
    """Somebody compared the fingerprint: neither dates nor names matter any more."""
    machine = replace(machine_at(shared_peer.add(scheme="https", kind=kind)), winrm=WinrmWay())
    known = tmp_path / "known_certificates"
    add_known_certificate(known, await shown_by(machine))

    assert await greeted_by(machine, known=known) == "WIN-PEER"


async def test_another_certificate_than_the_accepted_one_is_refused(shared_peer: WinrmPeer, tmp_path: Path) -> None:
    """Even where an authority vouches for it; the failure shows the new fingerprint."""
    machine = machine_at(shared_peer.add(scheme="https"))
    shown = await shown_by(machine)
    known = tmp_path / "known_certificates"
    replace_certificates(known, {shown.place: "SHA256:" + "0" * 64})

    failure = await failure_at(machine, known)

    assert failure.kind is FailureKind.CERTIFICATE_CHANGED
    assert shown.fingerprint in failure.came_back


async def test_what_is_fetched_says_whose_it_is(shared_peer: WinrmPeer) -> None:
    """The fingerprint is that of the leaf, and an authority of the machine's file vouches for it."""
    endpoint = shared_peer.add(scheme="https")

    certificate = await shown_by(machine_at(endpoint))

    import hashlib

    der = ssl.PEM_cert_to_DER_cert(endpoint.certificate)
    assert certificate.fingerprint == f"SHA256:{hashlib.sha256(der).hexdigest().upper()}"
    assert certificate.problem == ""
    assert certificate.place == f"127.0.0.1:{endpoint.port}"
    assert "127.0.0.1" in certificate.names
    assert endpoint.machine.counters.logins == 0


@pytest.mark.parametrize("scheme", [WinrmScheme.HTTP, WinrmScheme.HTTPS])
async def test_a_machine_without_tls_has_no_certificate(shared_peer: WinrmPeer, scheme: WinrmScheme) -> None:
    """Over HTTP nobody is asked; a port without TLS is named."""
    machine = replace(machine_at(shared_peer.add()), winrm=WinrmWay(scheme))

    with pytest.raises(TransportFailed) as caught:
        await shown_by(machine)

    wanted = FailureKind.TLS_FAILED if scheme is WinrmScheme.HTTPS else FailureKind.BAD_CONFIGURATION
    assert caught.value.failure.kind is wanted
    assert "ntlm" not in caught.value.failure.tried


def test_the_file_keeps_what_it_does_not_know(tmp_path: Path) -> None:
    """Comments and other places stay; a place has one certificate, in whatever case it was written."""
    known = tmp_path / "known_certificates"
    old, new = "SHA256:" + "A" * 64, "SHA256:" + "B" * 64
    known.write_text(f"# mine\nWEB-01:5986 {old}\n[::1]:5986 {old}\nnonsense\n")

    replace_certificates(known, {"web-01:5986": new})

    accepted = AcceptedCertificates(known)
    assert accepted.of("web-01:5986") == new
    assert accepted.of("[::1]:5986") == old
    assert accepted.places_with(new) == ("web-01:5986",)
    assert known.read_text() == f"# mine\n[::1]:5986 {old}\nnonsense\nweb-01:5986 {new}\n"

    forget_certificates(known, ["[::1]:5986"])

    assert AcceptedCertificates(known).of("[::1]:5986") is None


async def test_a_file_that_never_ends_holds_up_nobody(shared_peer: WinrmPeer, tmp_path: Path) -> None:
    """A FIFO in the place of what was accepted is named at once."""
    known = tmp_path / "known_certificates"
    os.mkfifo(known)

    failure = await failure_at(machine_at(shared_peer.add(scheme="https")), known)

    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert f"{known}: it is no regular file" in failure.came_back
