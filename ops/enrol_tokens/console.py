"""The console as machines see it: where its sshd is, who they log in as, and by which host keys they know it."""

import os
import pwd
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from collectors.whole_files import read_whole
from fleet.enrol_tokens import read_client
from fleet.errors import BadInput
from fleet.host_key_lines import check_host_key
from fleet.machines import check_address, check_port

_SYSTEM_KEYS = tuple(Path(f"/etc/ssh/ssh_host_{kind}_key.pub") for kind in ("ed25519", "ecdsa", "rsa"))
# Two suffice for any client, and the line has to stay short.
_MOST_KEYS = 2
_SSH_PORT = 22
# The longest public keys that OpenSSH makes have a few thousand characters.
_MOST_BYTES = 65_536
# What an account of this system may be called without meaning anything to a shell.
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Console:
    """Where machines introduce themselves. ``host_keys`` are lines ``ALGORITHM BASE64`` of this system's sshd."""

    host: str
    port: int
    user: str
    host_keys: tuple[str, ...]


def find_console(place: str | None, user: str | None, key_files: Sequence[Path]) -> Console:
    """The console at ``place``, ``HOST`` or ``HOST:PORT``; by default where you yourself reached it, and as you.

    Raises:
        BadInput: the place or the user cannot be used, or a host key cannot be read.
    """
    host, port = _parse_place(place) if place is not None else _own_place()
    keys = _read_keys(key_files) if key_files else _system_keys()
    return Console(host, port, check_account(user or pwd.getpwuid(os.geteuid()).pw_name), keys)


def check_account(text: str) -> str:
    """The name of an account of a Unix system.

    Raises:
        BadInput: it is not one, or one that a shell would read as something else.
    """
    if not _ACCOUNT.fullmatch(text):
        raise BadInput(f"User {text!r} cannot stand in a line for a shell: letters, digits, '.', '-' and '_' can.")
    return text


def read_public_key(path: Path) -> str:
    """The public key in the file at ``path``, as ``ALGORITHM BASE64``.

    Raises:
        BadInput: there is none; a private key is named as the mistake.
    """
    try:
        text = read_whole(path.expanduser(), _MOST_BYTES).decode("utf-8", errors="replace")
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise BadInput(f"Cannot read {path}: {getattr(error, 'strerror', None) or error}.") from error
    if "PRIVATE KEY" in text:
        raise BadInput(f"{path} is a private key: give the public one, {path}.pub.")
    try:
        return check_host_key(text.strip())
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error


def _parse_place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if text.count(":") == 1 or text.startswith("[") else (text, "", "")
    if text.endswith("]"):
        host, colon = text, ""
    if colon and not (port.isascii() and port.isdecimal() and len(port) <= len("65535")):
        raise BadInput(f"Console {text!r} is malformed: write HOST or HOST:PORT, an IPv6 address as [ADDRESS]:PORT.")
    return check_address(host.removeprefix("[").removesuffix("]")), check_port(int(port)) if colon else _SSH_PORT


def _own_place() -> tuple[str, int]:
    """Where whoever asks has reached this system by SSH, else its name."""
    words = os.environ.get("SSH_CONNECTION", "").split()
    address = read_client(words[2]) if len(words) == 4 else None
    if address is not None and not (address.is_loopback or address.is_link_local) and words[3].isdecimal():
        return str(address), int(words[3])
    return check_address(socket.getfqdn()), _SSH_PORT


def _system_keys() -> tuple[str, ...]:
    there = [path for path in _SYSTEM_KEYS if path.is_file()]
    if not there:
        raise BadInput("This system has no host key in /etc/ssh: give the .pub file of its sshd's with --host-key.")
    return _read_keys(there)


def _read_keys(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(read_public_key, paths)))[:_MOST_KEYS]
