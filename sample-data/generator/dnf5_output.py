"""What dnf5 and rpm would print on a machine of the sample fleet, as the probe of `collectors` asks for it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from generator.boxes import LinuxBox
from generator.dnf_output import settings
from generator.releases import Release
from generator.rpm_offers import RpmOffer, RpmState, rpm_state, severity_of
from generator.section_text import Section

_HEADING = "Name                   Type        Severity                     Package              Issued"
# check-update exits so where there are updates.
_HAS_UPDATES = 100
_HASH = "0123456789abcdef"


def dnf5_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    state = rpm_state(box, at)
    system = box.member.system
    names = [f"{name:<24}{system.os_name} {system.os_version} - {name}" for name in state.repositories]
    yield Section("dnf-tool", ["tool=dnf5"])
    yield Section("dnf-installed", [*state.inventory(with_epoch=True)])
    yield Section("dnf-release", [system.os_version])
    yield Section("dnf-enabled", ["repo id                 repo name", *names])
    yield Section("dnf-metadata", [_metadata(state, name) for name in state.repositories])
    yield Section("dnf-candidates", [_candidate(each, system.architecture) for each in state.offers])
    offered = [f"{f'{e.name}.{system.architecture}':<42}{e.version:<20}{e.repository}" for e in state.offers]
    yield Section("dnf-offered", ["Upgrades", *offered] if offered else [], _HAS_UPDATES if offered else 0)
    yield Section("dnf-advisories", [_HEADING, *_rows(state, lambda release: [release.advisory])])
    yield Section("dnf-cves", [_HEADING, *_rows(state, lambda release: list(release.cve_numbers))])
    yield _reboot(box)
    yield Section("dnf-settings", [*settings(state)])
    yield Section("dnf-locks")
    yield Section("dnf-notices")


def _metadata(state: RpmState, name: str) -> str:
    made, fetched = state.dates(name)
    return f"repo\t/var/cache/libdnf5/{name}-{_HASH}\t{made}\t{fetched}\tyes"


def _candidate(each: RpmOffer, architecture: str) -> str:
    evr = each.version if ":" in each.version else f"0:{each.version}"
    return (
        f"pkg\t{each.name}\t{evr}\t{architecture}\t{each.repository}\t{each.offer.update.size_bytes}\t{each.source_rpm}"
    )


def _rows(state: RpmState, names_of: Callable[[Release], list[str]]) -> Iterator[str]:
    architecture = state.box.member.system.architecture
    for release, offers in state.advisories():
        kind = "security" if release.is_security else "bugfix"
        for name in names_of(release):
            for each in offers:
                package = f"{each.name}-{release.version}.{architecture}"
                issued = f"{release.published_at:%Y-%m-%d %H:%M:%S}"
                yield f"{name:<22} {kind:<11} {severity_of(release):<9} {package:>40} {issued}"


def _reboot(box: LinuxBox) -> Section:
    if not box.reboot_reasons:
        said = ["No core libraries or services have been updated since boot-up.", "Reboot should not be necessary."]
        return Section("dnf-reboot", said)
    names = [f"  * {name}" for name in box.reboot_reasons]
    said = [
        "Core libraries or services have been updated since boot-up:",
        *names,
        "",
        "Reboot is required to fully utilize these updates.",
    ]
    return Section("dnf-reboot", said, 1)
