"""apk's repositories and the indexes that the machine has of them: whether they spoke, and how long ago."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.sections import Section
from fleet.answers import Coverage
from fleet.errors import UnreadableOutput
from fleet.facts import Repository
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name

# apk itself fetches an index anew that is older than four hours, when it installs: apk(8), --cache-max-age.
STALE_AFTER = timedelta(days=7)
_REFRESH = "Run apk update on it, or assess with a refresh."
# Each is looked for in what apk complains of; Alpine has a dozen.
_MOST_REPOSITORIES = 1_000
_LINE = re.compile(r"(?:@(?P<tag>\S+)\s+)?(?P<address>[a-z][a-z0-9+.-]*://\S+|/\S*)(?P<components>(?:\s+\S+)*)\s*")
_INDEX = re.compile(r"APKINDEX\.(?P<hash>[0-9a-f]{8,64})\.tar\.gz (?P<made>[0-9]{1,11}) (?P<fetched>[0-9]{1,11})")
# https://dl-cdn.alpinelinux.org/alpine/v3.19/main, on whichever mirror.
_ALPINE = re.compile(r"/(?P<branch>v[0-9.]+|edge|latest-stable)/(?P<repository>[a-z]+)/?$")


@dataclass(frozen=True, slots=True)
class ApkRepository:
    """One repository: ``name`` is its branch and part (``alpine/v3.19/main``), its host and path where it has none."""

    name: str
    address: str
    made_at: datetime | None
    fetched_at: datetime | None
    fault: str


@dataclass(frozen=True, slots=True)
class ApkIndexes:
    """All repositories; ``has_indexes`` is whether any index was fetched, ``unreadable`` files that may name more."""

    repositories: tuple[ApkRepository, ...]
    has_indexes: bool
    fetched_at: datetime | None
    made_at: datetime | None
    unreadable: tuple[str, ...]

    def list_repositories(self) -> tuple[Repository, ...]:
        """The repositories as facts of the machine."""
        return tuple(
            Repository(r.name, r.made_at, r.fetched_at, has_advisories=False, is_failing=bool(r.fault))
            for r in self.repositories
        )


def name_repository(address: str) -> str:
    """What a repository is called on every machine that uses it, whichever mirror it takes it from."""
    if match := _ALPINE.search(address):
        return f"alpine/{match['branch']}/{match['repository']}"
    return clean_name(re.sub(r"^[a-z][a-z0-9+.-]*://(?:[^/@]*@)?", "", address).rstrip("/"))


def parse_indexes(repositories: Section, indexes: Section, warnings: Iterable[str]) -> ApkIndexes:
    """The configured repositories, joined with the indexes that are there and with apk's own ``warnings``.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: apk-repositories(5). The name of an index in the cache is the SHA-1 of its address: apk-tools 2.
    """
    dates: dict[str, tuple[datetime | None, datetime | None]] = {}
    for number, line in indexes.lines():
        match = _INDEX.fullmatch(line)
        if match is None:
            raise UnreadableOutput(indexes.name, number, clean(line))
        dates[match["hash"][:8]] = (_time(match["made"]), _time(match["fetched"]))
    addresses, unreadable = _addresses(repositories)
    warnings = tuple(warnings)
    return ApkIndexes(
        tuple(_repository(address, dates, warnings) for address in addresses),
        bool(dates) or all(address.startswith("/") for address in addresses),
        max((fetched for _, fetched in dates.values() if fetched), default=None),
        max((made for made, _ in dates.values() if made), default=None),
        unreadable,
    )


def judge(indexes: ApkIndexes, warnings: Iterable[str], now: datetime) -> tuple[Coverage, tuple[Finding, ...]]:
    """What they can say at ``now``: at best which updates there are, and never which of them are for security."""
    if not indexes.repositories and not indexes.unreadable:
        text = "No repository is configured in /etc/apk/repositories: nothing can be said of what is missing."
        return Coverage.UNKNOWN, (
            Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, "Look at /etc/apk/repositories."),
        )
    if not indexes.has_indexes:
        text = "There are no indexes of the repositories: nothing can be said of what is missing."
        return Coverage.UNKNOWN, (Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, _REFRESH),)
    findings = (*_silent(indexes, tuple(warnings)), *_stale(indexes, now))
    if findings:
        return Coverage.UNKNOWN, findings
    text = "apk's repositories do not say which updates are for security."
    remedy = "Feeds of CVEs tell more: patchdeck feeds."
    return Coverage.UNCLASSIFIED, (Finding(FindingKind.CLASSIFICATION_UNKNOWN, Severity.INFO, text, remedy),)


def _addresses(section: Section) -> tuple[tuple[str, ...], tuple[str, ...]]:
    addresses: list[str] = []
    unreadable: list[str] = []
    for number, line in section.lines():
        if line.startswith("unreadable "):
            unreadable.append(clean_name(line.removeprefix("unreadable ")))
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise UnreadableOutput(section.name, number, clean(line))
        address = match["address"].rstrip("/")
        parts = match["components"].split()
        addresses.extend([f"{address}/{part}" for part in parts] or [address])
        if len(addresses) > _MOST_REPOSITORIES:
            raise UnreadableOutput(section.name, number, "(more repositories than any machine has)")
    return tuple(dict.fromkeys(clean_name(address) for address in addresses)), tuple(unreadable)


def _repository(
    address: str, dates: dict[str, tuple[datetime | None, datetime | None]], warnings: tuple[str, ...]
) -> ApkRepository:
    hashes = [new(address.encode(), usedforsecurity=False).hexdigest()[:8] for new in (hashlib.sha1, hashlib.sha256)]
    made_at, fetched_at = next((dates[key] for key in hashes if key in dates), (None, None))
    about = (w for w in warnings if f"{address}:" in w or f"{address}/" in w or any(f".{key}." in w for key in hashes))
    return ApkRepository(name_repository(address), address, made_at, fetched_at, next(about, ""))


def _silent(indexes: ApkIndexes, warnings: tuple[str, ...]) -> Iterator[Finding]:
    for path in indexes.unreadable:
        text = f"Repositories in {path} are not known: this user may not read it."
        yield Finding(FindingKind.SETTINGS_UNREADABLE, Severity.ERROR, text, "Let the user read it.")
    told: set[str] = set()
    for repository in indexes.repositories:
        if repository.fault:
            told.add(repository.fault)
            text = f"{repository.name} is silent: {repository.fault}"
            yield Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, _REFRESH)
    for warning in warnings:
        if warning not in told:
            yield Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, f"apk complains: {warning}", _REFRESH)


def _stale(indexes: ApkIndexes, now: datetime) -> Iterator[Finding]:
    fetched_at = indexes.fetched_at
    if fetched_at is not None and now - fetched_at > STALE_AFTER:
        text = f"The indexes were last fetched {(now - fetched_at).days} days ago ({fetched_at:%Y-%m-%d})."
        yield Finding(FindingKind.LISTS_STALE, Severity.WARNING, text, _REFRESH)


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
