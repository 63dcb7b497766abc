"""Whose profile holds for the machines of a home, as groups and profiles change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.secrets import Secret
from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.enrol_tokens import EnrolToken, hash_secret
from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group
from fleet.machines import Become
from fleet.profiles import CredentialsUnclear, SecretKind, SecretOrigin, SecretPlace
from ops.credentials.book import (
    add_profile,
    edit_profile,
    find_profile,
    new_profile,
    profile_users,
    remove_profile,
    users_by_profile,
)
from ops.credentials.keeping import keep_secret, profile_entry
from ops.credentials.resolving import CredentialResolver
from ops.credentials.rotating import ACTION, Change, put_in_place
from ops.enrolment import Definition, edit_machine, enrol
from ops.groups import define_group, remove_group
from ops.home import Home
from ops.state.audit import Audit
from ops.state.candidates import CandidateBook
from ops.state.database import opened
from ops.state.enrol_tokens import EnrolTokenBook
from tests.ops.memory_keyring import MemoryKeyring


class Clock:
    """A clock that is turned by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_profile_of_a_group_holds_for_whoever_is_in_it_now(home: Home) -> None:
    """By the tag that the machine has at the time; what changes is seen after a while, and nobody restarts for it."""
    add_profile(home, replace(new_profile("web"), user="deploy"))
    define_group(home, Group("frontends", expression="tag:role=web", profile="WEB"))
    machine = enrol(home, Definition("web-01", tags={"role": "web"})).machine
    clock = Clock()
    resolver = CredentialResolver(home, clock)
    assert resolver.of(machine).user == "deploy"

    edit_profile(home, "web", lambda old: replace(old, user="patch"))
    assert resolver.of(machine).user == "deploy"
    clock.seconds = 31.0
    assert resolver.of(machine).user == "patch"

    machine = edit_machine(home, "web-01", lambda old: replace(old, tags={})).after
    clock.seconds = 62.0
    assert resolver.of(machine).profile is None


def test_group_that_cannot_be_evaluated_stops_those_that_it_might_mean(home: Home) -> None:
    """Fail closed: a machine that names its profile itself goes on; the others are told which group it is."""
    add_profile(home, replace(new_profile("web"), user="deploy"))
    define_group(home, Group("inner", targets=("web-*",)))
    define_group(home, Group("outer", targets=("group:inner",), profile="web"))
    with opened(home.state_file) as connection:
        connection.execute("DELETE FROM groups WHERE name = 'inner'")
    unnamed = enrol(home, Definition("web-01")).machine
    naming = enrol(home, Definition("web-02", profile="web")).machine
    with pytest.raises(CredentialsUnclear, match="group outer names the profile web, and who is in it cannot be said"):
        CredentialResolver(home).of(unnamed)
    assert CredentialResolver(home).of(naming).user == "deploy"


def test_machine_of_which_membership_is_not_known_is_not_in(home: Home) -> None:
    """Before its first assessment nobody knows its system: the profile of such a group does not hold."""
    add_profile(home, new_profile("debians"))
    define_group(home, Group("debian", expression="system = debian", profile="debians"))
    machine = enrol(home, Definition("web-01")).machine
    assert CredentialResolver(home).of(machine).profile is None


def test_profile_that_is_named_stays_and_one_that_is_not_there_cannot_be_named(home: Home) -> None:
    """Machines and groups hold it; a name that nothing has is refused with the nearest one."""
    add_profile(home, new_profile("web"))
    with pytest.raises(UnknownName, match="Did you mean 'web'"):
        enrol(home, Definition("web-01", profile="wep"))
    with pytest.raises(UnknownName):
        define_group(home, Group("all-of-them", targets=("all",), profile="nothing"))
    enrol(home, Definition("web-01", profile="web"))
    define_group(home, Group("frontends", targets=("all",), profile="web"))
    assert profile_users(home, "WEB") == ("group frontends", "machine web-01")
    with pytest.raises(BadInput, match="in use by group frontends, machine web-01"):
        remove_profile(home, "web")
    remove_group(home, "frontends")
    edit_machine(home, "web-01", lambda old: replace(old, profile=None))
    assert remove_profile(home, "web") == ()


def test_candidate_and_token_that_can_become_machines_hold_their_profile(home: Home) -> None:
    """Approving them would give machines that nobody can log in to; refused and revoked ones hold nothing."""
    add_profile(home, new_profile("web"))
    at = datetime.now(UTC)
    token = EnrolToken("3f", at, "root", at + timedelta(hours=1), hash_secret("x"), "ssh-ed25519 AAAA", profile="web")
    found = Candidate("1", "db-01", CandidateOrigin.TOKEN, CandidateState.PENDING, at, at, profile="web")
    with opened(home.state_file) as connection:
        EnrolTokenBook(connection).put(token, "enrol-token.new")
        CandidateBook(connection).put(found)
    assert users_by_profile(home) == {"web": ["candidate db-01", "token 3f"]}
    with pytest.raises(BadInput, match="in use by candidate db-01, token 3f"):
        remove_profile(home, "web")
    with opened(home.state_file) as connection:
        EnrolTokenBook(connection).put(replace(token, revoked_at=at), "enrol-token.revoke")
        CandidateBook(connection).put(replace(found, state=CandidateState.REFUSED), "candidate.refuse")
    assert remove_profile(home, "web") == ()


def test_kept_secrets_go_with_the_profile_and_with_their_place(home: Home, ring: MemoryKeyring) -> None:
    """Nothing of one that is removed, or found elsewhere now, stays behind."""
    keyring, command = SecretOrigin(SecretPlace.KEYRING), SecretOrigin(SecretPlace.COMMAND, ("pass", "show", "web"))
    profile = replace(new_profile("web"), password=keyring, become=Become.SUDO, become_password=keyring)
    add_profile(home, profile)
    for kind in (SecretKind.PASSWORD, SecretKind.BECOME):
        keep_secret(home, profile_entry(profile, kind), Secret("hunter2"), SecretPlace.KEYRING)
    edit_profile(home, "web", lambda old: replace(old, password=command))
    assert [name for _, name in ring.kept] == [profile_entry(profile, SecretKind.BECOME)]
    assert remove_profile(home, "web") == ()
    assert ring.kept == {}


def test_each_new_secret_is_audited_though_the_profile_says_the_same(home: Home, ring: MemoryKeyring) -> None:
    """Who put another password in place, and when; never which."""
    keyring = SecretOrigin(SecretPlace.KEYRING)
    add_profile(home, replace(new_profile("web"), password=keyring))
    for text in ("hunter2", "hunter3"):
        change = Change(find_profile(home, "web"), SecretKind.PASSWORD, Secret(text))
        put_in_place(home, change, ACTION)
    with opened(home.state_file) as connection:
        entries = Audit(connection).list_entries()
    assert [entry.target for entry in entries if entry.action == ACTION] == ["web", "web"]
    assert "hunter" not in str(entries)
    assert [*ring.kept.values()] == ["hunter3"]


@pytest.mark.usefixtures("no_ring")
def test_secret_that_cannot_be_removed_is_told(home: Home) -> None:
    """The profile goes all the same."""
    add_profile(home, replace(new_profile("web"), password=SecretOrigin(SecretPlace.KEYRING)))
    (problem,) = remove_profile(home, "web")
    assert problem.startswith("Its password is still in the keyring: ")


def test_same_definition_is_once_and_another_is_refused(home: Home) -> None:
    """Whatever the case of the name; a new profile of an old name has another id, and so none of its secrets."""
    first = replace(new_profile("web"), user="deploy")
    assert add_profile(home, first)
    assert not add_profile(home, replace(first, id="other", name="WEB"))
    with pytest.raises(BadInput, match="profiles edit web"):
        add_profile(home, replace(first, user="root"))
    remove_profile(home, "web")
    again = new_profile("web")
    add_profile(home, again)
    assert again.id != first.id
