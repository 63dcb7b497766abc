"""What the package managers of rpm systems are offered, with the advisories of it, for those that print it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from generator.boxes import LinuxBox
from generator.conditions import lists_at, made_at
from generator.offers import Offer
from generator.packages import Source
from generator.releases import Release
from generator.vulnerabilities import worst_of

_SEVERITIES = {"low": "Low", "medium": "Moderate", "high": "Important", "critical": "Critical"}


@dataclass(frozen=True, slots=True)
class RpmOffer:
    """An offered package with the releases that it brings, oldest first."""

    offer: Offer
    source: Source
    releases: tuple[Release, ...]

    @property
    def name(self) -> str:
        """The package's name."""
        return self.offer.update.name

    @property
    def version(self) -> str:
        """The offered version."""
        return self.offer.update.offered_version

    @property
    def repository(self) -> str:
        """The repository that has it."""
        return self.releases[-1].repository

    @property
    def source_rpm(self) -> str:
        """The source package as rpm names it."""
        return source_rpm(self.source, self.version)


@dataclass(frozen=True, slots=True)
class RpmState:
    """An rpm machine at one time."""

    box: LinuxBox
    at: datetime
    offers: tuple[RpmOffer, ...]

    @property
    def repositories(self) -> tuple[str, ...]:
        """Its repositories."""
        system = self.box.member.system
        return tuple(dict.fromkeys((system.main, system.updates)))

    def dates(self, repository: str) -> tuple[int, int]:
        """When the metadata that it has of ``repository`` were made, and when it fetched them, in seconds."""
        made = made_at(self.box.member, repository, self.at)
        return int(made.timestamp()), int(lists_at(self.box.member, self.at).timestamp())

    def inventory(self, *, with_epoch: bool) -> Iterator[str]:
        """``rpm -qa``; a kernel that runs on beside a newer one is there too. ``with_epoch``: 0 is said as well."""
        architecture = self.box.member.system.architecture
        for source in self.box.sources():
            for binary, _ in source.binaries:
                version = source.version_at(self.box.number_of(binary))
                versions = dict.fromkeys((version, _running(self.box, source) or version))
                for each in versions:
                    evr = f"0:{each}" if with_epoch and ":" not in each else each
                    yield f"{binary}\t{evr}\t{architecture}\t{source_rpm(source, each)}"

    def advisories(self) -> Iterator[tuple[Release, list[RpmOffer]]]:
        """Each release with an advisory that some offer brings, and those offers; oldest first."""
        releases = {release.advisory: release for each in self.offers for release in each.releases if release.advisory}
        for release in sorted(releases.values(), key=lambda release: release.published_at):
            yield release, [each for each in self.offers if release in each.releases]


def rpm_state(box: LinuxBox, at: datetime) -> RpmState:
    """The machine as it is at ``at``."""
    by_binary = {binary: source for source in box.sources() for binary, _ in source.binaries}
    offers = []
    for offer in box.offers(at):
        source = by_binary[offer.update.name]
        offers.append(RpmOffer(offer, source, tuple(box.newer(source, at, offer.update.name))))
    return RpmState(box, at, tuple(offers))


def source_rpm(source: Source, version: str) -> str:
    """The source package of ``version`` as rpm names it, without epoch."""
    return f"{source.name}-{version.rpartition(':')[2]}.src.rpm"


def severity_of(release: Release) -> str:
    """The vendor's word for how bad it is; None where it mends nothing."""
    return _SEVERITIES[worst_of(release.cve_numbers)] if release.is_security else "None"


def _running(box: LinuxBox, source: Source) -> str:
    """The version of the kernel that runs, where ``source`` is the kernel."""
    if not source.kernel:
        return ""
    return source.version_at(box.kernel_number)
