"""The machines as they live through the 90 days: what is installed, when they were booted, what they are offered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from fleet.answers import Coverage
from fleet.failures import FindingKind
from fleet.updates import Blocker, Classification, Update
from generator.conditions import block_of, made_at, notices_at
from generator.era import START, chance, identity
from generator.offers import Offer
from generator.packages import Source, installed_sources
from generator.releases import Release, is_offered_to, releases_of
from generator.roster import Member
from generator.systems import System

# Raspberry Pis install from an SD card.
SLOWNESS = {"raspberry": 9.0, "windows-2019": 1.7}


class Box(Protocol):
    """A machine with its state; times are given, never read."""

    member: Member
    booted_at: datetime
    boot_id: str
    reboot_reasons: list[str]
    applied: list[datetime]

    def offers(self, now: datetime) -> list[Offer]:
        """What its package manager offers at ``now``, in its order."""
        ...

    def installed(self) -> Mapping[tuple[str, str], str]:
        """The installed version of everything, by (name, architecture)."""
        ...

    def install(self, offer: Offer, at: datetime) -> None:
        """Have ``offer`` installed at ``at``."""
        ...

    def reboot(self, at: datetime) -> None:
        """Boot it at ``at``."""
        ...

    @property
    def kernel(self) -> str:
        """The running kernel."""
        ...


class Boots:
    """The part of a machine's state that a boot resets."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.applied: list[datetime] = []
        self.reboot_reasons: list[str] = []
        self.booted_at = START - timedelta(days=3 + chance("boot", member.name).random() * 20)
        self.boot_id = identity("boot", member.name, self.booted_at)

    def note_boot(self, at: datetime) -> None:
        """Keep that it was booted at ``at``."""
        self.booted_at = at
        self.boot_id = identity("boot", self.member.name, at)
        self.reboot_reasons = []

    def note_applied(self, offer: Offer, at: datetime) -> None:
        """Keep that ``offer`` was installed at ``at``."""
        self.applied.append(at)
        if offer.needs_reboot and offer.stream not in self.reboot_reasons:
            self.reboot_reasons.append(offer.stream)


class LinuxBox(Boots):
    """A Linux machine."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self._sources = installed_sources(member.system.key, member.role)
        self._releases = releases_of(member.system.key)
        patched_at = START - timedelta(days=chance("patched", member.name).random() * 13)
        self._numbers = {
            binary: sum(release.published_at <= patched_at for release in self._releases[source.name])
            for source in self._sources
            for binary, _ in source.binaries
        }
        self._kernel_number = self._kernel_installed()

    @property
    def kernel(self) -> str:
        """The running kernel."""
        return self._kernel_release(self._kernel_number)

    @property
    def kernel_number(self) -> int:
        """The number of the release of the kernel that runs."""
        return self._kernel_number

    @property
    def installed_kernel(self) -> str:
        """The newest kernel that is installed, which the next boot takes."""
        return self._kernel_release(self._kernel_installed())

    def offers(self, now: datetime) -> list[Offer]:
        """See `Box.offers`: in the order of names, as apt prints them."""
        notices = notices_at(self.member, now)
        if any(notice.coverage is Coverage.UNKNOWN for notice in notices):
            return []
        has_security = all(n.kind is not FindingKind.SECURITY_REPOSITORY_MISSING for n in notices)
        offers = (self._offers_of(source, now, has_security=has_security) for source in self._sources)
        known = [offer for of_source in offers for offer in of_source]
        return sorted(known, key=lambda offer: offer.update.name)

    def installed(self) -> Mapping[tuple[str, str], str]:
        """See `Box.installed`."""
        architecture = self.member.system.architecture
        return {
            (binary, architecture): source.version_at(self._numbers[binary])
            for source in self._sources
            for binary, _ in source.binaries
        }

    def install(self, offer: Offer, at: datetime) -> None:
        """See `Box.install`."""
        self._numbers[offer.stream] = offer.number
        self.note_applied(offer, at)

    def reboot(self, at: datetime) -> None:
        """See `Box.reboot`."""
        self.note_boot(at)
        self._kernel_number = self._kernel_installed()

    def sources(self) -> tuple[Source, ...]:
        """The sources that are installed on it."""
        return self._sources

    def number_of(self, binary: str) -> int:
        """The number of the installed release of ``binary``."""
        return self._numbers[binary]

    def newer(self, source: Source, now: datetime, binary: str) -> list[Release]:
        """The releases of ``source`` above what is installed of ``binary``, as far as its lists know, oldest first."""
        return [release for release in self._published(source, now) if release.number > self._numbers[binary]]

    def _kernel_source(self) -> Source | None:
        return next((source for source in self._sources if source.new_package or source.kernel), None)

    def _kernel_release(self, number: int) -> str:
        source = self._kernel_source()
        return source.kernel_at(number) if source else self.member.system.kernel

    def _kernel_installed(self) -> int:
        source = self._kernel_source()
        return self._numbers[source.binaries[0][0]] if source else 0

    def _published(self, source: Source, now: datetime) -> list[Release]:
        return [
            release
            for release in self._releases[source.name]
            if release.published_at <= made_at(self.member, release.repository, now)
        ]

    def _offers_of(self, source: Source, now: datetime, *, has_security: bool) -> list[Offer]:
        published = [r for r in self._published(source, now) if has_security or not r.is_security]
        return [
            self._offer(source, binary, kilobytes, newer, now, has_security=has_security)
            for binary, kilobytes in source.binaries
            if (newer := [release for release in published if release.number > self._numbers[binary]])
        ]

    def _offer(
        self, source: Source, binary: str, kilobytes: int, newer: list[Release], now: datetime, *, has_security: bool
    ) -> Offer:
        candidate = newer[-1]
        blocker, detail = self._blocker(source, binary, candidate, now)
        classification, classified_by = _classify(self.member.system, newer, has_security=has_security)
        update = Update(
            name=binary,
            architecture=self.member.system.architecture,
            installed_version=source.version_at(self._numbers[binary]),
            offered_version=candidate.version,
            classification=classification,
            classification_source=classified_by,
            repository=candidate.repository,
            blocker=blocker,
            blocker_detail=detail,
            size_bytes=None if blocker is Blocker.NEEDS_SUBSCRIPTION else kilobytes * 1000 + candidate.number * 96,
        )
        seconds = (4 + kilobytes / 900) * SLOWNESS.get(self.member.system.key, 1.0)
        return Offer(update, binary, candidate.number, candidate.published_at, source.needs_reboot, seconds)

    def _blocker(self, source: Source, binary: str, candidate: Release, now: datetime) -> tuple[Blocker | None, str]:
        block = block_of(self.member, binary)
        if block is not None:
            return block.blocker, block.detail
        if candidate.needs_subscription:
            return Blocker.NEEDS_SUBSCRIPTION, f"needs Ubuntu Pro with {candidate.repository} enabled"
        if any(notice.kind is FindingKind.SUBSCRIPTION_NEEDED for notice in notices_at(self.member, now)):
            return Blocker.NEEDS_SUBSCRIPTION, "the subscription has ended"
        if not is_offered_to(candidate, self.member.name, now):
            return Blocker.PHASED, f"phased to {candidate.phased_percent(now)} % of machines"
        if source.new_package:
            new_package = source.new_package_at(candidate.number)
            return Blocker.NEEDS_NEW_PACKAGES, f"only with new packages; apt-get dist-upgrade installs {new_package}"
        return None, ""


def _classify(system: System, newer: list[Release], *, has_security: bool) -> tuple[Classification, str]:
    """The class of an update and what it rests on; ``newer`` are the releases that it brings, oldest first."""
    candidate, origin = newer[-1], system.security
    security = [release for release in newer if release.is_security]
    if not system.advisories:
        return Classification.UNCLASSIFIED, ""
    if not system.has_apt:
        return (Classification.SECURITY if security else Classification.OTHERS), ""
    if candidate.needs_subscription:
        return Classification.SECURITY, "offered by Ubuntu Pro, whose updates are all for security"
    if candidate.is_security:
        return Classification.SECURITY, f"origin {origin}"
    if security:
        version = security[-1].version
        return Classification.SECURITY, f"a newer version than the installed one, {version}, is in {origin}"
    if not has_security:
        return Classification.UNCLASSIFIED, "no security repository could be read"
    return Classification.OTHERS, "no security repository has a newer version than the installed one"
