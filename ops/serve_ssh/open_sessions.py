"""Sessions that are open, a file each in the home: for whoever wants to know, to end one, or to close what a killed
server left behind. Each server holds the lock of a file as long as it lives; the kernel lets it go however it dies.
"""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fleet.audit_masking import mask_text
from fleet.errors import HomeUnusable, NotPermitted, UnknownName
from fleet.hostile import clean
from fleet.ssh_logins import Login
from ops.home import Home
from ops.roles import user_name
from ops.serve_ssh.login_keys import make_folder, require_owner
from ops.state.audit import Audit
from ops.state.database import opened, transaction
from ops.state.documents import Codec

FOLDER_PREFIX = "patchdeck-session-"
_SESSION, _ENDING, _SERVER = ".session", ".end", ".server"
_MOST_BYTES = 8_192
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session: who is in since when, on what terminal, by which server, and where its app writes for itself."""

    login: Login
    began_at: datetime
    terminal: str
    folder: str
    server: str
    server_pid: int


@dataclass(frozen=True, slots=True)
class SeenSession:
    """A session as its file tells of it; ``is_served`` where its server lives."""

    session: OpenSession
    is_served: bool


class SessionFolder:
    """The files of one server's sessions, until `close`.

    Raises:
        HomeUnusable: there is no place for them.
    """

    def __init__(self, home: Home) -> None:
        self.server = uuid.uuid4().hex[:12]
        try:
            self._folder = _made_folder(home)
            aside = self._folder / f".{self.server}"
            self._lock = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            aside.rename(self._folder / f"{self.server}{_SERVER}")  # never to be seen without its lock
        except OSError as error:
            raise HomeUnusable(f"Cannot keep sessions in {home.serve_ssh_dir}: {error.strerror}.") from error

    def begin(self, login: Login, began_at: datetime, terminal: str, folder: str) -> None:
        """Writes down that a session is open.

        Raises:
            OSError: it cannot be.
        """
        session = OpenSession(login, began_at, terminal, folder, self.server, os.getpid())
        _write(self._folder / f"{login.session}{_SESSION}", _CODEC.dump(session))

    def end(self, session: str) -> None:
        """It is over, and nothing is left of it."""
        _forget(self._folder, session)

    def who_ends(self, session: str) -> tuple[str, str] | None:
        """Who wants it to end, and why; None where nobody does."""
        try:
            by, reason = json.loads((self._folder / f"{session}{_ENDING}").read_bytes()[:_MOST_BYTES])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            return "somebody", ""
        return clean(str(by), 60), clean(str(reason), _LONGEST_REASON)

    def close(self) -> None:
        """The server ends; also twice."""
        if self._lock >= 0:
            with suppress(OSError):
                (self._folder / f"{self.server}{_SERVER}").unlink()
            os.close(self._lock)
            self._lock = -1


def list_sessions(home: Home) -> tuple[SeenSession, ...]:
    """The sessions that are open, the longest first; also those that a killed server left, until another is started.

    Raises:
        NotPermitted: this user is not the owner of the home.
    """
    folder, found = home.serve_ssh_dir / "sessions", []
    try:
        names = sorted(each.name for each in folder.iterdir() if each.suffix == _SESSION)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except PermissionError as error:
        owner = user_name(home.path.stat().st_uid)
        raise NotPermitted(f"Only {owner}, the owner of {home.path}, sees who is in over SSH.") from error
    lives: dict[str, bool] = {}
    for name in names:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # over by now, or not ours
            session = _CODEC.load((folder / name).read_bytes()[:_MOST_BYTES])
            if session.server not in lives:
                lives[session.server] = _lives(folder / f"{session.server}{_SERVER}")
            found.append(SeenSession(session, lives[session.server]))
    return tuple(sorted(found, key=lambda each: (each.session.began_at, each.session.login.session)))


def is_served(home: Home) -> bool:
    """Whether a server of ``home`` lives."""
    return any(map(_lives, _locks(home)))


def end_sessions(home: Home, text: str, reason: str = "") -> tuple[OpenSession, ...]:
    """Has the session ``text``, or every one of the login ``text``, end within a second or two; which. Blocking.

    Raises:
        NotPermitted: this user is not the owner of the home.
        UnknownName: there is none.
    """
    require_owner(home, "end a session")
    here = [each.session for each in list_sessions(home) if each.is_served]
    meant = [each for each in here if text in (each.login.session, each.login.name)]
    if not meant:
        raise UnknownName("session or login", text, [name for each in here for name in _names(each)])
    with opened(home.state_file) as connection, transaction(connection):
        audit = Audit(connection)
        for each in meant:
            after = {"session": each.login.session, "reason": mask_text(clean(reason, _LONGEST_REASON))}
            audit.record("serve-ssh.end-session", each.login.name, None, json.dumps(after))
            try:
                text = json.dumps([audit.actor.user, reason[:_LONGEST_REASON]])
                _write(home.serve_ssh_dir / "sessions" / f"{each.login.session}{_ENDING}", text)
            except OSError as error:
                raise HomeUnusable(f"Cannot ask the server to end a session: {error.strerror}.") from error
    return tuple(meant)


def close_left_sessions(home: Home, record: Callable[[OpenSession], None]) -> int:
    """Has ``record`` write down the end of each session whose server was killed, and removes what is left of it; how
    many. Blocking.
    """
    left = [each.session for each in list_sessions(home) if not each.is_served]
    for each in left:
        record(each)
        remove_folder(each.folder)
        _forget(home.serve_ssh_dir / "sessions", each.login.session)
    for lock in _locks(home):
        if not _lives(lock):
            lock.unlink(missing_ok=True)
    return len(left)


def remove_folder(folder: str) -> None:
    """Removes what an app wrote for itself, where its parent did not live to do it."""
    if Path(folder).name.startswith(FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def _made_folder(home: Home) -> Path:
    make_folder(home)
    folder = home.serve_ssh_dir / "sessions"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _locks(home: Home) -> Iterator[Path]:
    with suppress(OSError):
        yield from (home.serve_ssh_dir / "sessions").glob(f"*{_SERVER}")


def _lives(lock: Path) -> bool:
    """Whether the server lives that holds ``lock``."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)


def _forget(folder: Path, session: str) -> None:
    for suffix in (_ENDING, _SESSION):
        with suppress(OSError):
            (folder / f"{session}{suffix}").unlink()


def _names(session: OpenSession) -> Sequence[str]:
    return session.login.session, session.login.name


_CODEC = Codec(OpenSession)
