"""The keys that may log in: kept for the owner alone, and believed only while nobody else could have written them."""

import os
from pathlib import Path

import pytest

from fleet.errors import HomeUnusable, NotPermitted, UnknownName
from fleet.roles import Role
from fleet.ssh_logins import Login, LoginKey
from ops import acting_login
from ops.asked_queries import _path
from ops.audit.origins import current_origin, describe_user
from ops.home import Home, open_home
from ops.permission import refusal, require_elsewhere
from ops.persons import current_person, is_disguised, person_called
from ops.roles import standing_of
from ops.serve_ssh.login_keys import add_login_key, read_login_keys, remove_login_keys, role_of_login
from ops.state.audit import Audit, current_actor
from ops.state.audit_search import AuditFilter, search_entries
from ops.state.database import opened
from tests.fleet.test_ssh_logins import line

ANNA = LoginKey("anna", Role.OPERATOR, line(1), "anna's laptop")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of the user who runs the test."""
    return open_home(tmp_path / "home")


def serve(monkeypatch: pytest.MonkeyPatch, home: Home, role: Role) -> Home:
    """This process becomes a session of anna, as the parent of apps makes it one."""
    login = Login("anna", role, "SHA256:x", "0a1b2c", "192.0.2.9 50000 8022")
    monkeypatch.setattr(acting_login, "_ACTING", [login])
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.9 50000 192.0.2.1 8022")
    return open_home(home.path)


def test_keys_are_kept_and_taken_away_and_audited(home: Home) -> None:
    """What was added is read again; each change has its entry."""
    add_login_key(home, ANNA)
    add_login_key(home, LoginKey("ben", Role.ADMIN, line(2), 'a "comment" \\ \x1b[2J'))
    assert [(each.name, each.role, each.line) for each in read_login_keys(home)] == [
        ("anna", Role.OPERATOR, line(1)),
        ("ben", Role.ADMIN, line(2)),
    ]
    assert role_of_login(home, "anna") is Role.OPERATOR
    assert remove_login_keys(home, "anna")[0].fingerprint == ANNA.fingerprint
    assert role_of_login(home, "anna") is Role.NONE
    with pytest.raises(UnknownName):
        remove_login_keys(home, "anna")
    with opened(home.state_file) as connection:
        deeds = [(each.action, each.target) for each in Audit(connection).list_entries()]
    assert deeds == [("serve-ssh.key-remove", "anna"), ("serve-ssh.key-add", "ben"), ("serve-ssh.key-add", "anna")]


def test_only_the_owner_reads_or_writes_what_is_kept(home: Home) -> None:
    """Neither the folder nor the keys are for others."""
    add_login_key(home, ANNA)
    assert home.serve_ssh_dir.stat().st_mode & 0o777 == 0o700
    assert home.login_keys.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "[[login]]\nname = 1", "x", '[[login]]\nname="a"\nrole="root"\nkey="x"'])
def test_keys_that_others_could_have_written_let_nobody_in(home: Home, content: str) -> None:
    """Nor does a file that is damaged."""
    add_login_key(home, ANNA)
    if content:
        home.login_keys.write_text(content)
    else:
        home.login_keys.chmod(0o620)
    with pytest.raises(HomeUnusable, match=r"[Nn]obody gets in"):
        read_login_keys(home)


def test_a_link_lets_nobody_in(home: Home, tmp_path: Path) -> None:
    """The keys are a file of the home."""
    add_login_key(home, ANNA)
    (tmp_path / "elsewhere").write_text(home.login_keys.read_text())
    home.login_keys.unlink()
    home.login_keys.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HomeUnusable):
        read_login_keys(home)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_an_admins_session_writes(home: Home, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    """The process of a session is the owner's; its key says what it does."""
    assert refusal(serve(monkeypatch, home, role).path) is not None
    standing = standing_of(home)
    assert (standing.role, standing.is_served) == (role, role is Role.OPERATOR)


def test_an_admins_session_writes_and_has_the_service_reach_machines(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What outlasts the session is the service's."""
    assert refusal(serve(monkeypatch, home, Role.ADMIN).path) is None
    assert standing_of(home).role is Role.ADMIN
    assert standing_of(home).is_served


def test_no_session_lets_others_in_or_has_files(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not even an admin's: who is let in is decided on the host."""
    serve(monkeypatch, home, Role.ADMIN)
    with pytest.raises(NotPermitted, match="serve-ssh"):
        add_login_key(home, ANNA)
    with pytest.raises(NotPermitted, match="serve-ssh"):
        require_elsewhere(tmp_path / "answer.csv")


def test_a_session_is_its_login_to_the_audit_and_to_four_eyes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two logins are two people though one Unix user runs both; the one who started the server is neither."""
    owner = current_person()
    serve(monkeypatch, home, Role.ADMIN)
    monkeypatch.setenv("SUDO_UID", "4711")
    actor, person = current_actor(), current_person()
    assert (actor.user, actor.ssh_client) == ("ssh:anna", "192.0.2.9 50000 8022")
    assert actor.origin is not None
    assert (actor.origin.login, actor.origin.login_uid) == ("anna", None)
    assert describe_user(current_origin()) == "ssh:anna"
    assert person.is_known
    assert not person.is_among(owner.numbers)
    assert not person.is_among(person_called("ssh:ben").numbers)
    assert person.is_among(person_called("ssh:Anna").numbers)
    assert not is_disguised()
    with opened(home.state_file) as connection:
        Audit(connection).record("machine.edit", "web")
        found = [
            [each.target for each in search_entries(connection, AuditFilter(by=by))]
            for by in ("anna", "ssh:*", "ANN?", "ben")
        ]
    assert found == [["web"], ["web"], ["web"], []]


def test_login_that_is_called_like_a_unix_user_is_that_person() -> None:
    """Nobody approves their own by coming in another way."""
    daemon = person_called("daemon")
    assert person_called("ssh:daemon").is_among(daemon.numbers)
    assert not person_called("ssh:root").is_among((0,))


def test_each_login_has_its_own_list_of_queries(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of the user whose process it is."""
    of_owner = _path(home)
    serve(monkeypatch, home, Role.ADMIN)
    assert _path(home) != of_owner
    assert of_owner.name == f"{os.geteuid()}.ndjson"
