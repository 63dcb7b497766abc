"""The order of rpm versions, as rpm itself has it, and names with versions taken apart. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

# rpmio/rpmvercmp.c: all but ASCII letters, digits, ~ and ^ only separates.
_PART = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
_EPOCH = re.compile(r"([0-9]*):(.*)", re.DOTALL)
# In rising order: a tilde sorts before the end of a version, a caret after it, then letters, then digits.
_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)

VersionKey = tuple[tuple[int, int, str], ...]
EvrKey = tuple[VersionKey, VersionKey, VersionKey]


@dataclass(frozen=True, slots=True)
class Evr:
    """Epoch, version and release. ``epoch`` is never empty (``0`` where none is given), ``release`` may be."""

    epoch: str
    version: str
    release: str

    def __str__(self) -> str:
        whole = f"{self.version}-{self.release}" if self.release else self.version
        return whole if self.epoch == "0" else f"{self.epoch}:{whole}"


@dataclass(frozen=True, slots=True)
class Nevra:
    """A package by name, version and architecture; ``evr`` is written with its epoch where that is not 0."""

    name: str
    evr: str
    architecture: str


def split_evr(text: str) -> Evr:
    """``[epoch:]version[-release]`` taken apart; the release follows the last hyphen."""
    match = _EPOCH.fullmatch(text)
    epoch, rest = (match[1], match[2]) if match else ("0", text)
    version, hyphen, release = rest.rpartition("-")
    return Evr(epoch.lstrip("0") or "0", version if hyphen else release, release if hyphen else "")


def normal_evr(text: str) -> str:
    """``text`` with its epoch where that is not 0, else without."""
    return str(split_evr(text))


@lru_cache(maxsize=65_536)
def evr_key(text: str) -> EvrKey:
    """A key by which versions sort as rpm sorts them; equal keys mean equal versions for rpm.

    Source: rpmio/rpmvercmp.c and rpmverCmp() of rpm 4.18; a version without release comes before those with one.
    """
    evr = split_evr(text)
    return _version_key(evr.epoch), _version_key(evr.version), _version_key(evr.release) if evr.release else ()


def compare_evr(left: str, right: str) -> int:
    """-1, 0 or 1: whether ``left`` is older than, as old as or newer than ``right``."""
    one, other = evr_key(left), evr_key(right)
    return (one > other) - (one < other)


def split_nevra(text: str) -> Nevra | None:
    """``name-[epoch:]version-release.arch`` or ``epoch:name-version-release.arch`` taken apart, None if it is neither.

    yum 3 puts the epoch first, dnf in front of the version.
    """
    left, dot, architecture = text.rpartition(".")
    words = left.rsplit("-", 2)
    if not dot or len(words) != 3 or not all((architecture, *words)):
        return None
    name, version, release = words
    if match := _EPOCH.fullmatch(name):
        name, version = match[2], f"{match[1]}:{version}"
    return Nevra(name, normal_evr(f"{version}-{release}"), architecture) if name else None


def _version_key(version: str) -> VersionKey:
    parts = [_part_key(part) for part in _PART.findall(version)]
    return (*parts, (_END, 0, ""))


def _part_key(part: str) -> tuple[int, int, str]:
    if part == "~":
        return _TILDE, 0, ""
    if part == "^":
        return _CARET, 0, ""
    if part[0].isdigit():
        digits = part.lstrip("0")
        return _DIGITS, len(digits), digits
    return _LETTERS, 0, part
