"""The versions of Linux packages that appeared in the 90 days: when, for security or not, and from where."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from generator.era import NOW, RELEASES_FROM, chance, fraction
from generator.packages import Source, sources
from generator.systems import SYSTEMS, System

# Debian 11 left long-term support on 31 August 2026; nothing came for it after that.
_LAST_RELEASE = {"debian-11": datetime(2026, 8, 31, 18, 0, tzinfo=UTC)}
_ADVISORY = {"debian": "DLA-{}-1", "ubuntu": "USN-{}-1"}
_FIRST_ADVISORY = {"debian": 4700, "ubuntu": 8200}
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
    return {source.name: tuple(_releases(system, source)) for source in sources(system_key)}


def _releases(system: System, source: Source) -> list[Release]:
    random = chance("releases", system.key, source.name)
    span_days = (NOW - RELEASES_FROM) / timedelta(days=1)
    expected = source.per_quarter * span_days / 90
    count = math.floor(expected) + (random.random() < expected % 1)
    times = sorted(
        _working_hour(RELEASES_FROM + timedelta(days=random.uniform(0, span_days - 0.6)), random.random())
        for _ in range(count)
    )
    last = _LAST_RELEASE.get(system.key, NOW)
    return [
        _release(system, source, number, at, is_security=random.random() < source.security_share)
        for number, at in enumerate((at for at in times if at < last), start=1)
    ]


def _working_hour(at: datetime, share_of_day: float) -> datetime:
    weekday = at - timedelta(days=max(0, at.weekday() - 4))
    return weekday.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        minutes=int(7 * 60 + share_of_day * 660)
    )


def _release(system: System, source: Source, number: int, at: datetime, *, is_security: bool) -> Release:
    family = system.os_id
    random = chance("release", family, source.name, number, at.date())
    cves = tuple(f"CVE-2026-{900000 + random.randrange(90000)}" for _ in range(random.choice((1, 1, 2, 3))))
    advisory_number = _FIRST_ADVISORY[family] + (at - RELEASES_FROM).days * 3 + random.randrange(3)
    return Release(
        source=source,
        number=number,
        published_at=at,
        is_security=is_security,
        repository=_repository(system, source, is_security=is_security),
        advisory=_ADVISORY[family].format(advisory_number) if is_security else "",
        cve_numbers=tuple(sorted(cves)) if is_security else (),
        is_phased=family == "ubuntu" and not is_security and not source.is_third_party and not system.esm,
    )


def _repository(system: System, source: Source, *, is_security: bool) -> str:
    if source.is_third_party:
        return THIRD_PARTIES[source.name]
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
