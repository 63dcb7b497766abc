"""The repositories that zypper is set to use, and what the machine keeps of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.facts import Repository
from fleet.hostile import clean, clean_name

_HEADING = re.compile(r"\[(?P<alias>.+)\]\s*")
_SETTING = re.compile(r"(?P<name>enabled|name)\s*=\s*(?P<value>.*?)\s*")
_FETCHED = re.compile(r"fetched (?P<seconds>\d{1,11}) /var/cache/zypp/raw/(?P<folder>[^/]+)/.*")
_REPOMD = re.compile(r"repomd /var/cache/zypp/raw/(?P<folder>[^/]+)/repodata/repomd\.xml")
_SOLV = re.compile(r"solv /var/cache/zypp/solv/(?P<folder>[^/]+)/solv")
_SECONDS = re.compile(r"\d{9,11}")
_PASSWORD = re.compile(r"//[^/@\s]*@")
_VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\})")
_OFF = frozenset({"0", "no", "false", "off"})


@dataclass(frozen=True, slots=True)
class ZypperRepository:
    """A repository that is switched on. ``title`` is what zypper calls it when it talks.

    ``has_metadata`` is whether zypper can answer for it without asking it; ``has_advisories`` is None where its
    metadata are not here, or of a kind that does not tell.
    """

    alias: str
    title: str
    has_metadata: bool
    has_advisories: bool | None
    made_at: datetime | None
    fetched_at: datetime | None

    def is_called(self, name: str) -> bool:
        """Whether zypper means it when it talks of ``name``; it fills in variables such as $releasever."""
        return name == self.alias or (bool(self.title) and _fits(name, _VARIABLE.split(self.title)))

    def as_fact(self, system: str, is_failing: bool) -> Repository:
        """What is kept of it. ``system`` tells repositories of the same alias on different systems apart."""
        return Repository(
            self.name(system), self.made_at, self.fetched_at, self.has_advisories, is_failing or not self.has_metadata
        )

    def name(self, system: str) -> str:
        """Its alias; with the system where that has no number in it: ``repo-update`` is another one in each release."""
        shown = hide_password(self.alias)
        return shown if any(character.isdigit() for character in shown) else clean_name(f"{shown} ({system})")


@dataclass(frozen=True, slots=True)
class ZypperRepositories:
    """What is switched on, in the order of its files. ``unreadable`` are files that this user may not read."""

    repositories: tuple[ZypperRepository, ...]
    unreadable: tuple[str, ...]

    def find(self, alias: str) -> ZypperRepository | None:
        """The repository of that alias, or None."""
        return next((repository for repository in self.repositories if repository.alias == alias), None)


def _fits(name: str, parts: list[str]) -> bool:
    """Whether ``name`` is ``parts`` in their order, with any text between them."""
    if len(parts) == 1:
        return name == parts[0]
    if not name.startswith(parts[0]) or not name.endswith(parts[-1]):
        return False
    position, end = len(parts[0]), len(name) - len(parts[-1])
    for part in parts[1:-1]:
        found = name.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return position <= end


def hide_password(alias: str) -> str:
    """How a repository is shown: an alias that somebody made of an address loses the password in it."""
    return clean_name(_PASSWORD.sub("//", alias))


@dataclass(slots=True)
class _Kept:
    """What lies in one folder of zypper's cache."""

    revision: str = ""
    timestamps: list[str] = field(default_factory=list)
    has_repomd: bool = False
    has_advisories: bool = False
    fetched_at: datetime | None = None
    is_there: bool = False

    @property
    def made_at(self) -> datetime | None:
        """By the repository's own word: its revision, where that is a time, else the newest of its files."""
        candidates = [self.revision] if _SECONDS.fullmatch(self.revision) else self.timestamps
        seconds = [int(text) for text in candidates if _SECONDS.fullmatch(text)]
        return datetime.fromtimestamp(max(seconds), UTC) if seconds else None


def parse_repositories(section: Section) -> ZypperRepositories:
    """The repositories that are switched on.

    Raises:
        UnreadableOutput: a line is not what the probe prints.

    Source: zypper 1.14.42; libzypp names the folder of a repository by its alias, with ``_`` for ``/``.
    """
    settings: dict[str, dict[str, str]] = {}
    kept: dict[str, _Kept] = {}
    unreadable: list[str] = []
    reader = _Lines(section.name)
    for number, line in section.lines():
        if line.startswith("unreadable "):
            unreadable.append(clean_name(line.partition(" ")[2]))
        elif not reader.read(line, settings, kept):
            raise UnreadableOutput(section.name, number, clean(line))
    repositories = tuple(
        _join(alias, settings[alias].get("name", ""), kept.get(alias.replace("/", "_")))
        for alias in _switched_on(settings)
    )
    return ZypperRepositories(repositories, tuple(unreadable))


class _Lines:
    """Knows which repository or folder the indented lines belong to."""

    def __init__(self, section_name: str) -> None:
        self._section_name = section_name
        self._settings: dict[str, str] = {}
        self._kept = _Kept()

    def read(self, line: str, settings: dict[str, dict[str, str]], kept: dict[str, _Kept]) -> bool:
        """Take in one line; False where it fits no known shape."""
        if line.startswith(" "):
            return self._read_detail(line[1:], settings)
        if line.startswith("file "):
            self._settings = {}
        elif match := _REPOMD.fullmatch(line):
            self._kept = kept.setdefault(match["folder"], _Kept())
            self._kept.has_repomd = self._kept.is_there = True
        elif match := _FETCHED.fullmatch(line):
            folder = kept.setdefault(match["folder"], _Kept())
            folder.fetched_at, folder.is_there = datetime.fromtimestamp(int(match["seconds"]), UTC), True
        elif match := _SOLV.fullmatch(line):
            kept.setdefault(match["folder"], _Kept()).is_there = True
        else:
            return False
        return True

    def _read_detail(self, text: str, settings: dict[str, dict[str, str]]) -> bool:
        if match := _HEADING.fullmatch(text):
            self._settings = settings.setdefault(clean_name(match["alias"]), {})
        elif match := _SETTING.fullmatch(text):
            self._settings[match["name"]] = match["value"]
        elif text.startswith("revision="):
            self._kept.revision = text.partition("=")[2]
        elif text.startswith("timestamp="):
            self._kept.timestamps.append(text.partition("=")[2])
        elif text == "advisories=yes":
            self._kept.has_advisories = True
        elif not text.startswith(("enabled", "name", "[")):
            return False
        return True


def _switched_on(settings: dict[str, dict[str, str]]) -> Iterator[str]:
    return (alias for alias, values in settings.items() if values.get("enabled", "1").lower() not in _OFF)


def _join(alias: str, title: str, kept: _Kept | None) -> ZypperRepository:
    title = clean_name(title)
    if kept is None:
        return ZypperRepository(alias, title, False, None, None, None)
    has_advisories = kept.has_advisories if kept.has_repomd else None
    return ZypperRepository(alias, title, kept.is_there, has_advisories, kept.made_at, kept.fetched_at)
