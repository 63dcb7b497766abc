"""Every fault between a console and a Windows machine, end to end: named by each verb in one line, with its remedy."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ops.cli.conftest import Patchdeck
from tests.ops.cli.winrm_fleet import PASSWORD, add_machine, add_profiles
from tests.winrm_peer.certificates import CertificateKind
from tests.winrm_peer.endpoint import Endpoint
from tests.winrm_peer.faults import FaultKind, Message
from tests.winrm_peer.fixtures import shared_peer
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser, TokenKind
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["shared_peer"]

Make = Callable[[WinrmPeer], Endpoint]


def _faulty(on: Message, kind: FaultKind, *, clear: bool = False) -> Make:
    def make(peer: WinrmPeer) -> Endpoint:
        machine = PeerMachine()
        machine.limits.allows_unencrypted = clear
        machine.faults.add(on, kind, times=None)
        return peer.add(machine)

    return make


def _with_user(token: TokenKind) -> Make:
    return lambda peer: peer.add(PeerMachine(users=[PeerUser(token=token)]))


_BASIC = ("--winrm", "basic", "--allow-clear-text")
# Name of the fault; the peer; more options; the scheme that is spoken; the failure; a word of its remedy.
_FAULTS: list[tuple[str, Make, tuple[str, ...], str, str, str]] = [
    ("credentials", lambda peer: peer.add(), ("--profile", "wrong"), "", "login-refused", "password"),
    ("clocks", _faulty(Message.CREATE, FaultKind.CLOCK_SKEW, clear=True), _BASIC, "", "clock-skewed", "w32tm"),
    ("untrusted", lambda peer: peer.add(scheme="https"), (), "", "certificate-untrusted", "accept-certificate"),
    ("https-to-http", lambda peer: peer.add(), (), "https", "tls-failed", "5986"),
    ("http-to-https", lambda peer: peer.add(scheme="https"), (), "http", "not-winrm", "5985"),
    ("portal", _faulty(Message.LOGIN, FaultKind.PORTAL), (), "", "not-winrm", "portal"),
    ("page", _faulty(Message.LOGIN, FaultKind.HTML200), (), "", "not-winrm", "answers in its place"),
    (
        *("constrained", lambda peer: peer.add(PeerMachine(language_mode="ConstrainedLanguage")), (), ""),
        *("language-constrained", "AppLocker"),
    ),
    ("filtered", _with_user(TokenKind.FILTERED), (), "", "access-denied", "LocalAccountTokenFilterPolicy"),
]


def _rows(out: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(out)
    return rows


@pytest.mark.parametrize(("name", "make", "options", "scheme", "kind", "word"), _FAULTS, ids=[f[0] for f in _FAULTS])
def test_fault_is_named_with_its_remedy_by_every_verb(
    patchdeck: Patchdeck,
    shared_peer: WinrmPeer,
    name: str,
    make: Make,
    options: tuple[str, ...],
    scheme: str,
    kind: str,
    word: str,
) -> None:
    """`machines test`, `assess` and `check` say the same of it, end with 3, and show no password."""
    add_profiles(patchdeck)
    add_machine(patchdeck, name, make(shared_peer), *options, scheme=scheme, trusts=False)

    tried = patchdeck("machines", "test", name, "--json", code=3)
    (row,) = _rows(tried.out)
    assert row["result"] == kind
    assert word in str(row["remedy"])
    assert "\n" not in f"{row['problem']}{row['remedy']}"
    assessed = patchdeck("assess", name, "--json", code=3)
    assert kind in assessed.out
    assert word in assessed.out
    checked = patchdeck("check", name, "--json", code=3)
    failed = [each for each in _rows(checked.out) if each["status"] == "failed" and each["severity"] == "error"]
    assert [word in str(each["remedy"]) for each in failed] == [True]
    shown = patchdeck("machines", "show", name)
    assert word in shown.out
    assert not any(PASSWORD in ended.out + ended.err for ended in (tried, assessed, checked, shown))


def test_winrm_that_is_off_is_named(patchdeck: Patchdeck) -> None:
    """Nothing listens: the remedy says how to switch it on."""
    add_profiles(patchdeck)
    tried = patchdeck(
        *("machines", "test", "win-1", "--transport", "winrm", "--address", "127.0.0.1", "--port", "1"),
        *("--profile", "win"),
        code=3,
    )
    assert "winrm quickconfig" in tried.err


def test_login_without_rights_answers_and_is_told(patchdeck: Patchdeck, shared_peer: WinrmPeer) -> None:
    """Who is no administrator is let in; what that login cannot do later is said now."""
    add_profiles(patchdeck)
    add_machine(patchdeck, "win-1", _with_user(TokenKind.UNPRIVILEGED)(shared_peer))
    (row,) = _rows(patchdeck("machines", "test", "win-1", "--json").out)
    assert row["result"] == "logged in"
    assert "no administrator" in str(row["problem"])


def test_certificate_of_any_kind_that_is_not_trusted_is_shown(patchdeck: Patchdeck, shared_peer: WinrmPeer) -> None:
    """Expired, for another name, or nobody's: what it is, and the fingerprint to compare."""
    add_profiles(patchdeck)
    for kind in (CertificateKind.EXPIRED, CertificateKind.WRONG_NAME, CertificateKind.SELF_SIGNED):
        add_machine(patchdeck, kind.value, shared_peer.add(scheme="https", kind=kind))
        (row,) = _rows(patchdeck("machines", "test", kind.value, "--json", code=3).out)
        assert (row["result"], row["subject"]) == ("certificate-untrusted", "CN=WIN-PEER")
        assert str(row["fingerprint"]).startswith("SHA256:")


def test_machine_outside_the_scope_is_not_connected_to(patchdeck: Patchdeck, shared_peer: WinrmPeer) -> None:
    """By no verb that would reach it by WinRM; the one inside is."""
    add_profiles(patchdeck)
    far, near = shared_peer.add(scheme="https"), shared_peer.add(scheme="https")
    add_machine(patchdeck, "far-1", far)
    add_machine(patchdeck, "near-1", near)
    patchdeck("groups", "add", "near", "near-1")
    patchdeck("scope", "add", "near")

    tried = patchdeck("machines", "test", "far-1", code=3)
    named = patchdeck("machines", "accept-certificate", "far-1", "--yes", code=1)
    for ended in (tried, named, patchdeck("check", "far-1", code=3), patchdeck("assess", "far-1", code=3)):
        assert "scope" in ended.out + ended.err
    assert patchdeck("profiles", "test", "win", code=3).out.count("proven") == 1
    assert far.machine.counters.connections == 0
    assert near.machine.counters.connections > 0


def test_worker_processes_reach_windows_with_passwords_asked_of_the_scan(
    patchdeck: Patchdeck, shared_peer: WinrmPeer, home: Path
) -> None:
    """A worker has no terminal and no keyring: what it needs comes over its channel."""
    add_profiles(patchdeck)
    (home / "config.toml").write_text("[assess]\nworkers = 2\n")
    for name in ("win-1", "win-2"):
        machine = PeerMachine(name=name.upper(), machine_guid=name, system_uuid="")
        add_machine(patchdeck, name, shared_peer.add(machine, "https"))
    assessed = patchdeck("assess", "all", "--json")
    assert [row["outcome"] for row in _rows(assessed.out)] == ["succeeded", "succeeded"]
    assert PASSWORD not in assessed.out + assessed.err


def test_openssh_on_windows_is_tried_and_proven_by_the_same_greeting(
    patchdeck: Patchdeck, shared_peer: WinrmPeer
) -> None:
    """Its host key is accepted, not a certificate; the login is an administrator's."""
    add_profiles(patchdeck)
    endpoint = shared_peer.add_ssh(PeerMachine())
    way = ("--address", endpoint.address, "--port", str(endpoint.port), "--os", "Windows", "--profile", "win")
    patchdeck("machines", "add", "win-ssh", *way)
    patchdeck("machines", "accept-key", "win-ssh", "--yes")
    (row,) = _rows(patchdeck("machines", "test", "win-ssh", "--json").out)
    assert (row["result"], row["problem"]) == ("logged in", "")
    assert "Windows Server 2022" in str(row["system"])
    assert "proven" in patchdeck("profiles", "test", "win").out
