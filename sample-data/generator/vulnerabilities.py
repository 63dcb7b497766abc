"""Vulnerabilities of the sample: those that many systems mend at the same time, and how bad each is. All invented."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from generator.era import chance


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One that is mended in ``sources`` from ``disclosed_at`` on; ``exploited_at`` is when that became known."""

    cve: str
    title: str
    severity: str
    score: float
    disclosed_at: datetime
    sources: frozenset[str]
    exploited_at: datetime | None = None

    def mended_at(self, system_key: str) -> datetime:
        """When the system publishes its fix: hours after it became known."""
        return self.disclosed_at + timedelta(minutes=chance("mended", system_key, self.cve).randrange(20, 9 * 60))


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


SHARED = (
    Vulnerability(
        "CVE-2026-990112",
        "XML: reading of a crafted document writes beyond a buffer",
        "medium",
        5.9,
        _at(9, 22, 10),
        _named("libxml2"),
    ),
    Vulnerability(
        "CVE-2026-990207",
        "PostgreSQL: a crafted statement runs code as the server's user",
        "high",
        8.8,
        _at(10, 20, 9),
        _named("postgresql-15 postgresql-12 postgresql16"),
        _at(11, 6, 12),
    ),
    Vulnerability(
        "CVE-2026-990254",
        "nginx: a crafted request discloses memory of the worker",
        "high",
        7.5,
        _at(11, 4, 8),
        _named("nginx"),
        _at(11, 13, 12),
    ),
    Vulnerability(
        "CVE-2026-990281",
        "sudo: a local user gains root by the host option",
        "high",
        7.8,
        _at(11, 9, 12),
        _named("sudo"),
        _at(11, 12, 12),
    ),
    Vulnerability(
        "CVE-2026-990306",
        "OpenSSL: a crafted certificate runs code in clients and servers",
        "critical",
        9.8,
        _at(11, 17, 13),
        _named("openssl openssl-3"),
        _at(11, 18, 12),
    ),
    Vulnerability(
        "CVE-2026-990311",
        "Linux: a race in nf_tables lets a local user gain root",
        "high",
        7.8,
        _at(11, 19, 15),
        _named("kernel kernel-default linux linux-lts linux-meta"),
        _at(11, 20, 8),
    ),
)
_BY_CVE = {each.cve: each for each in SHARED}
_SEVERITIES = ("low", "medium", "medium", "medium", "high", "high", "high", "critical")
_RANKS = ("low", "medium", "high", "critical")
_SCORES = {"low": (2.1, 3.9), "medium": (4.0, 6.9), "high": (7.0, 8.9), "critical": (9.0, 9.9)}
# How old one that nobody else shares is when its fix is published.
_DAYS_UNTIL_FIX = 12


def shared_of(source: str) -> tuple[Vulnerability, ...]:
    """Those that are mended in the source package ``source``, oldest first."""
    return tuple(each for each in SHARED if source in each.sources)


def describe(cve: str, source: str, fixed_at: datetime) -> Vulnerability:
    """All that is known of ``cve``, which ``source`` was first rid of at ``fixed_at``."""
    if cve in _BY_CVE:
        return _BY_CVE[cve]
    random = chance("cve", cve)
    severity = random.choice(_SEVERITIES)
    score = round(random.uniform(*_SCORES[severity]), 1)
    kind = random.choice(
        ("a buffer is read beyond its end", "input is not checked", "memory is used after it was freed")
    )
    disclosed_at = (fixed_at - timedelta(days=random.randrange(1, _DAYS_UNTIL_FIX))).replace(minute=0)
    return Vulnerability(cve, f"{source}: {kind}", severity, score, disclosed_at, frozenset({source}))


def worst_of(cves: tuple[str, ...]) -> str:
    """The gravest severity of ``cves``; "medium" of none."""
    severities = [describe(cve, "", datetime(2026, 11, 1, tzinfo=UTC)).severity for cve in cves]
    return max(severities, key=_RANKS.index, default="medium")
