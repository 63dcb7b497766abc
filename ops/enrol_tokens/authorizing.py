"""Authorizing a token: the line of authorized_keys that lets its key introduce machines, and do nothing else."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fleet.enrol_tokens import EnrolToken, TokenState
from fleet.errors import BadInput
from ops.enrol_tokens.authorized_keys import drop_line, put_line
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.database import opened, transaction
from ops.state.enrol_tokens import EnrolTokenBook

# What would end the option, or the command, for sshd or for the shell that it gives the command to.
_UNUSABLE = set("\"'\\\n\r")


def authorized_line(home: Home, token: EnrolToken) -> str:
    """The line for authorized_keys: see sshd(8), AUTHORIZED_KEYS FILE FORMAT.

    sshd itself refuses the key after its time, and from elsewhere than its networks; ``restrict`` takes away all but
    the command: no terminal, no forwarding, no agent, no file of the user's own that would be run.

    Raises:
        BadInput: the home lies, or Patchdeck is installed, where a command in that file cannot name it.
    """
    # sshd takes the time as local: a Z for UTC is known only since OpenSSH 9.1.
    options = ["restrict", f'expiry-time="{token.expires_at.astimezone():%Y%m%d%H%M%S}"']
    if token.networks:
        options.append(f'from="{",".join(token.networks)}"')
    options.append(f'command="{_command(home, token)}"')
    return f"{','.join(options)} {token.public_key} patchdeck-enrol-{token.id}"


def list_tokens(home: Home) -> list[EnrolToken]:
    """All tokens, the latest first; also those that cannot be used any more."""
    with opened(home.state_file) as connection:
        return EnrolTokenBook(connection).list()


def find_token(home: Home, token_id: str) -> EnrolToken:
    """The token of that id.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return EnrolTokenBook(connection).find(token_id)


def require_active(token: EnrolToken, now: datetime) -> EnrolToken:
    """``token``, which may be used at ``now``.

    Raises:
        BadInput: it may not any more.
    """
    if token.state(now) is not TokenState.ACTIVE:
        raise BadInput(f"Token {token.id} is {token.state(now).value}: make a new one.")
    return token


def authorize(home: Home, token_id: str, path: Path, clock: Callable[[], datetime] = utc_now) -> bool:
    """Puts the token's line into the authorized_keys file at ``path``; whether that changed it. Audited.

    Raises:
        UnknownName: there is no such token.
        BadInput: the token cannot be used any more, or the file cannot be written.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = EnrolTokenBook(connection)
        token = require_active(book.find(token_id), clock())
        is_changed = put_line(path, authorized_line(home, token), token.public_key)
        authorized = replace(token, authorized_in=str(path.absolute()))
        if authorized != token:
            book.put(authorized, "enrol-token.authorize")
    return is_changed


def revoke(home: Home, token_ids: Sequence[str], clock: Callable[[], datetime] = utc_now) -> list[EnrolToken]:
    """Ends tokens, and takes their lines out of the file that `authorize` wrote them into. Again changes nothing.

    What was introduced with them stays as it is.

    Raises:
        UnknownName: there is no such token; none was revoked then.
        BadInput: a line could not be taken out; the token is revoked nevertheless, and told.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = EnrolTokenBook(connection)
        tokens = [book.find(token_id) for token_id in token_ids]
        for number, token in enumerate(tokens):
            if token.revoked_at is None:
                tokens[number] = replace(token, revoked_at=clock())
                book.put(tokens[number], "enrol-token.revoke")
    for token in tokens:
        if token.authorized_in is not None:
            drop_line(Path(token.authorized_in), token.public_key)
    return tokens


def spent_tokens(home: Home, clock: Callable[[], datetime] = utc_now) -> list[str]:
    """The ids of the tokens that can introduce no further machine and are not revoked."""
    spent = (TokenState.USED_UP, TokenState.EXPIRED)
    return [token.id for token in list_tokens(home) if token.state(clock()) in spent]


def _command(home: Home, token: EnrolToken) -> str:
    # -E and -s: no variable that a client sends (sshd_config, AcceptEnv) steers Python, nor does a folder of the user.
    words = (sys.executable, "-Es", str(_program()), "--home", str(home.path), "enrol-accept", token.id)
    bad = [word for word in words if _UNUSABLE & set(word)]
    if bad:
        raise BadInput(f"A command in authorized_keys cannot name {bad[0]}: quotes and backslashes are not possible.")
    # Single quotes for the shell only; sshd's own are double quotes.
    return shlex.join(words)


def _program() -> Path:
    """The script that runs Patchdeck: the one that was called, else that of this environment, else one in the path."""
    called = Path(sys.argv[0]).absolute()
    if called.name in {"patchdeck", "patchdeck.py"} and called.is_file():
        return called
    beside = Path(sys.executable).with_name("patchdeck")
    found = str(beside) if beside.is_file() else shutil.which("patchdeck")
    if found is None or not os.access(found, os.R_OK):
        raise BadInput("The script that runs Patchdeck cannot be found: install Patchdeck, and call it by its path.")
    return Path(found)
