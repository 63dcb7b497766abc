"""`patchdeck machines accept-certificate`: an act of a person who compared, against peers over HTTPS."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.home import open_home
from ops.state.audit import Audit
from ops.state.database import opened
from tests.ops.cli.conftest import Patchdeck
from tests.ops.cli.winrm_fleet import add_machine, add_profiles
from tests.winrm_peer.certificates import CertificateKind
from tests.winrm_peer.endpoint import Endpoint
from tests.winrm_peer.fixtures import shared_peer
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["shared_peer"]

Untrusted = Callable[..., Endpoint]


@pytest.fixture
def untrusted(patchdeck: Patchdeck, shared_peer: WinrmPeer) -> Untrusted:
    """Enrols machines whose certificates nobody vouches for."""
    add_profiles(patchdeck)

    def make(name: str = "win-1") -> Endpoint:
        endpoint = shared_peer.add(scheme="https", kind=CertificateKind.SELF_SIGNED)
        add_machine(patchdeck, name, endpoint, trusts=False)
        return endpoint

    return make


def _shown(patchdeck: Patchdeck, name: str = "win-1") -> str:
    tried = patchdeck("machines", "test", name, "--json", code=3)
    fingerprint: str = json.loads(tried.out)[0]["fingerprint"]
    assert fingerprint in tried.err
    assert f"accept-certificate {name}" in tried.err
    return fingerprint


def test_certificate_is_shown_compared_and_then_trusted(patchdeck: Patchdeck, untrusted: Untrusted) -> None:
    """With subject, issuer, dates and both fingerprints; asked about, audited, and once is enough."""
    untrusted()
    fingerprint = _shown(patchdeck)
    unasked = patchdeck("machines", "accept-certificate", "win-1", code=2)
    wrong = patchdeck("machines", "accept-certificate", "win-1", "--fingerprint", f"SHA256:{'AB' * 32}", code=2)
    said = ("SHA-1", "subject     CN=WIN-PEER", "issuer      itself", "valid ", "authorities do not vouch for it")
    assert all(word in unasked.err for word in (fingerprint, *said))
    assert "not SHA256:ABAB" in wrong.err

    taken = patchdeck("machines", "accept-certificate", "win-1", "--fingerprint", fingerprint.lower(), "--json")
    (row,) = json.loads(taken.out)
    assert (row["fingerprint"], row["standing"], row["is_trusted"]) == (fingerprint, "new", True)
    assert "it is accepted already" in patchdeck("machines", "accept-certificate", "win-1").err
    assert "logged in" in patchdeck("machines", "test", "win-1").out


@pytest.mark.parametrize(("text", "word"), [("SHA256:AB", "64"), ("ab" * 20, "SHA-1"), ("", "64"), ("win-1", "64")])
def test_what_is_no_fingerprint_is_refused_before_anybody_is_asked(
    patchdeck: Patchdeck, untrusted: Untrusted, text: str, word: str
) -> None:
    """Also where several machines are named: it would match none of them, and nobody would know why."""
    endpoints = untrusted("win-1"), untrusted("win-2")
    refused = patchdeck("machines", "accept-certificate", "win-*", "--fingerprint", text, code=2)
    assert word in refused.err
    assert [endpoint.machine.counters.connections for endpoint in endpoints] == [0, 0]


def test_certificates_renewed_on_many_machines_are_accepted_by_their_list(
    patchdeck: Patchdeck, untrusted: Untrusted, home: Path
) -> None:
    """Fingerprints as .NET writes them; what is not in the list stays an alarm, and the verb ends with 3."""
    for name in ("win-1", "win-2", "win-3"):
        untrusted(name)
    patchdeck("machines", "accept-certificate", "all", "--yes")
    known = open_home(home).known_certificates
    lines = [line.split() for line in known.read_text().splitlines()]
    known.write_text("".join(f"{place} SHA256:{'0' * 64}\n" for place, _ in lines))

    listed = ["-".join(re.findall("..", fingerprint.removeprefix("SHA256:"))) for _, fingerprint in lines[:2]]
    options = [word for each in listed for word in ("--fingerprint", each)]
    taken = patchdeck("machines", "accept-certificate", "all", *options, "--json", code=3)

    assert sorted(row["is_trusted"] for row in json.loads(taken.out)) == [False, True, True]


def test_changed_certificate_is_shown_beside_the_trusted_one(
    patchdeck: Patchdeck, untrusted: Untrusted, home: Path
) -> None:
    """Among several it is never taken unseen; forgotten, authorities decide."""
    untrusted("win-1")
    other = untrusted("win-2")
    old = _shown(patchdeck)
    patchdeck("machines", "accept-certificate", "win-*", "--yes")
    patchdeck("machines", "edit", "win-1", "--port", str(other.port), "--address", "localhost")
    known = open_home(home).known_certificates
    known.write_text(f"{known.read_text()}localhost:{other.port} {old}\n")

    tried = patchdeck("machines", "test", "win-1", "--json", code=3)
    assert json.loads(tried.out)[0]["result"] == "certificate-changed"
    assert f"IT HAS CHANGED, accepted is {old}" in tried.err
    swept = patchdeck("machines", "accept-certificate", "win-*", "--yes", code=3)
    assert "IT HAS CHANGED" in swept.err
    patchdeck("machines", "accept-certificate", "win-1", "--yes")
    assert "logged in" in patchdeck("machines", "test", "win-1").out
    patchdeck("machines", "accept-certificate", "win-1", "--forget")
    assert _shown(patchdeck)
    with opened(open_home(home).state_file) as connection:
        actions = [(entry.action, entry.target) for entry in Audit(connection).list_entries()]
    assert ("machine.accept-certificate", "win-1") in actions
    assert ("machine.forget-certificate", "win-1") in actions


def test_trusted_by_authorities_needs_nothing_and_http_has_none(patchdeck: Patchdeck, shared_peer: WinrmPeer) -> None:
    """Each is said in one line; a machine that is reached by SSH is sent to the other verb."""
    add_profiles(patchdeck)
    add_machine(patchdeck, "good", shared_peer.add(scheme="https"))
    add_machine(patchdeck, "plain", shared_peer.add())
    patchdeck("machines", "add", "web-1", "--address", "127.0.0.1")
    good = patchdeck("machines", "accept-certificate", "good", "--json")
    assert json.loads(good.out)[0]["standing"] == "vouched"
    assert "--https" in patchdeck("machines", "accept-certificate", "plain", code=2).err
    assert "accept-key" in patchdeck("machines", "accept-certificate", "web-1", code=2).err
    assert "accept-certificate" in patchdeck("machines", "accept-key", "good", code=2).err


def test_reinstalled_windows_gets_its_new_certificate_trusted(patchdeck: Patchdeck, untrusted: Untrusted) -> None:
    """As a host key would; what was known of it is forgotten."""
    untrusted()
    fingerprint = _shown(patchdeck)
    assert "SHA-1" in patchdeck("machines", "reinstalled", "win-1", "--fingerprint", "ab" * 20, code=2).err
    patchdeck("machines", "reinstalled", "win-1", "--fingerprint", fingerprint.removeprefix("SHA256:").lower())
    assert "logged in" in patchdeck("machines", "test", "win-1").out
