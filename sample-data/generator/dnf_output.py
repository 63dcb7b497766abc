"""What dnf 4 would print on a machine of the sample fleet, as the probe of `collectors` asks its Python for it."""

from collections.abc import Iterator
from datetime import datetime

from fleet.updates import Blocker
from generator.boxes import LinuxBox
from generator.rpm_offers import RpmOffer, RpmState, rpm_state, severity_of
from generator.section_text import Section

_PAGES = {
    "rocky": "https://errata.rockylinux.example/{}",
    "almalinux": "https://errata.almalinux.example/9/{}.html",
    "rhel": "https://access.redhat.example/errata/{}",
    "amzn": "https://alas.aws.example/AL2023/{}.html",
}
_HIDDEN = {Blocker.EXCLUDED, Blocker.VERSION_LOCKED}


def dnf_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    state = rpm_state(box, at)
    yield Section("dnf-tool", ["tool=dnf"])
    yield Section("dnf-installed", [*state.inventory(with_epoch=True)])
    yield Section("dnf-answer", [*_answer(state)])
    yield Section("dnf-settings", [*settings(state)])
    yield Section("dnf-locks")
    yield Section("dnf-notices")


def settings(state: RpmState) -> Iterator[str]:
    """What the machine's own configuration keeps away, and signs of a subscription."""
    for each in state.offers:
        update = each.offer.update
        if update.blocker is Blocker.VERSION_LOCKED:
            lock = f"{each.name}-{update.installed_version}.*"
            yield f"lock\t/etc/dnf/plugins/versionlock.list\t{lock}"
    excludes = {e.offer.update.blocker_detail for e in state.offers if e.offer.update.blocker is Blocker.EXCLUDED}
    yield from (f"exclude\t/etc/dnf/dnf.conf\tmain\t{patterns}" for patterns in sorted(excludes))
    if state.box.member.system.os_id == "rhel":
        yield "subscription-manager\tpresent"
        if not any(each.offer.update.blocker is Blocker.NEEDS_SUBSCRIPTION for each in state.offers):
            yield "consumer\t/etc/pki/consumer/cert.pem"


def _answer(state: RpmState) -> Iterator[str]:
    system = state.box.member.system
    yield f"releasever\t{system.os_version.partition('.')[0]}"
    yield from (f"enabled\t{name}\t{system.os_name} {name}" for name in state.repositories)
    for name in state.repositories:
        made, fetched = state.dates(name)
        yield f"repo\t{name}\t{made}\t{fetched}\tyes"
    visible = [each for each in state.offers if each.offer.update.blocker not in _HIDDEN]
    yield from (_package("pkg", each, system.architecture) for each in state.offers)
    yield from (_package("vis", each, system.architecture) for each in visible)
    yield f"reboot\t{' '.join(state.box.reboot_reasons)}"
    yield from _advisories(state)
    for each in visible:
        action = "Install" if each.source.kernel else "Upgrade"
        yield f"plan\t{action}\t{each.name}\t{each.version}\t{system.architecture}\t{each.repository}"
    yield "solved"
    yield "end"


def _package(kind: str, each: RpmOffer, architecture: str) -> str:
    size = each.offer.update.size_bytes
    return f"{kind}\t{each.name}\t{each.version}\t{architecture}\t{each.repository}\t{size}\t{each.source_rpm}"


def _advisories(state: RpmState) -> Iterator[str]:
    system = state.box.member.system
    for release, offers in state.advisories():
        kind = "security" if release.is_security else "bugfix"
        date, page = f"{release.published_at:%Y-%m-%d %H:%M:%S}", _PAGES[system.os_id].format(release.advisory)
        cves = " ".join(release.cve_numbers)
        yield f"adv\t{release.advisory}\t{kind}\t{severity_of(release)}\t{date}\t{page}\t{cves}"
        for each in offers:
            yield f"fix\t{release.advisory}\t{each.name}\t{release.version}\t{system.architecture}"
