"""What pacman would print on a machine of the sample fleet, as the probe of `collectors` asks for it."""

from collections.abc import Iterator
from datetime import datetime

from fleet.updates import Update
from generator.boxes import LinuxBox
from generator.conditions import lists_at, made_at
from generator.section_text import Section

# pacman -Qu and -Qm end so where there is nothing.
_NOTHING = 1


def pacman_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    system = box.member.system
    updates = [offer.update for offer in box.offers(at)]
    ignored = [update for update in updates if not update.is_installable]
    repositories = (system.main, system.updates)
    sources = {binary: source.name for source in box.sources() for binary, _ in source.binaries}
    yield Section(
        "pacman-config", ["home=/var/lib/pacman", *_ignored(ignored), *(f"repository={r}" for r in repositories)]
    )
    packages = [
        f"package\t{name}\t{version}\t{arch}\t{sources[name]}\t"
        for (name, arch), version in sorted(box.installed().items())
    ]
    yield Section("pacman-installed", packages)
    yield Section("pacman-updates", [_line(update) for update in updates], 0 if updates else _NOTHING)
    available = [f"{u.repository} {u.name} {u.offered_version} [installed: {u.installed_version}]" for u in updates]
    yield Section("pacman-available", available)
    plan = [f"{u.repository}|{u.name}|{u.offered_version}|{u.size_bytes}" for u in updates if u not in ignored]
    yield Section("pacman-plan", plan)
    yield Section("pacman-foreign", [], _NOTHING)
    dates = [
        f"{name} {_seconds(made_at(box.member, name, at))} {_seconds(lists_at(box.member, at))}"
        for name in repositories
    ]
    yield Section("pacman-databases", dates)
    yield Section("pacman-lock")
    modules = "there" if box.kernel == box.installed_kernel else "gone"
    yield Section("pacman-kernel", [f"modules={modules}", f"kernel={box.installed_kernel}", f"running={box.kernel}"])


def _ignored(updates: list[Update]) -> list[str]:
    return [f"IgnorePkg = {update.name}" for update in updates]


def _line(update: Update) -> str:
    note = "" if update.is_installable else " [ignored]"
    return f"{update.name} {update.installed_version} -> {update.offered_version}{note}"


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
