"""Who may log in to the app over SSH: people by name, each with a role and public keys; and who has done so."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.errors import BadInput
from fleet.host_key_lines import check_host_key, fingerprint
from fleet.roles import Role

# No name of a Unix user has a colon: a login cannot be taken for one, nor one for a login.
SIGN = "ssh:"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,31}")
_LINE = re.compile(r"(?P<key>\S+ \S+)(?: (?P<comment>.*))?")
# sk-ssh-ed25519@openssh.com and its like: the key is in a device, PROTOCOL.u2f of OpenSSH.
_DEVICE_KEYS = ("sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")
# Numbers of users have 32 bits; those of logins are above, so that no two are ever one.
_FIRST_NUMBER = 2**32


@dataclass(frozen=True, slots=True)
class LoginKey:
    """A public key and whose it is. ``line`` is ``ALGORITHM BASE64``; ``added_by`` who let it in, as the audit says."""

    name: str
    role: Role
    line: str
    comment: str = ""
    added_at: datetime | None = None
    added_by: str = ""

    @property
    def fingerprint(self) -> str:
        """``SHA256:…``, as OpenSSH prints it."""
        return fingerprint(self.line)


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who is in the app over SSH. ``session`` is its id, ``client`` their address, their port and ours."""

    name: str
    role: Role
    fingerprint: str
    session: str
    client: str

    @property
    def user(self) -> str:
        """As the audit writes them: ``ssh:anna``."""
        return f"{SIGN}{self.name}"


def login_number(name: str) -> int:
    """The number by which the person ``name`` is told from all others, whatever the case of its letters.

    It is made of the name: whoever is removed and comes again is the same person.
    """
    return _FIRST_NUMBER + int.from_bytes(hashlib.sha256(name.casefold().encode()).digest()[:6], "big")


def check_login_name(name: str) -> str:
    """``name``, if somebody can be called so.

    Raises:
        BadInput: they cannot.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name[:40]!r} cannot be a login's name: up to 32 letters, digits and _ . @ - are.")
    return name


def read_public_key(text: str) -> tuple[str, str]:
    """``ALGORITHM BASE64`` and the comment of a line of a ``.pub`` file.

    Raises:
        BadInput: it is no public key, is one of a kind that nobody should rely on, or a private one.
    """
    if "PRIVATE KEY" in text:
        raise BadInput("That is a private key: give the public one, of the file that ends in .pub. Nothing was kept.")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1 or (found := _LINE.fullmatch(lines[0])) is None:
        raise BadInput("Give one public key: the line of a .pub file, without options before it.")
    return check_login_key(found["key"]), (found["comment"] or "").strip()


def check_login_key(line: str) -> str:
    """``line``, ``ALGORITHM BASE64``, if it is a key that somebody may log in with.

    Raises:
        BadInput: it is not.
    """
    algorithm, _, blob = line.partition(" ")
    if algorithm not in _DEVICE_KEYS:
        return check_host_key(line)
    try:
        raw = base64.b64decode(blob, validate=True)
    except ValueError as error:
        raise BadInput(f"A key of {algorithm} is not whole: its base64 is broken.") from error
    if not raw.startswith(len(algorithm).to_bytes(4, "big") + algorithm.encode()):
        raise BadInput(f"A key that calls itself {algorithm} is of another kind.")
    return line


def with_key(keys: Sequence[LoginKey], new: LoginKey) -> tuple[LoginKey, ...]:
    """``keys`` and ``new``, which is somebody's who has no other role and a key that is nobody's yet.

    Raises:
        BadInput: that is not so; says whose it is.
    """
    for each in keys:
        if each.line == new.line:
            raise BadInput(f"This key is {each.name}'s already: {each.fingerprint}.")
        if each.name.casefold() == new.name.casefold() and (each.role, each.name) != (new.role, new.name):
            raise BadInput(f"{each.name} is known as {each.role.word}: remove that login first, or give that role.")
    return (*keys, new)


def named_by(keys: Sequence[LoginKey], text: str) -> tuple[LoginKey, ...]:
    """Those of ``keys`` that ``text`` means: the name of a login, or the fingerprint of a key."""
    return tuple(each for each in keys if each.name.casefold() == text.casefold() or each.fingerprint == text)
