"""What is kept of open sessions, and what becomes of it when a server is killed."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.errors import UnknownName
from fleet.roles import Role
from fleet.ssh_logins import Login
from ops.home import Home, open_home
from ops.serve_ssh.open_sessions import FOLDER_PREFIX, SessionFolder, end_sessions, is_served, list_sessions
from ops.serve_ssh.session_audit import SessionAudit
from ops.state.audit import Audit
from ops.state.database import opened

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without anything."""
    return open_home(tmp_path / "home")


def _login(session: str, name: str = "anna") -> Login:
    return Login(name, Role.VIEWER, "SHA256:x", session, "192.0.2.1 5 22")


def _killed(home: Home, session: str, folder: Path) -> SessionFolder:
    """What a server leaves that is killed: the kernel lets its lock go."""
    server = SessionFolder(home)
    server.begin(_login(session), AT, "xterm 80", str(folder))
    os.close(server._lock)
    return server


def _ends(home: Home) -> list[dict[str, object]]:
    with opened(home.state_file) as connection:
        entries = Audit(connection).list_entries()
    return [json.loads(each.after or "") for each in entries if each.action == "serve-ssh.end"]


async def test_what_a_killed_server_left_is_closed_once(home: Home, tmp_path: Path) -> None:
    """The audit says that nobody saw the end; the folder of the app is gone; what another server has stays."""
    folder = tmp_path / f"{FOLDER_PREFIX}0a"
    folder.mkdir()
    _killed(home, "0a", folder)
    living = SessionAudit(home)
    await living.opened(_login("0b", "ben"), "xterm 80", str(tmp_path / "other"))
    assert [(each.session.login.session, each.is_served) for each in list_sessions(home)] == [
        ("0a", False),
        ("0b", True),
    ]

    assert await living.close_left() == 1
    assert await living.close_left() == 0

    (end,) = _ends(home)
    assert (end["session"], end["why"], end["seconds"]) == ("0a", "ended with the server", None)
    assert [each.session.login.name for each in list_sessions(home)] == ["ben"]
    assert not folder.exists()
    living.close()


async def test_end_that_was_written_already_is_not_written_again(home: Home, tmp_path: Path) -> None:
    """A server that was killed between the entry and the file."""
    folder = str(tmp_path / "none")
    before = _killed(home, "0a", Path(folder))
    kept = (home.serve_ssh_dir / "sessions" / "0a.session").read_bytes()
    audit = SessionAudit(home)
    await audit.ended(_login("0a"), "left", 1.0, folder)
    (home.serve_ssh_dir / "sessions" / "0a.session").write_bytes(kept)
    assert before.server.encode() in kept
    assert await audit.close_left() == 1
    assert [each["why"] for each in _ends(home)] == ["left"]
    audit.close()


async def test_a_folder_that_is_no_sessions_is_left_alone(home: Home, tmp_path: Path) -> None:
    """Whatever a file says."""
    kept = tmp_path / "kept"
    kept.mkdir()
    _killed(home, "0a", kept)
    audit = SessionAudit(home)
    await audit.close_left()
    assert kept.is_dir()
    audit.close()


def test_ending_is_asked_of_the_server_that_has_the_session(home: Home) -> None:
    """With the reason, without what steers a terminal; nobody ends what is over."""
    server = SessionFolder(home)
    server.begin(_login("0a"), AT, "xterm 80", "")
    assert server.who_ends("0a") is None
    end_sessions(home, "anna", "lunch\x1b[2J")
    _, reason = server.who_ends("0a") or ("", "")
    assert reason.startswith("lunch")
    assert "\x1b" not in reason
    server.end("0a")
    assert is_served(home)
    with pytest.raises(UnknownName):
        end_sessions(home, "0a")
    server.close()
    assert not is_served(home)
    assert list((home.serve_ssh_dir / "sessions").iterdir()) == []


def test_damaged_files_are_no_sessions(home: Home) -> None:
    """Cut, foreign, or of a later Patchdeck."""
    server = SessionFolder(home)
    for number, text in enumerate(("", "{", "[]", '{"login": 5}', "\0" * 9000)):
        (home.serve_ssh_dir / "sessions" / f"{number}.session").write_text(text)
    assert list_sessions(home) == ()
    server.close()
