"""The versions of Linux packages that appeared in the 90 days: when, for security or not, and from where."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from generator.era import NOW, RELEASES_FROM, chance, fraction
from generator.packages import Source, sources
from generator.systems import SYSTEMS, System
from generator.vulnerabilities import shared_of

# Debian 11 left long-term support on 31 August 2026; nothing came for it after that.
_LAST_RELEASE = {"debian-11": datetime(2026, 8, 31, 18, 0, tzinfo=UTC)}
_FIRST_ADVISORY = {"debian": 4700, "ubuntu": 8200, "amzn": 1100, "sles": 3100, "opensuse-leap": 3100}
_FIRST_ERRATUM = 13800
# More than any system has sources, so that each release has a number of its own.
_ADVISORIES_A_DAY = 30
# Ubuntu lets a phased update reach a tenth of the machines at first and one more each day or so.
_PHASE_STEP = timedelta(hours=16)


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a source: ``number`` releases after the first. ``cve_numbers`` and ``advisory`` are invented."""

    source: Source
    number: int
    published_at: datetime
    is_security: bool
    repository: str
    advisory: str = ""
    cve_numbers: tuple[str, ...] = ()
    is_phased: bool = False

    @property
    def needs_subscription(self) -> bool:
        """Whether only machines with Ubuntu Pro may install it."""
        return self.repository.startswith("esm-")

    @property
    def version(self) -> str:
        """The version of its binaries."""
        return self.source.version_at(self.number)

    def phased_percent(self, now: datetime) -> int:
        """How many percent of the machines are offered it at ``now``; 100 where it is not phased."""
        if not self.is_phased:
            return 100
        return min(100, 10 + 10 * max(0, (now - self.published_at) // _PHASE_STEP))


@cache
def releases_of(system_key: str) -> dict[str, tuple[Release, ...]]:
    """The releases of each source of a system, by source name, oldest first."""
    system = SYSTEMS[system_key]
    shared = releases_of(system.base) if system.base else {}
    return {
        source.name: shared[source.name] if source.name in shared else tuple(_releases(system, source))
        for source in sources(system_key)
    }


def _releases(system: System, source: Source) -> list[Release]:
    random = chance("releases", system.key, source.name)
    span_days = (NOW - RELEASES_FROM) / timedelta(days=1)
    expected = source.per_quarter * span_days / 90
    count = math.floor(expected) + (random.random() < expected % 1)
    times = sorted(
        _working_hour(RELEASES_FROM + timedelta(days=random.uniform(0, span_days - 0.6)), random.random())
        for _ in range(count)
    )
    planned: list[tuple[datetime, str | None]] = [
        (at, "" if random.random() < source.security_share else None) for at in times
    ]
    planned += [(each.mended_at(system.key), each.cve) for each in shared_of(source.name)]
    last = _LAST_RELEASE.get(system.key, NOW)
    published = sorted(((at, cve) for at, cve in planned if at < last), key=lambda pair: pair[0])
    return [_release(system, source, number, at, cve) for number, (at, cve) in enumerate(published, start=1)]


def _working_hour(at: datetime, share_of_day: float) -> datetime:
    weekday = at - timedelta(days=max(0, at.weekday() - 4))
    return weekday.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        minutes=int(7 * 60 + share_of_day * 660)
    )


def _release(system: System, source: Source, number: int, at: datetime, cve: str | None) -> Release:
    """``cve`` is None for a release that mends none, "" for one that mends some that no other system shares."""
    family = system.os_id
    random = chance("release", family, source.name, number, at.date())
    own = [f"CVE-2026-{900000 + random.randrange(90000)}" for _ in range(random.choice((1, 1, 2, 3)))]
    cves = () if cve is None else tuple(sorted({cve, *own[1:]} if cve else set(own)))
    return Release(
        source=source,
        number=number,
        published_at=at,
        is_security=cve is not None,
        repository=_repository(system, source, is_security=cve is not None),
        advisory=_advisory(system, source, at, random, is_security=cve is not None),
        cve_numbers=cves,
        is_phased=family == "ubuntu" and cve is None and not source.is_third_party and not system.esm,
    )


def _advisory(system: System, source: Source, at: datetime, random: Random, *, is_security: bool) -> str:
    if not system.advisories or not (is_security or len(system.advisories) > 1):
        return ""
    pattern = system.advisories[0 if is_security else 1]
    if "x" in pattern.partition("{")[2]:
        return pattern.format(random.randrange(16**10))
    place = [each.name for each in sources(system.key)].index(source.name)
    first = _FIRST_ADVISORY.get(system.os_id, _FIRST_ERRATUM)
    return pattern.format(first + (at - RELEASES_FROM).days * _ADVISORIES_A_DAY + place)


def _repository(system: System, source: Source, *, is_security: bool) -> str:
    if source.is_third_party:
        return THIRD_PARTIES[source.name]
    if not system.has_apt:
        return system.updates if source.is_extra else system.main
    if not is_security:
        return system.updates if system.os_id == "ubuntu" or source.name == "tzdata" else system.main
    if system.esm:
        return system.esm
    return f"{system.updates}, {system.security}" if system.os_id == "ubuntu" else system.security


def is_offered_to(release: Release, machine_name: str, now: datetime) -> bool:
    """Whether phasing lets ``machine_name`` have the release at ``now``."""
    return fraction("phase", machine_name, release.source.name, release.number) * 100 < release.phased_percent(now)


THIRD_PARTIES = {
    "grafana": "Grafana Labs:stable",
    "docker-ce": "Docker CE:noble",
    "gitlab-ce": "GitLab B.V.:jammy",
    "raspi-firmware": "Raspberry Pi Foundation:stable",
    "linux-rpi": "Raspberry Pi Foundation:stable",
    "rpi-eeprom": "Raspberry Pi Foundation:stable",
    "chromium": "Raspberry Pi Foundation:stable",
}
