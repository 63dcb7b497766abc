"""Introductions: what a machine says of itself to the console, as text, read strictly.

One ``WORD VALUE`` a line, between a first line with the version and a last one that says that nothing is missing.
Whoever holds a token may send anything: every value is bounded and cleaned here, and none is believed here.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from fleet.errors import BadInput
from fleet.host_key_lines import check_host_key
from fleet.hostile import clean_name, decode
from fleet.machines import OSType, check_name, check_port, check_user, parse_tag
from fleet.winrm import WinrmScheme

HEADING = "patchdeck-introduction 1"
ENDING = "end"
MOST_BYTES = 65_536
_MOST_LINES = 200
_MOST_KEYS = 8
_MOST_ADDRESSES = 16
_MOST_TAGS = 16
_MOST_LISTENERS = 8
_LISTENER = re.compile(r"(https?) ([0-9]{1,5})(?: (SHA256:[0-9A-F]{64}))?")
_T = TypeVar("_T")
_PORT_DIGITS = 5
_WORD = re.compile(r"[a-z][a-z-]{0,30}")
_PROOF = re.compile(r"[A-Za-z0-9_-]{16,128}")
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Names that installers leave behind; they tell no machine from another.
_EMPTY_NAMES = {"localhost", "localhost.localdomain", "(none)", "ubuntu", "debian", "raspberrypi"}


@dataclass(frozen=True, slots=True)
class WinrmListener:
    """Where its WinRM listens; ``certificate`` is the fingerprint ``SHA256:…`` of that of HTTPS, empty if not told."""

    scheme: WinrmScheme
    port: int
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a machine says: all of it may be untrue. ``proof`` is the token's secret, never stored or shown.

    ``host_keys`` are lines ``ALGORITHM BASE64``; ``weak_keys`` says why others were left out. ``key_installed`` is None
    where the line was not to install a key.
    """

    proof: str = field(repr=False)
    name: str
    fqdn: str = ""
    os_type: OSType = OSType.LINUX
    system: str = ""
    machine_id: str = ""
    system_uuid: str = ""
    user: str = ""
    port: int | None = None
    addresses: tuple[str, ...] = ()
    host_keys: tuple[str, ...] = ()
    weak_keys: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key_installed: bool | None = None
    winrm: tuple[WinrmListener, ...] = ()

    @property
    def best_winrm(self) -> WinrmListener | None:
        """Of its listeners the one to reach it by: HTTPS first, and one of which it shows the certificate."""
        return min(self.winrm, key=lambda each: (each.scheme is WinrmScheme.HTTP, not each.certificate), default=None)

    @property
    def says_name(self) -> bool:
        """Whether the name tells this machine from another."""
        return self.name.casefold() not in _EMPTY_NAMES


class UnreadableIntroduction(BadInput):
    """What came in is no introduction; says the line and why, never what the line held of the token."""


def parse_introduction(raw: bytes) -> Introduction:
    """The introduction that ``raw`` holds.

    Lines may end as on Windows. Addresses beyond the sixteenth are left out, and so are keys too weak to rely on; both
    are no reason to refuse a machine. Everything else that does not fit is.

    Raises:
        UnreadableIntroduction: it is too long, does not begin or end as it must, or a line cannot be read.
    """
    values = _values(_lines(raw))
    keys, weak = _keys(values.get("key", []))
    read = _Reader(values)
    return Introduction(
        proof=read.must("proof", _matching(_PROOF)),
        name=read.must("name", check_name),
        fqdn=read.may("fqdn", _host_name, ""),
        os_type=read.may("os", _system_family, OSType.LINUX),
        system=read.may("system", clean_name, ""),
        machine_id=read.may("machine-id", _if_it_fits(_MACHINE_ID), ""),
        system_uuid=read.may("system-uuid", _if_it_fits(_UUID), ""),
        user=read.may("user", _user, ""),
        port=read.may("port", _port, None),
        addresses=_addresses(values.get("address", [])),
        host_keys=keys,
        weak_keys=weak,
        tags=_tags(values.get("tag", [])),
        key_installed=read.may("key-installed", lambda text: text == "yes", None),
        winrm=tuple(_convert("winrm", line, _listener) for line in values.get("winrm", [])[:_MOST_LISTENERS]),
    )


_ONCE = frozenset(("proof", "name", "fqdn", "os", "system", "machine-id", "system-uuid", "user", "key-installed"))
_OFTEN = frozenset(("address", "key", "port", "tag", "winrm"))
_Line = tuple[int, str]


class _Reader:
    """Reads single values; one that cannot be used is told with its line."""

    def __init__(self, values: Mapping[str, Sequence[_Line]]) -> None:
        self._values = values

    def must(self, word: str, convert: Callable[[str], _T]) -> _T:
        if not self._values.get(word):
            raise UnreadableIntroduction(f"The introduction does not say its {word}.")
        return _convert(word, self._values[word][0], convert)

    def may(self, word: str, convert: Callable[[str], _T], default: _T) -> _T:
        return _convert(word, self._values[word][0], convert) if self._values.get(word) else default


def _listener(text: str) -> WinrmListener:
    found = _LISTENER.fullmatch(text)
    if found is None:
        raise BadInput("it is none: https PORT SHA256:…")
    return WinrmListener(WinrmScheme(found[1]), check_port(int(found[2])), found[3] or "")


def _lines(raw: bytes) -> list[str]:
    if len(raw) > MOST_BYTES:
        raise UnreadableIntroduction(f"The introduction is longer than {MOST_BYTES:,} bytes.")
    lines = [line.removesuffix("\r").rstrip(" ") for line in decode(raw.removeprefix(b"\xef\xbb\xbf")).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if not lines or lines[0] != HEADING:
        raise UnreadableIntroduction(f"This is no introduction: its first line is not {HEADING!r}.")
    if lines[-1] != ENDING:
        raise UnreadableIntroduction(f"The introduction is not whole: its last line is not {ENDING!r}.")
    if len(lines) > _MOST_LINES:
        raise UnreadableIntroduction(f"The introduction has more than {_MOST_LINES} lines.")
    return lines


def _values(lines: Sequence[str]) -> dict[str, list[_Line]]:
    """The values by word, each with its line; words that stand there without a value say nothing."""
    values: dict[str, list[_Line]] = {}
    for number, line in enumerate(lines[1:-1], start=2):
        word, _, value = line.partition(" ")
        if not _WORD.fullmatch(word) or word not in _ONCE | _OFTEN:
            raise UnreadableIntroduction(f"Line {number} of the introduction begins with a word that is not known.")
        if word in _ONCE and word in values:
            raise UnreadableIntroduction(f"Line {number} of the introduction says its {word} a second time.")
        if value:
            values.setdefault(word, []).append((number, value))
    return values


def _convert(word: str, line: _Line, convert: Callable[[str], _T]) -> _T:
    number, text = line
    try:
        return convert(text)
    except (BadInput, ValueError) as error:
        why = str(error) if isinstance(error, BadInput) else "it is not one."
        raise UnreadableIntroduction(f"Line {number} of the introduction, {word}: {why}") from error


def _keys(lines: Sequence[_Line]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The host keys, each once, and why others are not among them."""
    if len(lines) > 2 * _MOST_KEYS:
        raise UnreadableIntroduction(f"The introduction has more than {2 * _MOST_KEYS} host keys.")
    keys: dict[str, None] = {}
    weak: list[str] = []
    for _, text in lines:
        try:
            keys[check_host_key(text)] = None
        except BadInput as error:
            weak.append(str(error))
    return tuple(keys)[:_MOST_KEYS], tuple(weak)


def _addresses(lines: Sequence[_Line]) -> tuple[str, ...]:
    """Addresses at which others can reach the machine: none of loopback, of one link only, or of groups."""
    found: dict[str, None] = {}
    for line in lines:
        address = _convert("address", line, lambda text: ipaddress.ip_address(text.partition("%")[0]))
        if not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified):
            found[str(address)] = None
    return tuple(found)[:_MOST_ADDRESSES]


def _tags(lines: Sequence[_Line]) -> Mapping[str, str]:
    if len(lines) > _MOST_TAGS:
        raise UnreadableIntroduction(f"The introduction has more than {_MOST_TAGS} tags.")
    tags: dict[str, str] = {}
    for line in lines:
        key, value = _convert("tag", line, parse_tag)
        if clean_name(value) != value:
            raise UnreadableIntroduction(f"Line {line[0]} of the introduction, tag: its value cannot be shown.")
        if tags.setdefault(key, value) != value:
            raise UnreadableIntroduction(f"Line {line[0]} of the introduction gives the tag {key!r} another value.")
    return MappingProxyType(tags)


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if not pattern.fullmatch(text):
            raise BadInput("it does not look like one.")
        return text

    return convert


# What a machine holds in its own files may be anything ("uninitialized", "Not Settable", a user "Jane Doe"). Such a
# value says nothing, and is no reason to refuse the machine.
def _if_it_fits(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: text.lower() if pattern.fullmatch(text.lower()) else ""


def _host_name(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", text) and "." in text else ""


def _user(text: str) -> str:
    try:
        return check_user(text)
    except BadInput:
        return ""


def _port(text: str) -> int | None:
    digits = text.strip('"')
    return check_port(int(digits)) if digits.isascii() and digits.isdecimal() and len(digits) <= _PORT_DIGITS else None


def _system_family(text: str) -> OSType:
    try:
        return OSType(text)
    except ValueError as error:
        raise BadInput("only machines with Linux or Windows can be enrolled.") from error
