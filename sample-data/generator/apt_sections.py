"""The sections of an answer that apt and dpkg give on a machine of the sample fleet."""

from collections.abc import Iterator
from datetime import datetime

from fleet.failures import FindingKind
from generator.apt_output import AptOutput
from generator.boxes import LinuxBox
from generator.conditions import SELF_UPDATING, notices_at
from generator.section_text import Section

_UNFINISHED = "partial download.docker.example_linux_ubuntu_dists_noble_InRelease"
_LOCK = "48213|fe:00|65024|/var/lib/dpkg/lock-frontend|unattended-upgr"


def apt_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    troubles = {notice.kind for notice in notices_at(box.member, at)}
    apt = AptOutput(box, at)
    lacks_security = FindingKind.SECURITY_REPOSITORY_MISSING in troubles
    without = frozenset({box.member.system.security}) if lacks_security else frozenset()
    unfinished = [_UNFINISHED] if FindingKind.REPOSITORY_FAILING in troubles else []
    has_lists = FindingKind.LISTS_MISSING not in troubles
    yield Section("apt-config", _config(box))
    yield Section("dpkg-query", apt.inventory())
    yield Section("dpkg-updates")
    for name, lines in apt.plans():
        yield Section(name, lines)
    yield Section("apt-archives")
    yield Section("apt-policy", apt.policies())
    yield Section("apt-targets", apt.targets(without=without))
    yield Section("apt-lists", [*apt.lists(without=without), *unfinished] if has_lists else [])
    yield Section("apt-locks", [_LOCK] if FindingKind.PACKAGE_MANAGER_LOCKED in troubles else [])
    subscription = apt.subscription_policies()
    if subscription is not None:
        yield Section("apt-esm", subscription)


def _config(box: LinuxBox) -> list[str]:
    by_itself = box.member.name in SELF_UPDATING
    return [
        f"architecture={box.member.system.architecture}",
        "lists=/var/lib/apt/lists/",
        "archives=/var/cache/apt/archives/",
        "admin=/var/lib/dpkg",
        "periodic_enable=",
        f"periodic_upgrade={int(by_itself)}",
        f"periodic_update={int(by_itself)}",
        *(["unattended_upgrade=present"] if by_itself else []),
    ]
