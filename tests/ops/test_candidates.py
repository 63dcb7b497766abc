"""Deciding about candidates: enrolled with what they introduced, refused, forgotten; nothing taken over in silence."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.errors import BadInput, UnknownName
from fleet.host_key_lines import describe_key, fingerprint
from ops import candidates as deciding
from ops.candidates import Approval, approve_candidates
from ops.enrolment import Definition, enrol, find_machine, list_machines, remove_machines
from ops.home import Home, open_home
from ops.state.audit import Audit
from ops.state.candidates import CandidateBook
from ops.state.database import connect

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Lq1Yc3cXcZKkF0m0m0m0m0m0m0m0m0m0m0m0m0m0m"
WEB = Candidate(
    "c-1",
    "web-01",
    CandidateOrigin.TOKEN,
    CandidateState.PENDING,
    NOW,
    NOW,
    address="192.0.2.7",
    host_keys=(KEY,),
    tags={"env": "prod"},
)

Known = Callable[..., None]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def known(home: Home) -> Known:
    """Puts candidates into the book."""

    def put(*candidates: Candidate) -> None:
        with closing(connect(home.state_file)) as connection:
            for candidate in candidates:
                CandidateBook(connection).put(candidate)

    return put


def actions(home: Home) -> list[str]:
    with closing(connect(home.state_file)) as connection:
        return [entry.action for entry in reversed(Audit(connection).list_entries())]


def test_approval_enrols_and_trusts_what_was_introduced(home: Home, known: Known) -> None:
    """Machine, keys and audit come together, and the candidate is one no more."""
    known(WEB)

    (decision,) = approve_candidates(home, [Approval("WEB-01", user="patch", tags={"role": "web"})])

    assert decision.problem == ""
    assert decision.trusted == (describe_key(KEY),)
    machine = find_machine(home, "web-01")
    assert (machine.address, machine.user, dict(machine.tags)) == ("192.0.2.7", "patch", {"env": "prod", "role": "web"})
    assert home.known_hosts.read_text() == f"192.0.2.7 {KEY}\n"
    assert deciding.list_candidates(home) == []
    assert actions(home) == ["candidate.found", "machine.add", "candidate.approve", "machine.accept-key"]


def test_approved_twice_is_once(home: Home, known: Known) -> None:
    """The second time says which machine it is already."""
    known(WEB)
    approve_candidates(home, [Approval("web-01")])

    (again,) = approve_candidates(home, [Approval("web-01")])

    assert (again.problem, again.is_new) == ("", False)
    assert len(list_machines(home)) == 1


def test_keys_seen_on_the_network_are_trusted_by_name_only(home: Home, known: Known) -> None:
    """A probe shows who answers, not who it is: the fingerprint that somebody compared makes the difference."""
    known(replace(WEB, origin=CandidateOrigin.PROBE, host_keys=(KEY, OTHER_KEY)))

    (wrong,) = approve_candidates(home, [Approval("web-01", fingerprints=("SHA256:else",))])
    assert "did not show SHA256:else" in wrong.problem
    (right,) = approve_candidates(home, [Approval("web-01", fingerprints=(fingerprint(OTHER_KEY),))])

    assert right.trusted == (describe_key(OTHER_KEY),)
    assert home.known_hosts.read_text() == f"192.0.2.7 {OTHER_KEY}\n"


def test_a_probed_machine_is_enrolled_without_any_key(home: Home, known: Known) -> None:
    """Its key is accepted later."""
    known(replace(WEB, origin=CandidateOrigin.PROBE))
    (decision,) = approve_candidates(home, [Approval("web-01")])
    assert decision.machine is not None
    assert decision.trusted == ()
    assert not home.known_hosts.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Approval("web-01", name="db-01"), "already a machine 'db-01'"),
        (Approval("web-01", address="198.51.100.1"), "where db-01 is reached already"),
        (Approval("web-01", address="bastion"), "where another key is trusted"),
        (Approval("web-01", profile="none"), "none"),
        (Approval("web-01", user="x; reboot"), "x; reboot"),
        (Approval("web-01", address="-oProxyCommand=x"), "malformed"),
        (Approval("web-01", seen=replace(WEB, address="192.0.2.8")), "look at it again"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_enrolled_changes_nothing(home: Home, known: Known, change: Approval, words: str) -> None:
    """Neither the machines nor the keys that are trusted."""
    enrol(home, Definition("db-01", address="198.51.100.1"))
    home.known_hosts.write_text(f"bastion {OTHER_KEY}\n")
    known(WEB)

    (decision,) = approve_candidates(home, [change])

    assert words in decision.problem
    assert [machine.name for machine in list_machines(home)] == ["db-01"]
    assert home.known_hosts.read_text() == f"bastion {OTHER_KEY}\n"
    assert deciding.list_candidates(home) == [WEB]


def test_a_trusted_key_gives_way_when_somebody_says_so(home: Home, known: Known) -> None:
    """A machine that took the address of one that is gone."""
    home.known_hosts.write_text(f"192.0.2.7 {OTHER_KEY}\n")
    known(WEB)
    (decision,) = approve_candidates(home, [Approval("web-01", replaces_key=True)])
    assert decision.problem == ""
    assert home.known_hosts.read_text() == f"192.0.2.7 {KEY}\n"


def test_one_that_cannot_be_enrolled_keeps_no_other_back(home: Home, known: Known) -> None:
    """Two at one address with different keys: the first has it."""
    known(WEB, replace(WEB, id="c-2", name="web-02", host_keys=(OTHER_KEY,)), replace(WEB, id="c-3", name="web-03"))
    known(replace(WEB, id="c-4", name="web-04", address="192.0.2.4"))
    decisions = approve_candidates(home, [Approval(f"web-0{number}") for number in range(1, 5)])
    assert [bool(decision.problem) for decision in decisions] == [False, True, True, False]
    assert [machine.name for machine in list_machines(home)] == ["web-01", "web-04"]


def test_a_known_hosts_that_cannot_be_written_undoes_all(home: Home, known: Known) -> None:
    """No machine without the keys that it was approved with."""
    known(WEB)
    home.known_hosts.mkdir()
    with pytest.raises(Exception, match="known_hosts"):
        approve_candidates(home, [Approval("web-01")])
    assert list_machines(home) == []
    assert deciding.list_candidates(home) == [WEB]


def test_refused_stays_known_and_may_be_approved_later(home: Home, known: Known) -> None:
    """Refusing again changes nothing; another decision is possible."""
    known(WEB)
    first, second = deciding.refuse_candidates(home, ["web-01"]), deciding.refuse_candidates(home, ["web-01"])
    assert (first[0].is_new, second[0].is_new) == (True, False)
    (candidate,) = deciding.list_candidates(home)
    assert candidate.state is CandidateState.REFUSED
    assert deciding.waiting([candidate]) == []
    assert approve_candidates(home, [Approval("web-01")])[0].problem == ""


def test_a_name_that_another_machine_had_is_told(home: Home, known: Known) -> None:
    """Nothing of the other's history becomes its own in silence."""
    enrol(home, Definition("web-01"))
    remove_machines(home, ["web-01"])
    known(WEB)
    (decision,) = approve_candidates(home, [Approval("web-01")])
    assert "had this name" in decision.notes[0]


def test_forgotten_is_unknown(home: Home, known: Known) -> None:
    """And forgetting what is not known is told."""
    known(WEB)
    assert deciding.forget_candidates(home, ["web-01"])[0].problem == ""
    assert "no candidate" in deciding.forget_candidates(home, ["web-01"])[0].problem


def test_an_enrolled_machine_is_not_refused(home: Home) -> None:
    """The message says what to do instead."""
    enrol(home, Definition("web-01"))
    assert "machines disable web-01" in deciding.refuse_candidates(home, ["web-01"])[0].problem


def test_two_of_one_name_are_told_apart_by_id(home: Home, known: Known) -> None:
    """The name alone is refused with both ids."""
    known(WEB, replace(WEB, id="c-2", host_keys=(OTHER_KEY,), address="192.0.2.8"))
    (decision,) = approve_candidates(home, [Approval("web-01")])
    assert "c-1, c-2" in decision.problem
    assert approve_candidates(home, [Approval("c-2")])[0].machine is not None


def test_doubted_ones_are_not_among_those_that_nothing_speaks_against(known: Known) -> None:
    """What --all approves."""
    doubted = replace(WEB, id="c-2", doubts=("its name is one that many machines have",))
    assert deciding.waiting([WEB, doubted], without_doubts=True) == [WEB]


def test_seen_again_is_no_change(home: Home, known: Known) -> None:
    """A machine that says the same every hour does not fill the audit."""
    known(WEB, replace(WEB, seen_at=NOW.replace(hour=10)))
    assert deciding.list_candidates(home)[0].seen_at.hour == 10
    assert actions(home) == ["candidate.found"]


def test_candidates_are_found_by_any_of_their_keys(home: Home, known: Known) -> None:
    """Whatever their number."""
    known(WEB, replace(WEB, id="c-2", host_keys=(OTHER_KEY, KEY)), replace(WEB, id="c-3", host_keys=()))
    with closing(connect(home.state_file)) as connection:
        book = CandidateBook(connection)
        assert [each.id for each in book.with_key([KEY])] == ["c-1", "c-2"]
        assert [each.id for each in book.with_key([OTHER_KEY])] == ["c-2"]
        assert len(book.called("Web-01")) == 3
        with pytest.raises(UnknownName):
            book.find("nobody")
        with pytest.raises(BadInput):
            book.find("web-01")
