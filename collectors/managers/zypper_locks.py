"""zypper's locks, as an admin set them: the file /etc/zypp/locks."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from collectors.managers.rpm_versions import compare_evr
from collectors.sections import Section
from fleet.hostile import clean_name

_FIELDS = frozenset({"type", "match_type", "case_sensitive", "solvable_name", "version", "repo", "solvable_arch"})
_MOST_LOCKS = 2_000
_COMPARISONS = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    "=": lambda order: order == 0,
    "==": lambda order: order == 0,
    ">=": lambda order: order >= 0,
    ">": lambda order: order > 0,
}


@dataclass(frozen=True, slots=True)
class ZypperLock:
    """One lock. ``match`` is glob, exact, substring or regex; ``version`` such as ``< 1.2``, empty for any."""

    kind: str
    match: str
    name: str
    version: str = ""
    repository: str = ""

    def covers(self, name: str, version: str, alias: str) -> bool:
        """Whether it keeps a package from that version; never true of regular expressions, which are not run here."""
        if self.kind not in ("", "package") or (self.repository and self.repository != alias):
            return False
        return self._covers_name(name) and self._covers_version(version)

    def describe(self) -> str:
        """The lock as zypper locks shows it."""
        return f"{self.name} {self.version}".strip()

    def _covers_name(self, name: str) -> bool:
        if self.match == "substring":
            return self.name in name
        return name == self.name or (self.match == "glob" and fnmatchcase(name, self.name))

    def _covers_version(self, version: str) -> bool:
        sign, _, bound = self.version.partition(" ")
        return not bound or sign not in _COMPARISONS or _COMPARISONS[sign](compare_evr(version, bound.strip()))


@dataclass(frozen=True, slots=True)
class ZypperLocks:
    """All locks, and the lines of the file that were not understood."""

    locks: tuple[ZypperLock, ...]
    unread: tuple[str, ...] = ()

    def find(self, name: str, version: str, alias: str) -> ZypperLock | None:
        """The lock that keeps a package from a version of a repository, or None."""
        return next((lock for lock in self.locks if lock.covers(name, version, alias)), None)

    @property
    def has_patterns(self) -> bool:
        """Whether some are regular expressions, of which only zypper itself knows what they cover."""
        return any(lock.match in ("regex", "word") for lock in self.locks)


def parse_locks(section: Section) -> ZypperLocks:
    """The locks of the machine; none where the file is not there.

    Raises:
        UnreadableOutput: a line is longer than any lock.

    Source: locksfile.5 of libzypp; captured with zypper 1.14.42.
    """
    locks: list[ZypperLock] = []
    unread: list[str] = []
    for stanza in _stanzas(section, unread):
        if "solvable_name" in stanza and len(locks) < _MOST_LOCKS:
            match = stanza.get("match_type", "glob")
            version, repository = stanza.get("version", ""), stanza.get("repo", "")
            locks.append(ZypperLock(stanza.get("type", ""), match, stanza["solvable_name"], version, repository))
        else:
            unread.append(clean_name(", ".join(f"{name}: {value}" for name, value in stanza.items())))
    return ZypperLocks(tuple(locks), tuple(unread))


def _stanzas(section: Section, unread: list[str]) -> Iterator[dict[str, str]]:
    """The locks of the file, which stand apart by empty lines."""
    stanza: dict[str, str] = {}
    last = 0
    for number, line in section.lines():
        if number != last + 1 and stanza:
            yield stanza
            stanza = {}
        last = number
        name, colon, value = line.partition(":")
        if line.startswith("#"):
            continue
        if not colon or name.strip() not in _FIELDS:
            unread.append(clean_name(line))
            continue
        stanza[name.strip()] = clean_name(value)
    if stanza:
        yield stanza
