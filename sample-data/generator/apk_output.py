"""What apk would print on a machine of the sample fleet, as the probe of `collectors` asks for it."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from generator.boxes import LinuxBox
from generator.conditions import lists_at, made_at
from generator.section_text import Section

_MIRROR = "https://dl-cdn.alpinelinux.org/alpine/v3.21"


def apk_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    system = box.member.system
    sources = {binary: source.name for source in box.sources() for binary, _ in source.binaries}
    installed = sorted(box.installed().items())
    updates = [offer.update for offer in box.offers(at)]
    repositories = (system.main, system.updates)
    yield Section("apk-installed", [f"{n}-{v} {arch} {{{sources[n]}}} (MIT) [installed]" for (n, arch), v in installed])
    lines = [
        f"{u.name}-{u.offered_version} {u.architecture} {{{sources[u.name]}}} (MIT) "
        f"[upgradable from: {u.name}-{u.installed_version}]"
        for u in updates
    ]
    yield Section("apk-updates", lines)
    places = [(u.name, u.offered_version, u.installed_version, u.repository) for u in updates]
    yield Section("apk-policy", [line for place in places for line in _policy(*place)])
    yield Section("apk-repositories", [f"{_MIRROR}/{name}" for name in repositories])
    yield Section("apk-indexes", [_index(box, name, at) for name in repositories])
    pinned = [f"{u.name}={u.installed_version}" for u in updates if not u.is_installable]
    yield Section("apk-world", ["alpine-base", *pinned])
    modules = "there" if box.kernel == box.installed_kernel else "gone"
    yield Section("apk-kernel", [f"modules={modules}", f"kernel={box.installed_kernel}", f"running={box.kernel}"])


def _policy(name: str, offered: str, installed: str, repository: str) -> list[str]:
    return [
        f"{name} policy:",
        f"  {offered}:",
        f"    {_MIRROR}/{repository}",
        f"  {installed}:",
        "    lib/apk/db/installed",
    ]


def _index(box: LinuxBox, name: str, at: datetime) -> str:
    digest = hashlib.sha1(f"{_MIRROR}/{name}".encode(), usedforsecurity=False).hexdigest()[:8]
    made, fetched = made_at(box.member, name, at), lists_at(box.member, at)
    return f"APKINDEX.{digest}.tar.gz {int(made.timestamp())} {int(fetched.timestamp())}"
