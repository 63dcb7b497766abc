"""`patchdeck enrol-token` and the verbs that decide about candidates."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from ops.state.candidates import CandidateBook
from ops.state.database import connect

Patchdeck = Callable[..., Any]
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
FINGERPRINT = "SHA256:CeEjj279cP0+W68LSMDH7W1rHZIus1INQTNalGEG3wM"


@pytest.fixture
def new(patchdeck: Patchdeck, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Makes a token and gives what is said of it."""
    (tmp_path / "console.pub").write_text(f"{KEY} console\n")

    def make(*options: str) -> dict[str, Any]:
        console = ("--console", "console.example:2222", "--console-user", "patch", "--host-key", "console.pub")
        (token,) = json.loads(patchdeck("enrol-token", "new", *console, "--json", *options).out)
        assert isinstance(token, dict)
        return token

    return make


@pytest.fixture
def known(patchdeck: Patchdeck, home: Path) -> Callable[..., None]:
    """Puts candidates into the home."""

    def put(name: str, *, origin: CandidateOrigin = CandidateOrigin.TOKEN, doubts: tuple[str, ...] = ()) -> None:
        patchdeck("machines", "candidates")
        key = (KEY,) if origin is CandidateOrigin.PROBE or name == "web-01" else ()
        candidate = Candidate(
            f"id-{name}",
            name,
            origin,
            CandidateState.PENDING,
            NOW,
            NOW,
            found_by="9c41d07e",
            address=name,
            host_keys=key,
            doubts=doubts,
        )
        with closing(connect(home / "state.db")) as connection:
            CandidateBook(connection).put(candidate)

    return put


def test_a_token_is_its_line_and_a_way_in(new: Callable[..., dict[str, Any]], patchdeck: Patchdeck) -> None:
    """The line is given whole and once; what is kept of it is no secret."""
    token = new("--count", "5", "--expires", "2h", "--tag", "env=prod")
    (listed,) = json.loads(patchdeck("enrol-token", "list", "--json").out)
    assert token["line"].startswith("echo '")
    assert token["line"].endswith("console.example <introduction' | sh")
    assert token["authorized_line"].startswith("restrict,expiry-time=")
    assert (listed["id"], listed["state"], listed["used"], listed["count"]) == (token["id"], "active", 0, 5)
    assert not set(token["line"].split()) & set(json.dumps(listed).split()) - {"echo"}


def test_a_token_is_authorized_and_ended(
    new: Callable[..., dict[str, Any]], patchdeck: Patchdeck, environment: dict[str, str]
) -> None:
    """The line goes into the user's authorized_keys and out again; each twice is once."""
    token = new()
    assert patchdeck("enrol-token", "authorize", token["id"]).out.strip() == token["authorized_line"]
    for words in ("lets", "already lets"):
        assert words in patchdeck("enrol-token", "authorize", token["id"], "--install").err
    file = Path(environment["HOME"]) / ".ssh" / "authorized_keys"
    assert file.read_text() == f"{token['authorized_line']}\n"
    for _ in range(2):
        (ended,) = json.loads(patchdeck("enrol-token", "revoke", token["id"], "--json").out)
        assert ended["state"] == "revoked"
    assert file.read_text() == ""
    for options in ((), ("--install",)):
        assert "is revoked" in patchdeck("enrol-token", "authorize", token["id"], *options, code=2).err


@pytest.mark.parametrize(
    "options",
    [
        ("--count", "0"),
        ("--expires", "soon"),
        ("--network", "10.0.0.1/8"),
        ("--tag", "env"),
        ("--allow-tag", "role"),
        ("--profile", "none"),
        ("--user", "a b"),
        ("--console", "a;b"),
        ("--console-user", "$(id)"),
        ("--host-key", "missing.pub"),
        ("--install-key", "missing.pub"),
        ("--powershell", "--install-key", "console.pub"),
    ],
    ids=" ".join,
)
def test_what_a_token_cannot_be_is_refused(
    new: Callable[..., dict[str, Any]], patchdeck: Patchdeck, options: tuple[str, ...]
) -> None:
    """In one line, and no token is made."""
    host_key = () if "--host-key" in options else ("--host-key", "console.pub")
    ended = patchdeck("enrol-token", "new", "--console", "console", *host_key, *options, code=2)
    assert ended.err.startswith("patchdeck: ")
    assert ended.err.count("\n") == 1
    assert json.loads(patchdeck("enrol-token", "list", "--json").out) == []


def test_candidates_are_shown_with_fingerprints_and_decided(patchdeck: Patchdeck, known: Callable[..., None]) -> None:
    """From the list to the machine; both decisions twice are once."""
    known("web-01")
    known("web-02")
    (first, _) = json.loads(patchdeck("machines", "candidates", "--json").out)
    assert first["host_keys"] == [f"ssh-ed25519 {FINGERPRINT}"]
    for outcome in ("enrolled", "already enrolled"):
        (decision,) = json.loads(patchdeck("machines", "approve", "web-01", "--tag", "a=b", "--json").out)
        assert decision["outcome"] == outcome
    for outcome in ("refused", "already refused"):
        (decision,) = json.loads(patchdeck("machines", "refuse", "web-02", "--json").out)
        assert decision["outcome"] == outcome
    assert json.loads(patchdeck("machines", "candidates", "--json").out) == []
    assert len(json.loads(patchdeck("machines", "candidates", "--refused", "--json").out)) == 1
    patchdeck("machines", "refuse", "web-02", "--forget")
    assert json.loads(patchdeck("machines", "candidates", "--refused", "--json").out) == []


def test_all_leaves_out_what_is_to_be_looked_at(patchdeck: Patchdeck, known: Callable[..., None]) -> None:
    """It is said how many; by name it is approved all the same."""
    known("web-01")
    known("web-02", doubts=("its name is one that many machines have",))
    done = patchdeck("machines", "approve", "--all", "--json")
    assert [decision["name"] for decision in json.loads(done.out)] == ["web-01"]
    assert "1 machine left out" in done.err
    none = patchdeck("machines", "approve", "--all", "--from", "else", "--json")
    assert (json.loads(none.out), "nothing to approve" in none.err) == ([], True)
    assert "accept-key web-02" in patchdeck("machines", "approve", "web-02").err


def test_exit_codes_of_decisions(patchdeck: Patchdeck, known: Callable[..., None]) -> None:
    """Some of several is 3; the only one, or none of several, is a mistake."""
    known("web-01")
    known("web-02", origin=CandidateOrigin.PROBE)
    patchdeck("machines", "approve", "nobody", code=2)
    patchdeck("machines", "approve", "nobody", "neither", code=2)
    patchdeck("machines", "approve", "web-01", "web-02", "--name", "web-03", code=2)
    patchdeck("machines", "approve", code=2)
    assert "did not show" in patchdeck("machines", "approve", "web-02", "--fingerprint", "SHA256:x", code=2).err
    patchdeck("machines", "approve", "web-01", "nobody", code=3)
    (decision,) = json.loads(patchdeck("machines", "approve", "web-02", "--fingerprint", FINGERPRINT, "--json").out)
    assert decision["trusted"] == [f"ssh-ed25519 {FINGERPRINT}"]


def test_an_introduction_makes_no_home(patchdeck_process: Patchdeck, home: Path) -> None:
    """A forced command with a wrong path says so, without it."""
    ended = patchdeck_process("enrol-accept", "9c41d07e", code=1)
    assert ended.err.count("\n") == 1
    assert str(home) not in ended.err
    assert not home.exists()
