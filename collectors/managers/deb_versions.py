"""The order of Debian versions, as dpkg has it. Pure."""

import re
from functools import lru_cache

_MOST_DIGITS = 1000
_PARTS = re.compile(r"([^0-9]*)([0-9]*)")

PartKey = tuple[tuple[int, ...], int]
DebKey = tuple[int, tuple[PartKey, ...], tuple[PartKey, ...]]


@lru_cache(maxsize=65_536)
def deb_key(version: str) -> DebKey:
    """A key by which versions sort as dpkg sorts them; equal keys mean equal versions for dpkg.

    Source: deb-version(7) and verrevcmp() in dpkg's lib/dpkg/version.c: an epoch counts first, then the upstream
    version, then the revision; texts and numbers by turns; in texts a tilde sorts before the end, letters before all
    else.
    """
    epoch, colon, rest = version.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdecimal()):
        epoch, rest = "0", version
    upstream, hyphen, revision = rest.rpartition("-")
    if not hyphen:
        upstream, revision = rest, ""
    return _number(epoch), _part_keys(upstream), _part_keys(revision)


def compare_deb(left: str, right: str) -> int:
    """-1, 0 or 1: whether ``left`` is older than, as old as or newer than ``right``."""
    one, other = deb_key(left), deb_key(right)
    return (one > other) - (one < other)


def _part_keys(text: str) -> tuple[PartKey, ...]:
    parts = [((*map(_order, word), 0), _number(digits)) for word, digits in _PARTS.findall(text)]
    # The first may be 0 and stays: in 0~ a tilde follows it.
    while len(parts) > 1 and parts[-1] == ((0,), 0):
        parts.pop()
    # What is missing counts as an empty text and 0, which a tilde sorts before: the end must be there to compare with.
    return (*parts, ((0,), 0))


def _order(letter: str) -> int:
    if letter == "~":
        return -1
    # Beyond ASCII dpkg takes bytes; such versions are not valid, and only have to sort somehow.
    return ord(letter) if letter.isascii() and letter.isalpha() else ord(letter) + 0x100


def _number(digits: str) -> int:
    # Python refuses numbers of thousands of digits, dpkg overflows; no version has more than a date and a time.
    return int(digits[:_MOST_DIGITS] or "0") if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
