"""pacman's sync databases: whether each repository has spoken, when, and whether that is too long ago."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.sections import Section
from fleet.answers import Coverage
from fleet.errors import UnreadableOutput
from fleet.facts import Repository
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name, decode

# Arch's repositories change every day.
STALE_AFTER = timedelta(days=7)
# Manjaro's stable branch rests for weeks; whoever fetched it lately has databases that are older.
OLD_AFTER = timedelta(days=60)
_REFRESH = (
    "Assess it with a refresh, which leaves its own databases alone; pacman -Sy alone would risk a partial upgrade."
)
_LINE = re.compile(r"(?P<name>\S+) (?:(?P<made>\d{1,11}) (?P<fetched>\d{1,11})|(?P<fault>absent|unreadable))")
# pacman 5.2 and later: [2026-11-23T00:04:25+0000] [PACMAN] synchronizing package lists
_LOG = re.compile(r"log \[(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4})\] \[\w+\] synchronizing package lists")
# error: could not read db 'core' (...); error: database 'core' is not valid (...)
# error: could not open file /var/lib/pacman/sync/core.db: Permission denied
_FAULT = re.compile(
    r"error: (?:(?:could not read db|database) '(?P<name>[^']+)'"
    r"|could not open file \S*/sync/(?P<file>[^/ ]+)\.db:) (?P<why>.*)"
)
# Distributions whose repositories have names of Arch's, but other packages; all others of its kind use Arch's own.
_OWN_REPOSITORIES = ("manjaro-arm", "manjaro", "archarm", "artix", "parabola")


@dataclass(frozen=True, slots=True)
class Database:
    """The sync database of one repository. ``fault`` says why it is of no use, empty if it is."""

    name: str
    made_at: datetime | None = None
    fetched_at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Databases:
    """All of them in pacman's order. ``synced_at`` is when pacman last tried to refresh them, by its log."""

    databases: tuple[Database, ...]
    synced_at: datetime | None

    @property
    def made_at(self) -> datetime | None:
        """The date of the newest."""
        return max((d.made_at for d in self.databases if d.made_at and not d.fault), default=None)

    @property
    def fetched_at(self) -> datetime | None:
        """When they were last refreshed, as far as can be told."""
        known = [d.fetched_at for d in self.databases if d.fetched_at and not d.fault]
        return self.synced_at or max(known, default=None)

    def list_repositories(self, families: tuple[str, ...]) -> tuple[Repository, ...]:
        """The repositories by names that other machines have for them too: ``arch/core``."""
        owner = next((name for name in _OWN_REPOSITORIES if name in families), "arch")
        return tuple(
            Repository(f"{owner}/{d.name}", d.made_at, d.fetched_at, has_advisories=False, is_failing=bool(d.fault))
            for d in self.databases
        )


def parse_databases(section: Section, spoken: Iterable[Section]) -> Databases:
    """The databases in the probe's section, with what pacman said about them on standard error in ``spoken``.

    Raises:
        UnreadableOutput: a line is not what the probe prints.
    """
    said = [line for part in spoken for line in decode(part.stderr[:65536]).splitlines()]
    faults = {clean_name(m["name"] or m["file"]): m["why"] for line in said if (m := _FAULT.fullmatch(line))}
    databases: list[Database] = []
    synced_at = None
    for number, line in section.lines():
        if line.startswith("log "):
            synced_at = _parse_log(line)
        elif match := _LINE.fullmatch(line):
            databases.append(_database(match, faults))
        else:
            raise UnreadableOutput(section.name, number, clean(line))
    return Databases(tuple(databases), synced_at)


def judge(databases: Databases, now: datetime) -> tuple[Coverage, tuple[Finding, ...]]:
    """What they can say at ``now``: at best which updates there are, and never which of them are for security."""
    if not any(not database.fault for database in databases.databases):
        return Coverage.UNKNOWN, (_nothing(databases),)
    findings = (*_silent(databases), *_stale(databases, now))
    if findings:
        return Coverage.UNKNOWN, findings
    text = "pacman's repositories do not say which updates are for security."
    remedy = "Feeds of CVEs tell more: patchdeck feeds."
    return Coverage.UNCLASSIFIED, (Finding(FindingKind.CLASSIFICATION_UNKNOWN, Severity.INFO, text, remedy),)


def _nothing(databases: Databases) -> Finding:
    text = "There are no sync databases that can be read: nothing can be said of what is missing."
    if not databases.databases:
        text = "No repository is configured in pacman.conf: nothing can be said of what is missing."
        return Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, "Look at /etc/pacman.conf.")
    return Finding(FindingKind.LISTS_MISSING, Severity.ERROR, text, _REFRESH)


def _silent(databases: Databases) -> Iterator[Finding]:
    for database in databases.databases:
        if database.fault:
            text = f"The sync database of {database.name} is of no use: {database.fault}"
            yield Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, text, _REFRESH)


def _stale(databases: Databases, now: datetime) -> Iterator[Finding]:
    made_at, fetched_at = databases.made_at, databases.fetched_at
    if made_at is None or fetched_at is None:
        return
    if now - fetched_at > STALE_AFTER or now - made_at > OLD_AFTER:
        text = (
            f"The sync databases were last fetched {(now - fetched_at).days} days ago ({fetched_at:%Y-%m-%d}); "
            f"the newest was made {made_at:%Y-%m-%d}."
        )
        yield Finding(FindingKind.LISTS_STALE, Severity.WARNING, text, _REFRESH)


def _database(match: re.Match[str], faults: dict[str, str]) -> Database:
    name = clean_name(match["name"])
    if match["fault"]:
        why = "it was never fetched." if match["fault"] == "absent" else "it is empty, or this user may not read it."
        return Database(name, fault=why)
    return Database(name, _time(match["made"]), _time(match["fetched"]), clean(faults.get(name, ""), 300))


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parse_log(line: str) -> datetime | None:
    """The time of that line; None for the local times of older pacmans, which name no zone."""
    match = _LOG.fullmatch(line)
    try:
        return datetime.strptime(match["time"], "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC) if match else None
    except (ValueError, OverflowError):
        return None
