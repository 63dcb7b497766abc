"""What lists say of machines, field by field: checked, and in the form in which a machine holds it."""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.importing.listed import ListedMachine
from fleet.jump_hosts import check_jump_hosts
from fleet.machines import Become, Machine, OSType, TransportKind, check_address, check_name, check_port, parse_tag
from fleet.winrm import WinrmScheme, WinrmWay

# Of a machine, all that a list may say beside its name and tags; in the order in which changes are shown.
FIELDS = (
    "transport",
    "address",
    "port",
    "user",
    "key_file",
    "proxy_jump",
    "winrm_scheme",
    "winrm_kind",
    "winrm_ca_file",
    "winrm_proxy",
    "os_type",
    "become",
    "profile",
    "enabled",
)
# What a field holds while nobody has set it, where that is not None.
UNSET: Mapping[str, object] = MappingProxyType(
    {
        "become": Become.NONE,
        "enabled": True,
        "transport": TransportKind.SSH,
        "winrm_scheme": WinrmScheme.HTTPS,
    }
)
_BY_NETWORK = frozenset({"address", "port", "user"})
_SSH_ONLY = frozenset({"key_file", "proxy_jump"})
# Of a machine, the parts of `Machine.winrm`, by their names in `FIELDS`.
WINRM_PARTS: Mapping[str, str] = MappingProxyType(
    {"winrm_scheme": "scheme", "winrm_kind": "kind", "winrm_ca_file": "ca_file", "winrm_proxy": "proxy"}
)
_NOT_OF: Mapping[TransportKind, frozenset[str]] = MappingProxyType(
    {
        TransportKind.SSH: frozenset(WINRM_PARTS),
        TransportKind.WINRM: _SSH_ONLY | {"become"},
        TransportKind.LOCAL: _BY_NETWORK | _SSH_ONLY | frozenset(WINRM_PARTS),
        TransportKind.SCRIPTED: _BY_NETWORK | _SSH_ONLY | frozenset(WINRM_PARTS),
    }
)
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9._/-]+")
_SECRET = re.compile(
    r"pass|pwd|secret|token|private|credential|(api|access)[-_ ]?key|vault|kennwort|geheim|contrase|senha|wachtwoord",
    re.IGNORECASE,
)
_KEY_CHARACTERS = 63
_VALUE_CHARACTERS = 256


def fields_of(listed: ListedMachine) -> dict[str, object]:
    """What the list says of each of `FIELDS`; nothing of what means nothing for the way that it names."""
    said = {name: getattr(listed, name) for name in FIELDS}
    if listed.transport is not None:
        said |= dict.fromkeys(fields_without(listed.transport, listed.os_type))
    return said


def fields_without(transport: TransportKind, os_type: OSType | None) -> frozenset[str]:
    """Those of `FIELDS` that mean nothing for a machine of that system that is reached so."""
    return _NOT_OF[transport] | ({"become"} if os_type is OSType.WINDOWS else frozenset())


def value_of(machine: Machine, name: str) -> object:
    """What ``machine`` holds of one of `FIELDS`."""
    if name in WINRM_PARTS:
        return getattr(machine.winrm or WinrmWay(), WINRM_PARTS[name])
    return getattr(machine, name)


def check_listed(listed: ListedMachine, profiles: Collection[str]) -> None:
    """Refuses what no machine can hold; what does not fit together shows on the machine that comes of it.

    Raises:
        BadInput: the name, a field or a tag cannot be used, or the profile is not one of ``profiles``.
    """
    check_name(listed.name)
    if listed.transport in (None, TransportKind.SSH, TransportKind.WINRM):
        check_address(listed.name if listed.address is None else listed.address)
    if listed.port is not None:
        check_port(listed.port)
    if listed.proxy_jump is not None:
        check_jump_hosts(listed.proxy_jump)
    if listed.profile is not None and listed.profile not in profiles:
        raise UnknownName("profile", listed.profile, profiles)
    for key, value in listed.tags.items():
        parse_tag(f"{key}={value}")


def usable_tags(pairs: Iterable[tuple[str, str]]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """``pairs`` as tags, and what was changed or left out of them, in words.

    Other clouds and tools allow blanks in keys, and empty values; a key that looks like that of a secret is left out.
    """
    tags: dict[str, str] = {}
    notes: list[str] = []
    for key, value in pairs:
        usable = _NOT_IN_KEYS.sub("-", key.strip()).strip("-._/")[:_KEY_CHARACTERS]
        text = clean(value, _VALUE_CHARACTERS)
        if is_secret(key):
            notes.append(f"tag {clean(key, 64)} looks like a secret: left out")
        elif not usable or not text:
            notes.append(f"tag {clean(key, 64) or 'without a name'} has no value: left out")
        else:
            tags[usable] = text
            if usable != key.strip():
                notes.append(f"tag {clean(key, 64)} is {usable} here")
    return MappingProxyType(tags), tuple(notes)


def is_secret(name: str) -> bool:
    """Whether a column or variable of that name may hold a secret, which no tag may."""
    return _SECRET.search(name) is not None


def check_tag_variables(names: Iterable[str]) -> None:
    """Refuses to make tags of what may be secrets: tags are seen by everybody.

    Raises:
        BadInput: a name looks like that of a secret.
    """
    for name in names:
        if is_secret(name):
            raise BadInput(f"{name!r} looks like a secret: it is not made a tag, which everybody sees.")


def parse_port(text: str) -> int:
    """A port as written.

    Raises:
        BadInput: it is none.
    """
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdecimal() and len(stripped) <= 5):
        raise BadInput(f"Port {clean(text, 40)!r} is not a number between 1 and 65535.")
    return check_port(int(stripped))
