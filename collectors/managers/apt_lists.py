"""The repositories that apt is configured with, and the lists that it has of each: whose they are, and how old."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from collectors.sections import Section
from collectors.shared_readings import shared
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

# Each is looked for in each of apt's complaints; machines have a dozen.
_MOST_REPOSITORIES = 2_000
_LISTS_STAND_IN = "/nonexistent/"
# Exit status of the probe where the folder of lists is there but closed to the user.
_CLOSED = 13
_COMPRESSIONS = (".lz4", ".gz", ".xz", ".bz2", ".zst", ".lzma")
_SITE = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@ ]*@)?(?P<host>[^/: ]+)")
_RELEASE_ENDINGS = ("InRelease", "Release")


@dataclass(frozen=True, slots=True)
class Release:
    """The head of a repository's Release file: what `apt-cache policy` shows as l=, o=, a=, n=, v=."""

    label: str = ""
    origin: str = ""
    suite: str = ""
    codename: str = ""
    version: str = ""
    made_at: datetime | None = None
    valid_until: datetime | None = None
    default_priority: int = 500


@dataclass(frozen=True, slots=True)
class _Target:
    file_name: str
    stem: str
    suite: str
    description: str


@dataclass(frozen=True, slots=True)
class Repository:
    """One configured suite of one archive. ``release`` is None where its Release file is not there.

    ``missing`` are the descriptions of lists that it has and the machine has not; ``has_lists`` is whether any list of
    it is there, which is never so for one that is empty.
    """

    name: str
    suite: str
    stem: str
    release: Release | None
    has_lists: bool
    missing: tuple[str, ...]

    def is_security(self, families: Iterable[str]) -> bool:
        """Whether it is the security repository of a distribution: by its own word, else by the suite configured."""
        if self.release is not None:
            return is_security_release(self.release, families)
        return self.suite.endswith(("-security", "/updates"))

    @property
    def is_missing(self) -> bool:
        """Whether nothing that it offers can be seen, or a part of it cannot."""
        return bool(self.missing) or (self.release is None and not self.has_lists) or self.is_nameless

    @property
    def is_nameless(self) -> bool:
        """Whether a security repository has lists, but no Release file that says so of what stands in them."""
        return self.release is None and self.has_lists and self.is_security(())


@dataclass(frozen=True, slots=True)
class Lists:
    """All configured repositories, the releases by the description of their indexes, and unfinished downloads.

    ``is_readable`` is whether this user may look into apt's folder of lists.
    """

    repositories: tuple[Repository, ...] = ()
    releases: Mapping[str, Release] = field(default_factory=dict)
    partial: tuple[str, ...] = ()
    is_readable: bool = True

    def describe(self, index: str) -> str:
        """Where ``index`` comes from, as apt writes it beside a version: ``Debian-Security:12/oldstable-security``."""
        release = self.releases.get(index)
        if release is None or not release.suite:
            return host_of(index)
        suite = f"{release.version}/{release.suite}" if release.version else release.suite
        return f"{release.label}:{suite}" if release.label else suite

    @property
    def made_at(self) -> datetime | None:
        """The date that the newest list bears, by the repository's own word."""
        dates = [repository.release.made_at for repository in self.repositories if repository.release]
        return max((date for date in dates if date), default=None)


def host_of(address: str) -> str:
    """The host that ``address`` begins with, as apt shows repositories without a name of their own."""
    site = _SITE.match(address)
    return clean_name(site["host"]) if site else "localhost"


def is_security_release(release: Release, families: Iterable[str]) -> bool:
    """Whether a release is a distribution's security repository, by its label, or by its origin and suite.

    Debian says it in the label; Ubuntu in the suite, for Ubuntu Pro too (``jammy-infra-security`` of ``UbuntuESM``).
    ``families`` are the system's own names; Debian and Ubuntu are always among them.
    """
    names = {"debian", "ubuntu", *families}
    origins = names | {f"{name}esm" for name in names} | {f"{name}esmapps" for name in names}
    if release.label.casefold() in {f"{name}-security" for name in names}:
        return True
    is_security_suite = any(suite.endswith("-security") for suite in (release.suite, release.codename))
    return is_security_suite and release.origin.casefold() in origins


@shared
def parse_lists(targets: Section, lists: Section) -> Lists:
    """The configured repositories, joined with the lists that are there.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: apt-get(8) indextargets, apt 2.6.1. The probe asks for it without lists, so the paths have a stand-in.
    """
    wanted = [_parse_target(targets.name, number, line) for number, line in targets.lines()]
    files = _parse_files(lists)
    by_stem: dict[str, list[_Target]] = {}
    for target in wanted:
        by_stem.setdefault(target.stem, []).append(target)
    if len(by_stem) > _MOST_REPOSITORIES:
        raise UnreadableOutput(targets.name, len(wanted), "(more repositories than any machine has)")
    repositories = [_join(stem, group, files) for stem, group in by_stem.items()]
    releases = {
        target.description: repository.release
        for repository in repositories
        for target in by_stem[repository.stem]
        if repository.release is not None
    }
    is_readable = lists.exit_status != _CLOSED
    return Lists(tuple(repositories), releases, tuple(files.partial), is_readable)


def _parse_target(source: str, number: int, line: str) -> _Target:
    parts = line.split("|", maxsplit=5)
    if len(parts) != 6 or not parts[0].startswith(_LISTS_STAND_IN):
        raise UnreadableOutput(source, number, clean(line))
    path, meta_key, suite, _component, _architecture, description = parts
    file_name = path.removeprefix(_LISTS_STAND_IN)
    # apt-pkg URItoFileName: an underscore is written %5f, a slash as an underscore.
    stem = file_name.removesuffix(meta_key.replace("_", "%5f").replace("/", "_"))
    return _Target(file_name, stem, clean_name(suite), clean(description))


@dataclass(slots=True)
class _Files:
    """What lies in apt's folder: names, heads of Release files, unfinished downloads, and what should be there."""

    names: set[str] = field(default_factory=set)
    heads: dict[str, dict[str, str]] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)


def _parse_files(section: Section) -> _Files:
    files = _Files()
    head: dict[str, str] = {}
    for number, line in section.lines():
        kind, _, rest = line.partition(" ")
        if kind == "file":
            head = files.heads.setdefault(rest, {})
            files.names.add(rest)
        elif kind == "partial":
            files.partial.append(clean_name(rest))
        elif kind == "absent":
            files.absent.add(rest)
        elif kind == "":
            name, _, value = rest.partition(":")
            head[name] = clean_name(value)
        else:
            raise UnreadableOutput(section.name, number, clean(line))
    return files


def _join(stem: str, targets: list[_Target], files: _Files) -> Repository:
    head = next((files.heads[stem + ending] for ending in _RELEASE_ENDINGS if files.heads.get(stem + ending)), None)
    release = _parse_release(head) if head is not None else None
    has_lists = any(_is_there(target.file_name, files.names) for target in targets)
    missing = tuple(target.description for target in targets if target.file_name in files.absent)
    first = targets[0]
    # The name of a disc holds spaces: cdrom://[Debian 12 DVD] bookworm/main amd64 Packages
    name = clean_name(f"{first.description.partition(f' {first.suite}')[0]} {first.suite}")
    return Repository(name, first.suite, stem, release, has_lists, missing)


def _is_there(file_name: str, files: set[str]) -> bool:
    return file_name in files or any(file_name + ending in files for ending in _COMPRESSIONS)


def _parse_release(head: Mapping[str, str]) -> Release:
    is_not_automatic = head.get("NotAutomatic", "").lower() == "yes"
    is_but_automatic = head.get("ButAutomaticUpgrades", "").lower() == "yes"
    return Release(
        label=head.get("Label", ""),
        origin=head.get("Origin", ""),
        suite=head.get("Suite", ""),
        codename=head.get("Codename", ""),
        version=head.get("Version", ""),
        made_at=_parse_date(head.get("Date", "")),
        valid_until=_parse_date(head.get("Valid-Until", "")),
        # apt_preferences(5): the priorities of versions that no pin touches.
        default_priority=500 if not is_not_automatic else 100 if is_but_automatic else 1,
    )


def _parse_date(text: str) -> datetime | None:
    if not re.fullmatch(r"[A-Za-z]{3}, +\d{1,2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} [A-Z+0-9-]{1,5}", text, re.ASCII):
        return None
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def failing_repositories(lists: Lists, texts: Iterable[str]) -> Iterator[tuple[Repository, str]]:
    """Each repository that one of apt's messages ``texts`` is about, with that message."""
    for text in texts:
        for repository in lists.repositories:
            address, _, suite = repository.name.partition(" ")
            if address in text and (not suite or re.search(rf"(?<![\w-]){re.escape(suite)}(?![\w-])", text)):
                yield repository, text
                break
