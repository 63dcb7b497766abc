"""Machines as the administrator enrolled them: how each is named, reached and tagged.

What a machine says of itself is in `fleet.facts`.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from fleet.errors import BadInput
from fleet.winrm import WinrmWay

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ZONE = re.compile(r"[A-Za-z0-9._-]{1,15}")  # the name of a network interface, or its number
# Resolvers read "0x7f.1" and "1.2.3" as addresses in ways that nobody expects; no top-level domain looks like that.
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_MOST_HOST_CHARACTERS = 253  # RFC 1035
_TAG_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,62}")
_USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@\\-]{0,127}\$?")
# Accounts of Windows have blanks and letters of every script, but none of these: "/\[]:;|=,+*?<>. A backslash parts the
# domain from the name; in DOMAIN\u and u@realm nothing else is special.
_WINDOWS_NAME = re.compile(r"[^\"/\\\[\]:;|=,+*?<>]{1,256}")


class TransportKind(StrEnum):
    """The way to a machine."""

    LOCAL = "local"
    SSH = "ssh"
    SCRIPTED = "scripted"
    WINRM = "winrm"


class OSType(StrEnum):
    """The system's family, spelt as in the record tables."""

    LINUX = "Linux"
    WINDOWS = "Windows"


class Become(StrEnum):
    """How root is gained on a machine where a command needs it."""

    NONE = "none"
    SUDO = "sudo"
    DOAS = "doas"


@dataclass(frozen=True, slots=True)
class Machine:
    """One enrolled machine. ``id`` is ours, a UUID that survives renaming (``SourceComputerId`` in the tables).

    ``profile`` is the credential profile that it names itself; a group may name one for its members. ``source`` is the
    followed list that it came from, and ``missing_since`` when that list ceased to name it. ``winrm`` is how it is
    reached by WinRM, None where it is not, or as is usual.
    """

    id: str
    name: str
    transport: TransportKind
    created_at: datetime
    address: str | None = None
    port: int | None = None
    user: str | None = None
    key_file: str | None = None
    proxy_jump: str | None = None
    transcript: str | None = None
    become: Become = Become.NONE
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    enabled: bool = True
    os_type: OSType | None = None
    profile: str | None = None
    source: str | None = None
    missing_since: datetime | None = None
    winrm: WinrmWay | None = None

    @property
    def speaks_powershell(self) -> bool:
        """Whether it is asked in PowerShell: every Windows, whichever way it is reached."""
        return self.transport is TransportKind.WINRM or self.os_type is OSType.WINDOWS


def check_name(text: str) -> str:
    """A machine's name: letters, digits, dot, dash and underscore, at most 128, not ``all``, no target's prefix.

    Raises:
        BadInput: it is not one.
    """
    if not _NAME.fullmatch(text) or text == "all":
        raise BadInput(
            f"Machine name {text!r} is not usable: up to 128 letters, digits, '.', '-' and '_', "
            "starting with a letter or digit, and not 'all'."
        )
    return text


def check_address(text: str) -> str:
    """An address to connect to: an IPv4 or IPv6 address (without brackets) or a host name.

    Raises:
        BadInput: it is not one; a port, a user or a scheme in it is named as the mistake.
    """
    if _is_ip_address(text) or _is_host_name(text):
        return text
    raise BadInput(f"Address {text!r} is malformed: {_address_mistake(text)}")


def check_port(port: int) -> int:
    """A TCP port, 1 to 65535.

    Raises:
        BadInput: it is out of that range.
    """
    if not 1 <= port <= 65535:
        raise BadInput(f"Port {port} is not between 1 and 65535.")
    return port


def check_user(text: str) -> str:
    """A user name to log in with.

    Raises:
        BadInput: it has characters that no login name has.
    """
    if not _USER.fullmatch(text):
        raise BadInput(f"User name {text!r} is not usable.")
    return text


def check_windows_user(text: str) -> str:
    """A user of Windows to log in with: ``user``, ``DOMAIN\\user``, ``.\\user`` or ``user@realm``.

    Raises:
        BadInput: no account is called so.
    """
    *domain, user = text.split("\\", 1)
    is_name = all(_WINDOWS_NAME.fullmatch(part) and part == part.strip() for part in (*domain, user))
    if not is_name or not text.isprintable() or user.strip(".@") == "":
        raise BadInput(f"User name {text!r} is not usable: write user, DOMAIN\\user or user@realm.")
    return text


def check_user_of(machine: "Machine") -> None:
    """The check of the user of ``machine``, if it names one, by the rules of its system.

    Raises:
        BadInput: no account there is called so.
    """
    if machine.user is not None:
        (check_windows_user if machine.speaks_powershell else check_user)(machine.user)


def parse_tag(text: str) -> tuple[str, str]:
    """``env=prod`` as its key and value.

    Raises:
        BadInput: it has no ``=``, or a key or value that cannot be used.
    """
    key, equals, value = text.partition("=")
    if not equals or not _TAG_KEY.fullmatch(key) or not value or len(value) > 256 or not value.isprintable():
        raise BadInput(f"Tag {text!r} is not usable: write key=value, for example env=prod.")
    return key, value


def _is_ip_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    zone = address.scope_id if isinstance(address, ipaddress.IPv6Address) else None
    return zone is None or _ZONE.fullmatch(zone) is not None


def _is_host_name(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    looks_numeric = _NUMBER.fullmatch(labels[-1]) is not None
    return (
        0 < len(text) <= _MOST_HOST_CHARACTERS
        and not looks_numeric
        and all(_LABEL.fullmatch(label) for label in labels)
    )


def _address_mistake(text: str) -> str:
    if "://" in text:
        return "leave out the scheme."
    if "@" in text:
        return "give the user with --user."
    if text.startswith("[") or (text.count(":") == 1 and text.rpartition(":")[2].isdigit()):
        return "give the port with --port, and no brackets."
    encoded = _as_in_dns(text)
    return f"write it as {encoded}, as DNS has it." if encoded else "expected an IP address or a host name."


def _as_in_dns(text: str) -> str:
    """``text`` in the letters of DNS, where it is a host name in others; empty where it is none."""
    if text.isascii() or len(text) > _MOST_HOST_CHARACTERS:
        return ""
    try:
        encoded = text.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return encoded if _is_host_name(encoded) else ""
