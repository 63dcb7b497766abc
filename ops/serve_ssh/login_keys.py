"""The keys that may log in, kept in the home by its owner alone.

The file counts only while nobody but the owner of the home and root could have written it, as the file of roles does.
"""

import json
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from collectors.known_hosts_file import only_writer
from fleet.errors import BadInput, HomeUnusable, NotPermitted, StoreBusy, UnknownName
from fleet.hostile import clean
from fleet.roles import Role
from fleet.ssh_logins import LoginKey, check_login_key, check_login_name, named_by, with_key
from ops.acting_login import require_own_host
from ops.home import Home
from ops.permission import require_writable
from ops.roles import user_name
from ops.state.audit import Audit
from ops.state.database import opened, transaction

_MOST_BYTES = 4 * 1024 * 1024
_ROLES = {role.word: role for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN)}
_HEAD = "# Written by `patchdeck serve-ssh keys`. Counts while only the owner of the home could have written it.\n"


def read_login_keys(home: Home) -> tuple[LoginKey, ...]:
    """The keys that may log in to ``home``; none where nobody was let in.

    Raises:
        HomeUnusable: the file cannot be read, or others could have written it: then nobody gets in.
        NotPermitted: this user is not the owner of the home.
    """
    try:
        descriptor = os.open(home.login_keys, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return ()
    except PermissionError as error:
        name = user_name(_owner(home))
        raise NotPermitted(f"Only {name}, the owner of {home.path}, sees who may log in over SSH.") from error
    except OSError as error:
        raise HomeUnusable(f"Cannot read {home.login_keys}: {error.strerror}. Nobody gets in.") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        is_safe = stat.S_ISREG(found.st_mode) and found.st_uid in (_owner(home), 0) and not found.st_mode & 0o022
        if not is_safe:
            raise HomeUnusable(
                f"{home.login_keys} could have been written by others than the owner of the home: nobody gets in. Look "
                f"at what it holds, then chmod 600 it as {user_name(_owner(home))}."
            )
        return _read(home, file.read(_MOST_BYTES + 1))


def role_of_login(home: Home, name: str) -> Role:
    """The role that the login ``name`` has now.

    Raises:
        HomeUnusable: see `read_login_keys`.
    """
    return max((each.role for each in named_by(read_login_keys(home), name)), default=Role.NONE)


def add_login_key(home: Home, key: LoginKey) -> LoginKey:
    """Let ``key`` in; what was kept. Blocking.

    Raises:
        NotPermitted: this user is not the owner of the home.
        BadInput: the key is somebody's already, or its login has another role.
    """
    require_owner(home, "let somebody log in")
    check_login_name(key.name)
    with opened(home.state_file) as connection, transaction(connection):
        audit = Audit(connection)
        kept = LoginKey(key.name, key.role, key.line, clean(key.comment, 100), audit.now(), audit.actor.user)
        with _held(home):
            _write(home, with_key(read_login_keys(home), kept))
        audit.record("serve-ssh.key-add", kept.name, None, json.dumps(_told(kept)))
    return kept


def remove_login_keys(home: Home, text: str) -> tuple[LoginKey, ...]:
    """Take away the login ``text`` with all its keys, or the one key with that fingerprint; what was taken. Blocking.

    Their sessions end within a second.

    Raises:
        NotPermitted: this user is not the owner of the home.
        UnknownName: there is none.
    """
    require_owner(home, "remove a login")
    with opened(home.state_file) as connection, transaction(connection), _held(home):
        keys = read_login_keys(home)
        gone = named_by(keys, text)
        if not gone:
            raise UnknownName("login or key", text, [each.name for each in keys])
        _write(home, [each for each in keys if each not in gone])
        audit = Audit(connection)
        for each in gone:
            audit.record("serve-ssh.key-remove", each.name, json.dumps(_told(each)), None)
    return gone


def require_owner(home: Home, deed: str) -> None:
    """Let pass the owner of ``home``, whose name everything is done in that logins do.

    Raises:
        NotPermitted: this user is somebody else, or this is a session over SSH itself.
    """
    require_own_host(deed)
    require_writable(home.path, deed)
    if os.geteuid() != (owner := _owner(home)):
        raise NotPermitted(
            f"Cannot {deed}: that is for {user_name(owner)}, the owner of {home.path}: sudo -u {user_name(owner)} "
            "patchdeck … Nothing was changed."
        )


def make_folder(home: Home) -> None:
    """Sees that there is a folder for what the server keeps, its owner's alone.

    Raises:
        HomeUnusable: it cannot be made.
    """
    try:
        home.serve_ssh_dir.mkdir(mode=0o700, exist_ok=True)
        home.serve_ssh_dir.chmod(0o700)
    except OSError as error:
        raise HomeUnusable(f"Cannot make {home.serve_ssh_dir}: {error.strerror}.") from error


@contextmanager
def _held(home: Home) -> Iterator[None]:
    """While inside, nobody else writes the keys."""
    make_folder(home)
    try:
        with only_writer(home.serve_ssh_dir):
            yield
    except BlockingIOError as error:
        raise StoreBusy(f"Another process changes {home.login_keys}: try again.") from error


def _write(home: Home, keys: Sequence[LoginKey]) -> None:
    aside = home.serve_ssh_dir / f".keys.{os.getpid()}"
    try:
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_HEAD + "".join(map(_text, keys)))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(home.login_keys)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise HomeUnusable(f"Cannot write {home.login_keys}: {error.strerror}. Nothing was changed.") from error


def _text(key: LoginKey) -> str:
    fields = {"name": key.name, "role": key.role.word, "key": key.line, "comment": key.comment}
    fields |= {"added_at": key.added_at.isoformat() if key.added_at else "", "added_by": key.added_by}
    return "\n[[login]]\n" + "".join(f"{name} = {_quoted(value)}\n" for name, value in fields.items() if value)


def _quoted(text: str) -> str:
    return json.dumps(text)  # a basic string of TOML takes the escapes of JSON's


def _read(home: Home, content: bytes) -> tuple[LoginKey, ...]:
    if len(content) > _MOST_BYTES:
        raise HomeUnusable(f"Cannot read {home.login_keys}: it is too large. Nobody gets in.")
    try:
        keys: tuple[LoginKey, ...] = ()
        for fields in tomllib.loads(content.decode("utf-8")).get("login", []):
            keys = with_key(keys, _key(fields))
        return keys
    except (ValueError, TypeError, AttributeError, KeyError, BadInput) as error:
        raise HomeUnusable(f"Cannot read {home.login_keys}: {error}. Nobody gets in.") from error


def _key(fields: Mapping[str, Any]) -> LoginKey:  # Any: TOML that somebody may have written
    at = fields.get("added_at")
    return LoginKey(
        check_login_name(fields["name"]),
        _ROLES[fields["role"]],
        check_login_key(fields["key"]),
        clean(str(fields.get("comment", "")), 100),
        datetime.fromisoformat(at) if at else None,
        clean(str(fields.get("added_by", "")), 100),
    )


def _told(key: LoginKey) -> dict[str, str]:
    return {"role": key.role.word, "key": key.line.split()[0], "fingerprint": key.fingerprint, "comment": key.comment}


def _owner(home: Home) -> int:
    return home.path.stat().st_uid
