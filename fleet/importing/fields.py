"""What lists say of machines, field by field: checked, and in the form in which a machine holds it."""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.importing.listed import ListedMachine
from fleet.jump_hosts import check_jump_hosts
from fleet.machines import Become, TransportKind, check_address, check_name, check_port, check_user, parse_tag

# Of a machine, all that a list may say beside its name and tags; in the order in which changes are shown.
FIELDS = (
    "transport",
    "address",
    "port",
    "user",
    "key_file",
    "proxy_jump",
    "become",
    "os_type",
    "profile",
    "enabled",
)
# What a field holds while nobody has set it, where that is not None.
UNSET: Mapping[str, object] = MappingProxyType({"become": Become.NONE, "enabled": True, "transport": TransportKind.SSH})
SSH_ONLY = frozenset({"address", "port", "user", "key_file", "proxy_jump"})
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9._/-]+")
_SECRET = re.compile(
    r"pass|pwd|secret|token|private|credential|(api|access)[-_ ]?key|vault|kennwort|geheim|contrase|senha|wachtwoord",
    re.IGNORECASE,
)
_KEY_CHARACTERS = 63
_VALUE_CHARACTERS = 256


def fields_of(listed: ListedMachine) -> dict[str, object]:
    """What the list says of each of `FIELDS`; of SSH's nothing where the machine is reached otherwise."""
    said = {name: getattr(listed, name) for name in FIELDS}
    if listed.transport not in (None, TransportKind.SSH):
        said |= dict.fromkeys(SSH_ONLY)
    return said


def check_listed(listed: ListedMachine, profiles: Collection[str]) -> None:
    """Refuses what no machine can hold.

    Raises:
        BadInput: the name, a field or a tag cannot be used, or the profile is not one of ``profiles``.
    """
    check_name(listed.name)
    if listed.transport in (None, TransportKind.SSH):
        check_address(listed.name if listed.address is None else listed.address)
    if listed.port is not None:
        check_port(listed.port)
    if listed.user is not None:
        check_user(listed.user)
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
