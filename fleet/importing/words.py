"""Words of lists for what we know: systems, ways to become root, yes and no, tags in one cell."""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.machines import Become, OSType, TransportKind
from fleet.winrm import WinrmKind, WinrmScheme

_YES = frozenset({"yes", "true", "1", "on", "y", "enabled", "active"})
_NO = frozenset({"no", "false", "0", "off", "n", "disabled", "inactive"})
_WINRM: Mapping[str, WinrmScheme | None] = MappingProxyType(
    {"winrm": None, "psrp": None, "wsman": None, "powershell": None}
    | {"winrmhttps": WinrmScheme.HTTPS, "winrmhttp": WinrmScheme.HTTP}
)
_LINUX = re.compile(
    r"linux|debian|ubuntu|centos|rhel|red ?hat|fedora|suse|sles|rocky|alma|oracle|alpine|arch|raspb|amzn|mariner",
    re.IGNORECASE,
)


def parse_os_type(text: str) -> OSType | None:
    """The family of a system that somebody wrote down; None where it is not known."""
    if "win" in text.casefold() and "darwin" not in text.casefold():
        return OSType.WINDOWS
    return OSType.LINUX if _LINUX.search(text) else None


def parse_become(text: str) -> Become:
    """How root is gained: a method, or yes (sudo) or no.

    Raises:
        BadInput: a method that we do not have.
    """
    word = text.casefold()
    if word in _YES or word == "sudo":
        return Become.SUDO
    if word in _NO or word in ("none", "root"):
        return Become.NONE
    if word == "doas":
        return Become.DOAS
    raise BadInput(f"{clean(text, 40)!r} is no way to become root: sudo, doas or none.")


def parse_transport(text: str) -> tuple[TransportKind, WinrmScheme | None]:
    """The way to a machine, and the scheme where the word says it (``winrm-http``).

    Raises:
        BadInput: it is a way that we do not have.
    """
    word = re.sub(r"[^a-z]", "", text.casefold())
    if word in ("ssh", "openssh"):
        return TransportKind.SSH, None
    if word in ("local", "localhost"):
        return TransportKind.LOCAL, None
    if word in _WINRM:
        return TransportKind.WINRM, _WINRM[word]
    raise BadInput(f"{clean(text, 40)!r} is no way to a machine: ssh, winrm or local.")


def parse_scheme(text: str) -> WinrmScheme:
    """What carries WinRM: ``https`` or ``http``.

    Raises:
        BadInput: it is neither.
    """
    word = text.casefold().removesuffix("://")
    if word not in list(WinrmScheme):
        raise BadInput(f"{clean(text, 40)!r} is no scheme of WinRM: https or http.")
    return WinrmScheme(word)


def parse_winrm_kind(text: str) -> WinrmKind:
    """How WinRM is logged in to.

    Raises:
        BadInput: a way that we do not have.
    """
    word = text.casefold()
    if word not in list(WinrmKind):
        raise BadInput(f"{clean(text, 40)!r} is no login of WinRM: {', '.join(WinrmKind)}.")
    return WinrmKind(word)


def parse_flag(text: str) -> bool:
    """Yes or no.

    Raises:
        BadInput: it is neither.
    """
    word = text.casefold()
    if word not in _YES | _NO:
        raise BadInput(f"{clean(text, 40)!r} is neither yes nor no.")
    return word in _YES


def parse_tag_cell(text: str) -> Iterator[tuple[str, str]]:
    """Tags in one cell: ``env=prod, role=web``, with ``:`` for ``=``, semicolons or lines between, or a JSON object.

    Raises:
        BadInput: a part is none of that.
    """
    if text.startswith("{"):
        yield from _parse_json(text)
        return
    for part in re.split(r"[,;|\n]", text):
        if not part.strip():
            continue
        key, sign, value = _split(part)
        if not sign:
            raise BadInput(f"{clean(part, 60)!r} is no tag: write key=value.")
        yield key.strip(), value.strip()


def _split(part: str) -> tuple[str, str, str]:
    return part.partition("=") if "=" in part else part.partition(":")


def _parse_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{clean(text, 60)!r} begins as JSON and is none.") from error
    if not isinstance(loaded, dict):
        raise BadInput(f"{clean(text, 60)!r} is no object of tags.")
    for key, value in loaded.items():
        if value is not None and not isinstance(value, dict | list):
            yield str(key), str(value)
