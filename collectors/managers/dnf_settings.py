"""What a machine's own configuration keeps away from an upgrade: excludes, version locks, and its subscription."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from collectors.managers.dnf_answer import RpmOffer
from collectors.managers.rpm_versions import compare_evr, split_nevra
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_TOML = "/etc/dnf/versionlock.toml"
# Each pattern and lock is tried on each update; dotted keys cost tomllib the square of their length.
_MOST_PATTERNS = 1_000
_MOST_LOCK_CHARACTERS = 1_024
_EXCLUDES = ("exclude", "excludepkgs")
_MEETS = {"<": (-1,), "<=": (-1, 0), "=": (0,), ">=": (0, 1), ">": (1,), "!=": (-1, 1)}


@dataclass(frozen=True, slots=True)
class Exclude:
    """Patterns of one ``exclude``, ``excludepkgs`` or ``includepkgs``; ``part`` is main or the id of a repository."""

    option: str
    path: str
    part: str
    patterns: tuple[str, ...]

    def hides(self, offer: RpmOffer) -> bool:
        """Whether it keeps ``offer`` away."""
        if self.part not in ("main", "", offer.repository):
            return False
        return any(_matches(pattern, offer) for pattern in self.patterns) is (self.option in _EXCLUDES)


@dataclass(frozen=True, slots=True)
class DnfSettings:
    """Excludes, locks as (file, pattern), files that cannot be read, and signs of a subscription."""

    excludes: tuple[Exclude, ...] = ()
    locks: tuple[tuple[str, str], ...] = ()
    toml_locks: tuple[Mapping[str, object], ...] = ()
    unreadable: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    has_subscription_manager: bool = False

    def find_exclude(self, offer: RpmOffer) -> str:
        """The line that excludes ``offer``, as evidence; empty if none does."""
        for exclude in self.excludes:
            if exclude.hides(offer):
                part = "" if exclude.part in ("main", "") else f" of [{exclude.part}]"
                return clean(f"{exclude.option}={' '.join(exclude.patterns)}{part} in {exclude.path}", 400)
        return ""

    def find_lock(self, offer: RpmOffer) -> str:
        """The lock that keeps ``offer`` away, as evidence; empty if none does."""
        for path, pattern in self.locks:
            package = split_nevra(pattern.lstrip("!"))
            if fnmatchcase(offer.name, package.name if package else pattern.lstrip("!")):
                return clean(f"version lock {pattern} in {path}", 400)
        mine = [lock for lock in self.toml_locks if fnmatchcase(offer.name, str(lock.get("name", "")))]
        if mine and not any(_allows(lock, offer) for lock in mine):
            return clean(f"version lock of {mine[0].get('name')} in {_TOML}", 400)
        return ""


def parse_settings(section: Section) -> DnfSettings:
    """What the probe found in the files of dnf and yum.

    Raises:
        UnreadableOutput: a line fits no known shape.
    """
    excludes: list[Exclude] = []
    locks: list[tuple[str, str]] = []
    words_of: dict[str, list[str]] = {"unreadable": [], "consumer": [], "subscription-manager": []}
    for number, line in section.lines():
        kind, *words = line.split("\t", 3)
        if kind in (*_EXCLUDES, "includepkgs") and len(words) == 3:
            path, part, value = words
            excludes.append(Exclude(kind, clean_name(path), clean_name(part), _split_list(value)))
        elif kind == "lock" and len(words) >= 2 and len(line) <= _MOST_LOCK_CHARACTERS:
            locks.append((clean_name(words[0]), "\t".join(words[1:])))
        elif kind in words_of:
            words_of[kind].append(clean_name("\t".join(words)))
        else:
            raise UnreadableOutput(section.name, number, clean(line))
    if len(locks) + sum(len(exclude.patterns) for exclude in excludes) > _MOST_PATTERNS:
        raise UnreadableOutput(section.name, 1, "(more excludes and locks than any machine has)")
    toml_locks = _parse_toml("\n".join(line for path, line in locks if path == _TOML))
    return DnfSettings(
        excludes=tuple(excludes),
        locks=tuple((path, clean(line.split()[0], 400)) for path, line in locks if path != _TOML and line.strip()),
        toml_locks=toml_locks or (),
        unreadable=(*words_of["unreadable"], *((_TOML,) if toml_locks is None else ())),
        consumers=tuple(words_of["consumer"]),
        has_subscription_manager=bool(words_of["subscription-manager"]),
    )


def _split_list(value: str) -> tuple[str, ...]:
    return tuple(clean_name(word) for word in value.replace(",", " ").split())


def _matches(pattern: str, offer: RpmOffer) -> bool:
    """Patterns of dnf are names, name.arch, or names with versions; each may have wildcards."""
    epoch, colon, rest = offer.evr.partition(":")
    plain = rest if colon else epoch
    forms = [offer.name, f"{offer.name}.{offer.architecture}"]
    for evr in (offer.evr, plain, plain.rpartition("-")[0]):
        forms += [f"{offer.name}-{evr}", f"{offer.name}-{evr}.{offer.architecture}"]
    return any(fnmatchcase(form, pattern) for form in forms)


def _parse_toml(text: str) -> tuple[Mapping[str, object], ...] | None:
    """Entries of dnf5's file of locks; None of a file that is no TOML."""
    if not text.strip():
        return ()
    try:
        packages = tomllib.loads(text).get("packages", [])
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None
    return tuple(entry for entry in packages if isinstance(entry, dict)) if isinstance(packages, Sequence) else ()


def _allows(lock: Mapping[str, object], offer: RpmOffer) -> bool:
    conditions = lock.get("conditions", [])
    if not isinstance(conditions, list):
        return False
    return all(isinstance(condition, dict) and _meets(condition, offer) for condition in conditions)


def _meets(condition: Mapping[str, object], offer: RpmOffer) -> bool:
    value, comparator = str(condition.get("value", "")), str(condition.get("comparator", "="))
    if condition.get("key") == "arch":
        return (offer.architecture == value) is (comparator == "=")
    evr = offer.evr if "-" in value else offer.evr.rpartition("-")[0]
    return compare_evr(evr, value) in _MEETS.get(comparator, ())
