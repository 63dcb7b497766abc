"""Windows machines that introduce themselves: by WinRM and its certificate where they have no sshd."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.known_certificates_file import AcceptedCertificates, replace_certificates
from fleet.enrol_tokens import ApprovalMode, EnrolToken, hash_secret
from fleet.introductions import UnreadableIntroduction
from fleet.machines import OSType, TransportKind
from fleet.winrm import WinrmScheme, WinrmWay
from ops.candidates import Approval, approve_candidates, list_candidates
from ops.enrol_tokens.accepting import Reception, accept_introduction
from ops.enrolment import find_machine, list_machines
from ops.home import Home, open_home
from ops.state.database import connect
from ops.state.enrol_tokens import EnrolTokenBook

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROOF = "abcdefghijklmnopqrstuvwx"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
TOKEN = EnrolToken("9c41d07e", NOW, "anna", NOW + timedelta(hours=1), hash_secret(PROOF), KEY, count=9)
SHOWN = "SHA256:" + "AB" * 32
OTHER = "SHA256:" + "CD" * 32
PLACE = "192.0.2.7:5986"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def _offer(home: Home, approval: ApprovalMode) -> None:
    with closing(connect(home.state_file)) as connection:
        EnrolTokenBook(connection).put(replace(TOKEN, approval=approval), "enrol-token.new")


def _introduce(home: Home, *lines: str, name: str = "win-1", came_from: str = "192.0.2.7") -> Reception:
    said = ["patchdeck-introduction 1", f"proof {PROOF}", f"name {name}", "os Windows", *lines, "end"]
    raw = "\r\n".join(said).encode()
    return accept_introduction(home, TOKEN.id, raw, came_from, lambda: NOW)


def test_certificate_that_was_introduced_is_trusted(home: Home) -> None:
    """HTTPS is preferred, and within the token's limits nobody has to compare anything. The second time is once."""
    _offer(home, ApprovalMode.AUTO)
    taken = _introduce(home, "winrm http 5985", f"winrm https 5986 {SHOWN}")
    machine = find_machine(home, "win-1")
    assert taken.keys == (f"certificate {SHOWN}",)
    assert (machine.transport, machine.os_type, machine.port) == (TransportKind.WINRM, OSType.WINDOWS, 5986)
    assert AcceptedCertificates(home.known_certificates).of(PLACE) == SHOWN
    assert not _introduce(home, f"winrm https 5986 {SHOWN}").is_new


def test_listener_without_a_certificate_waits_for_a_person(home: Home) -> None:
    """Over HTTP nothing says who it is; as who is no administrator there sees no listener at all."""
    _offer(home, ApprovalMode.AUTO)
    _introduce(home, "winrm http 5985")
    _introduce(home, name="win-2", came_from="192.0.2.8")
    assert list_machines(home) == []
    assert all("no certificate" in candidate.note for candidate in list_candidates(home))
    approve_candidates(home, [Approval("win-1"), Approval("win-2")], lambda: NOW)
    ways = [(each.transport, each.winrm, each.port) for each in list_machines(home)]
    over_http = WinrmWay(scheme=WinrmScheme.HTTP)
    assert ways == [(TransportKind.WINRM, over_http, 5985), (TransportKind.WINRM, None, None)]


def test_trusted_certificate_is_not_replaced_in_silence(home: Home) -> None:
    """Whoever holds the line may claim any address; --replace-key says that the other machine is gone."""
    replace_certificates(home.known_certificates, {PLACE: OTHER})
    _offer(home, ApprovalMode.AUTO)
    waits = _introduce(home, f"winrm https 5986 {SHOWN}")
    assert waits.candidate is not None
    assert "another certificate is trusted" in waits.candidate.note
    (refused,) = approve_candidates(home, [Approval("win-1")], lambda: NOW)
    assert OTHER in refused.problem
    approve_candidates(home, [Approval("win-1", replaces_key=True)], lambda: NOW)
    assert AcceptedCertificates(home.known_certificates).of(PLACE) == SHOWN


def test_machine_with_sshd_is_reached_by_it_unless_it_is_said(home: Home) -> None:
    """Its host keys say who it is; by the other way, what was shown for this one is trusted for nothing."""
    _offer(home, ApprovalMode.ASK)
    _introduce(home, f"key {KEY}", f"winrm https 5986 {SHOWN}")
    (candidate,) = list_candidates(home)
    assert (candidate.winrm_scheme, candidate.certificate) == (None, "")
    approve_candidates(home, [Approval("win-1", transport=TransportKind.WINRM)], lambda: NOW)
    machine = find_machine(home, "win-1")
    assert (machine.transport, machine.winrm, machine.port) == (TransportKind.WINRM, None, None)
    assert not home.known_certificates.exists()
    assert not home.known_hosts.exists()


@pytest.mark.parametrize("line", ["winrm gopher 70", "winrm https 99999", "winrm https 5986 SHA256:nonsense"])
def test_listeners_are_read_strictly(home: Home, line: str) -> None:
    """As all that whoever holds the token may send."""
    _offer(home, ApprovalMode.ASK)
    with pytest.raises(UnreadableIntroduction, match="winrm"):
        _introduce(home, line)


@pytest.mark.parametrize("approval", [ApprovalMode.AUTO, ApprovalMode.ASK])
def test_certificate_of_another_machine_is_looked_at_twice(home: Home, approval: ApprovalMode) -> None:
    """As a host key would be: a clone has its original's key, and must not be let in by a token's limits."""
    _offer(home, approval)
    _introduce(home, f"winrm https 5986 {SHOWN}")
    clone = _introduce(home, f"winrm https 5986 {SHOWN}", name="win-2", came_from="192.0.2.9")
    assert clone.machine is None
    assert clone.candidate is not None
    assert "its certificate is also that of win-1" in clone.candidate.note
    assert [machine.name for machine in list_machines(home)] == ["win-1"] * (approval is ApprovalMode.AUTO)
    assert all(candidate.doubts for candidate in list_candidates(home))
