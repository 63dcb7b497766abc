"""Taking in introductions: once for each machine, within the token's limits, and with an eye for clones."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.candidates import Candidate, CandidateState
from fleet.enrol_tokens import ApprovalMode, EnrolToken, TokenState, hash_secret
from fleet.errors import PatchdeckError
from fleet.facts import MachineFacts
from fleet.introductions import UnreadableIntroduction
from fleet.status import MachineStatus, summarise
from ops.candidates import Approval, approve_candidates, list_candidates, refuse_candidates, waiting
from ops.enrol_tokens.accepting import IntroductionRefused, Reception, accept_introduction, require_usable
from ops.enrol_tokens.authorizing import find_token, revoke
from ops.enrolment import Definition, enrol, find_machine, list_machines
from ops.home import Home, open_home
from ops.state.audit import Audit
from ops.state.database import connect
from ops.state.enrol_tokens import EnrolTokenBook
from ops.state.statuses import StatusBook

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROOF = "abcdefghijklmnopqrstuvwx"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Lq1Yc3cXcZKkF0m0m0m0m0m0m0m0m0m0m0m0m0m0m"
TOKEN = EnrolToken("9c41d07e", NOW, "anna", NOW + timedelta(hours=1), hash_secret(PROOF), KEY, count=3)

Introduce = Callable[..., Reception]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def offer(home: Home) -> Callable[[EnrolToken], None]:
    """Keeps a token."""

    def keep(token: EnrolToken) -> None:
        with closing(connect(home.state_file)) as connection:
            EnrolTokenBook(connection).put(token, "enrol-token.new")

    return keep


@pytest.fixture
def introduce(home: Home) -> Introduce:
    """Introduces a machine, by default web-01 at 192.0.2.7 within the token's time."""

    def come(
        name: str = "web-01",
        *lines: str,
        key: str = KEY,
        came_from: str = "192.0.2.7",
        token: str = TOKEN.id,
        proof: str = PROOF,
        at: datetime = NOW,
    ) -> Reception:
        said = ["patchdeck-introduction 1", f"proof {proof}", f"name {name}", *lines, *([f"key {key}"] if key else [])]
        return accept_introduction(home, token, "\n".join([*said, "end", ""]).encode(), came_from, lambda: at)

    return come


def only(home: Home) -> Candidate:
    (candidate,) = list_candidates(home)
    return candidate


def actions(home: Home) -> list[str]:
    with closing(connect(home.state_file)) as connection:
        return [entry.action for entry in reversed(Audit(connection).list_entries())]


def test_a_machine_waits_with_all_it_said(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """And with what its token gives it; nothing is trusted yet."""
    offer(replace(TOKEN, tags={"env": "prod"}, allowed_tags=("role=*",), user="patch"))

    reception = introduce("web-01", "system Debian 12", "tag role=web", "port 2222", "machine-id " + "a" * 32)

    candidate = only(home)
    assert "waits to be approved" in reception.describe()
    assert reception.keys == ("ssh-ed25519 SHA256:CeEjj279cP0+W68LSMDH7W1rHZIus1INQTNalGEG3wM",)
    assert (candidate.address, candidate.port, candidate.user) == ("192.0.2.7", 2222, "patch")
    assert dict(candidate.tags) == {"role": "web", "env": "prod"}
    assert (candidate.doubts, candidate.note) == ((), "")
    assert not home.known_hosts.exists()
    assert find_token(home, TOKEN.id).used == 1


def test_the_same_machine_twice_is_once(home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce) -> None:
    """It takes one use, also when the token is used up, and also once it is enrolled."""
    offer(replace(TOKEN, count=1))
    introduce()
    again = introduce(at=NOW + timedelta(minutes=1))
    assert (again.is_new, len(list_candidates(home))) == (False, 1)
    approve_candidates(home, [Approval("web-01")])
    enrolled = introduce()
    assert enrolled.describe() == "web-01 is enrolled already."
    assert list_candidates(home) == []
    assert find_token(home, TOKEN.id).used == 1
    assert actions(home).count("candidate.introduce") == 1


def test_limits_approve_what_is_within_them(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """The machine is enrolled with its keys at once; a second of its name, or of another name, waits."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO, names=("web-*",)))
    assert introduce().describe() == "web-01 is enrolled."
    assert home.known_hosts.read_text() == f"192.0.2.7 {KEY}\n"
    assert introduce("db-01", key=OTHER_KEY, came_from="192.0.2.8").machine is None
    assert [machine.name for machine in list_machines(home)] == ["web-01"]
    assert "web-*" in only(home).note


def test_two_machines_of_one_name(home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce) -> None:
    """Who comes second under a name is never approved by itself."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO))
    introduce()
    introduce("WEB-01", key=OTHER_KEY, came_from="192.0.2.8")
    assert "another host key is trusted for it" in only(home).note
    assert len(list_machines(home)) == 1


@pytest.mark.parametrize(
    ("change", "how", "why"),
    [
        ({"revoked_at": NOW}, {}, "revoked"),
        ({}, {"at": NOW + timedelta(hours=1)}, "expired"),
        ({"used": 3}, {}, "used up"),
        ({}, {"proof": "x" * 24}, "not the line of this token"),
        ({"networks": ("192.0.2.0/24",)}, {"came_from": "203.0.113.9"}, "not for machines at 203.0.113.9"),
        ({"networks": ("192.0.2.0/24",)}, {"came_from": ""}, "an unknown address"),
        ({}, {"token": "00000000"}, "not known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_token_does_not_allow(
    home: Home,
    offer: Callable[[EnrolToken], None],
    introduce: Introduce,
    change: dict[str, object],
    how: dict[str, object],
    why: str,
) -> None:
    """It is refused and counted, and leaves nothing else: the audit does not grow by it."""
    offer(replace(TOKEN, **change))  # type: ignore[arg-type]
    with pytest.raises(IntroductionRefused) as refusal:
        introduce(**how)
    assert why in str(refusal.value)
    assert TOKEN.id not in str(refusal.value)
    assert list_candidates(home) == []
    assert find_token(home, TOKEN.id).refusals == (0 if "token" in how else 1)
    assert actions(home) == ["enrol-token.new"]


def test_a_token_that_ended_is_refused_before_anything_is_read(home: Home, offer: Callable[[EnrolToken], None]) -> None:
    """Whoever has a key that is worth nothing any more keeps no process waiting."""
    offer(replace(TOKEN, used=3))
    require_usable(home, TOKEN.id, lambda: NOW)
    for token_id, at in ((TOKEN.id, NOW + timedelta(hours=1)), ("00000000", NOW)):
        with pytest.raises(IntroductionRefused):
            require_usable(home, token_id, lambda at=at: at)  # type: ignore[misc]


def test_an_introduction_that_cannot_be_read_is_told(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """Whoever waits for a machine sees that it tried, from where, and why that came to nothing."""
    offer(TOKEN)
    with pytest.raises(UnreadableIntroduction):
        introduce("web-01", "nonsense \x1b[31m")
    token = find_token(home, TOKEN.id)
    assert (token.refusals, token.used) == (1, 0)
    assert token.last_refusal == "Line 4 of the introduction begins with a word that is not known. (from 192.0.2.7)"


def test_a_refused_machine_is_refused_at_once(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """The decision holds for its next introductions."""
    offer(TOKEN)
    introduce()
    refuse_candidates(home, ["web-01"])
    with pytest.raises(IntroductionRefused, match="refused web-01"):
        introduce()
    assert only(home).state is CandidateState.REFUSED


def test_who_only_claims_to_be_a_waiting_machine_changes_nothing(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """Public keys are public: another place cannot move a machine that waits, its own place can."""
    offer(TOKEN)
    introduce()
    introduce("web-01", "address 203.0.113.9", came_from="203.0.113.9")
    assert only(home).address == "192.0.2.7"
    introduce("web-01", "port 2222")
    assert only(home).port == 2222


def test_changes_of_mind_are_bounded(home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce) -> None:
    """Each is in the audit, so there cannot be any number of them."""
    offer(replace(TOKEN, count=1))
    introduce()
    for port in range(1, 21):
        introduce("web-01", f"port {port}")
    with pytest.raises(IntroductionRefused, match="too often"):
        introduce("web-01", "port 100")
    assert actions(home).count("candidate.introduce") == 21


def test_a_later_token_approves_of_a_machine_that_waits(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """It takes a use of that token, whatever the machine said before."""
    offer(TOKEN)
    offer(replace(TOKEN, id="aaaaaaaa", approval=ApprovalMode.AUTO, count=1))
    introduce()
    assert introduce(token="aaaaaaaa").machine is not None
    assert find_token(home, "aaaaaaaa").used == 1


def test_a_clone_of_an_enrolled_machine_waits(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """Its name is new, its key is that of another."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO))
    introduce()
    introduce("web-02", came_from="192.0.2.8")
    assert "its host key is also that of web-01" in only(home).note


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ({"name": "web-02"}, "its host key is also that of"),
        ({"name": "web-02", "key": OTHER_KEY}, "its machine-id is also that of"),
        ({"name": "WEB-01", "key": OTHER_KEY, "lines": ()}, "has this name, with another host key"),
    ],
    ids=["key", "machine-id", "name"],
)
def test_clones_that_wait_are_noticed(
    home: Home,
    offer: Callable[[EnrolToken], None],
    introduce: Introduce,
    second: dict[str, str | tuple[str, ...]],
    what: str,
) -> None:
    """Also among machines of which nobody has decided yet; the first one may be the wrong one: neither is clear."""
    offer(TOKEN)
    lines = ("machine-id " + "a" * 32,)
    introduce("web-01", *lines)
    introduce(second["name"], *second.get("lines", lines), key=second.get("key", KEY), came_from="192.0.2.8")
    notes = [candidate.note for candidate in list_candidates(home)]
    assert [what in note for note in notes] == [True, True]
    assert waiting(list_candidates(home), without_doubts=True) == []


def test_a_clone_with_name_and_key_of_one_that_waits_is_noticed(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """Copies of an image have all in common but where they are: they are told once each, and five are enough."""
    offer(TOKEN)
    introduce()
    for number in range(10, 20):
        for _ in range(2):
            assert introduce(came_from=f"192.0.2.{number}").is_new is False
    candidate = only(home)
    assert candidate.also_from == tuple(f"192.0.2.{number}" for number in range(10, 15))
    assert "it introduced itself from 192.0.2.10 too: it has moved, or there is a clone of it" in candidate.note
    assert actions(home).count("candidate.doubt") == 5
    introduce("web-01", "port 2222")
    assert (only(home).port, len(only(home).doubts)) == (2222, 5)


def test_a_clone_with_name_and_key_of_an_enrolled_machine_waits(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """It is no second introduction of that machine, which is reached elsewhere; nobody enrols it by itself."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO, count=2))
    introduce()
    for _ in range(2):
        assert introduce(came_from="192.0.2.8").machine is None
    assert only(home).doubts == (
        "web-01 is enrolled with this host key, and reached at 192.0.2.7: it has moved, or this is a clone of it",
    )
    (decision,) = approve_candidates(home, [Approval("web-01", name="web-02")])
    assert decision.machine is not None
    assert decision.machine.address == "192.0.2.8"


@pytest.mark.parametrize(
    ("address", "lines"),
    [("192.0.2.99", ("address 192.0.2.99",)), ("web-01.example", ()), ("192.0.2.7", ())],
    ids=["one of its addresses", "a name", "where it is"],
)
def test_a_machine_that_is_where_it_is_reached_is_itself(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce, address: str, lines: tuple[str, ...]
) -> None:
    """Machines have several addresses, and names in the place of one."""
    offer(TOKEN)
    enrol(home, Definition("web-01", address=address))
    home.known_hosts.write_text(f"{address} {KEY}\n")
    assert introduce("web-01", *lines).machine is not None
    assert list_candidates(home) == []


def test_other_hardware_is_another_machine(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """A copy of a virtual machine that has taken its address too is told by the firmware's UUID."""
    offer(TOKEN)
    machine = enrol(home, Definition("web-01", address="192.0.2.7")).machine
    home.known_hosts.write_text(f"192.0.2.7 {KEY}\n")
    answer = Assessment(
        machine.id,
        "web-01",
        NOW,
        NOW,
        Coverage.COMPLETE,
        MachineFacts(system_uuid=f"{'a' * 8}-bbbb-cccc-dddd-{'e' * 12}"),
    )
    with closing(connect(home.state_file)) as connection:
        StatusBook(connection).put(MachineStatus(machine, summarise(answer), summarise(answer)))
    assert introduce("web-01", f"system-uuid {'A' * 8}-BBBB-CCCC-DDDD-{'E' * 12}").machine is not None
    assert introduce("web-01", f"system-uuid {'9' * 8}-bbbb-cccc-dddd-{'e' * 12}").machine is None


def test_an_address_of_another_machine_is_never_taken_over(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """Whoever holds the token may claim any address; the key that is trusted there stays."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO))
    machine = enrol(home, Definition("db-01", address="192.0.2.7")).machine
    home.known_hosts.write_text(f"192.0.2.7 {OTHER_KEY}\n")
    introduce()
    assert "db-01 is reached already" in only(home).note
    (decision,) = approve_candidates(home, [Approval("web-01", replaces_key=True)])
    assert "db-01 is reached already" in decision.problem
    assert home.known_hosts.read_text() == f"192.0.2.7 {OTHER_KEY}\n"
    assert find_machine(home, "db-01") == machine


def test_a_name_that_says_nothing_waits(home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce) -> None:
    """An administrator gives it another."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO))
    introduce("localhost")
    (decision,) = approve_candidates(home, [Approval("localhost", name="web-01")])
    assert decision.machine is not None
    assert decision.machine.name == "web-01"


def test_tags_that_are_not_allowed_are_not_given(
    home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce
) -> None:
    """They are told, and whoever approves may give them."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO))
    introduce("web-01", "tag env=prod")
    assert "env=prod" in only(home).note
    assert dict(only(home).tags) == {}


def test_a_profile_that_is_gone_is_told(home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce) -> None:
    """The machine waits for somebody who knows another."""
    offer(replace(TOKEN, approval=ApprovalMode.AUTO, profile="gone"))
    introduce()
    assert "gone" in only(home).note


def test_revoking_twice_is_once(home: Home, offer: Callable[[EnrolToken], None]) -> None:
    """And nobody can use it afterwards."""
    offer(TOKEN)
    revoke(home, [TOKEN.id], lambda: NOW)
    (token,) = revoke(home, [TOKEN.id], lambda: NOW + timedelta(minutes=1))
    assert (token.revoked_at, token.state(NOW)) == (NOW, TokenState.REVOKED)
    assert actions(home) == ["enrol-token.new", "enrol-token.revoke"]


def test_nothing_of_the_secret_is_kept(home: Home, offer: Callable[[EnrolToken], None], introduce: Introduce) -> None:
    """Neither in the state nor in the log."""
    offer(TOKEN)
    introduce()
    with pytest.raises(PatchdeckError):
        introduce(proof=PROOF[:-1] + "y")
    for path in home.path.iterdir():
        if path.is_file():
            assert PROOF[:-1].encode() not in path.read_bytes()
