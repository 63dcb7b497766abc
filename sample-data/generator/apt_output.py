"""What apt and dpkg would print on a machine of the sample fleet, as the probe of `collectors` asks for it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from fleet.updates import Blocker, Update
from generator.boxes import LinuxBox
from generator.conditions import lists_at
from generator.releases import THIRD_PARTIES, Release, releases_of
from generator.repositories import RepositoryHead, repositories_of

_MAIN_MADE_AT = datetime(2026, 5, 16, 9, 41, 12, tzinfo=UTC)
_STATUS_SOURCE = "        100 /var/lib/dpkg/status"
_PLANS: dict[str, frozenset[Blocker | None]] = {
    "apt-plan": frozenset({None, Blocker.NEEDS_NEW_PACKAGES, Blocker.NEEDS_REMOVALS}),
    "apt-plan-upgrade": frozenset({None}),
    "apt-plan-new": frozenset({None, Blocker.NEEDS_NEW_PACKAGES}),
}
# Packages that dist-upgrade removes for others, by the package that asks for it.
_REMOVED_FOR = {"docker-ce": "docker-buildx-plugin"}


class AptOutput:
    """apt and dpkg of one machine at one time."""

    def __init__(self, box: LinuxBox, at: datetime) -> None:
        self._box = box
        self._updates = [offer.update for offer in box.offers(at)]
        self._ordinary = [update for update in self._updates if update.blocker is not Blocker.NEEDS_SUBSCRIPTION]
        self._lists_at = lists_at(box.member, at)
        names = [THIRD_PARTIES[source.name] for source in box.sources() if source.is_third_party]
        self._repositories = repositories_of(box.member.system, names)
        self._new = [new for update in self._with(Blocker.NEEDS_NEW_PACKAGES) if (new := _last_word(update))]
        self._removed = [_REMOVED_FOR[update.name] for update in self._with(Blocker.NEEDS_REMOVALS)]

    def inventory(self) -> list[str]:
        """`dpkg-query -W` with states."""
        held = {update.name for update in self._with(Blocker.HELD)}
        sources = {binary: source.name for source in self._box.sources() for binary, _ in source.binaries}
        rows = [(name, architecture, version) for (name, architecture), version in self._box.installed().items()]
        rows += [(name, self._architecture, "0.31.1-1") for name in self._removed]
        return [
            f"{'hi ' if name in held else 'ii '}\t{name}\t{arch}\t{version}\t{sources.get(name, name)} {version}"
            for name, arch, version in sorted(rows)
        ]

    def plans(self) -> Iterator[tuple[str, list[str]]]:
        """The plans that the probe asks for, by the names of their sections."""
        yield "apt-plan", self._plan("apt-plan")
        if self._new or self._removed:
            yield "apt-plan-upgrade", self._plan("apt-plan-upgrade")
        if self._new and self._removed:
            yield "apt-plan-new", self._plan("apt-plan-new")

    def policies(self) -> list[str]:
        """`apt-cache policy` of what has a newer version."""
        return [line for update in self._ordinary for line in self._policy(update)]

    def subscription_policies(self) -> list[str] | None:
        """The same from the lists of Ubuntu Pro, None where there are none."""
        service = self._box.member.system.esm
        if not service:
            return None
        suite = f"{self._box.member.system.security.partition('/')[2].removesuffix('-security')}-infra-security"
        index = f"https://esm.ubuntu.com/infra/ubuntu {suite}/main"
        waiting = self._with(Blocker.NEEDS_SUBSCRIPTION)
        return [line for update in waiting for line in self._stanza(update, [(update.offered_version, [index], "")])]

    def targets(self, *, without: frozenset[str] = frozenset()) -> list[str]:
        """`apt-get indextargets`; repositories in ``without`` are not configured."""
        arch = self._architecture
        key = f"main/binary-{arch}/Packages"
        file = key.replace("/", "_")
        return [
            f"/nonexistent/{repo.stem}{file}|{key}|{repo.suite}|main|{arch}|{repo.index} {arch} Packages"
            for repo in self._repositories
            if repo.name not in without
        ]

    def lists(self, *, without: frozenset[str] = frozenset()) -> list[str]:
        """The files in apt's folder of lists, with the heads of the Release files."""
        return [line for repo in self._repositories if repo.name not in without for line in self._list_files(repo)]

    @property
    def _architecture(self) -> str:
        return self._box.member.system.architecture

    def _with(self, blocker: Blocker) -> list[Update]:
        return [update for update in self._updates if update.blocker is blocker]

    def _plan(self, name: str) -> list[str]:
        upgraded = [update for update in self._ordinary if update.blocker in _PLANS[name]]
        phased = self._with(Blocker.PHASED)
        new = self._new if name != "apt-plan-upgrade" else []
        removed = self._removed if name == "apt-plan" else []
        kept = [update for update in self._ordinary if update not in upgraded and update not in phased]
        return [
            "Reading package lists...",
            "Building dependency tree...",
            "Reading state information...",
            "Calculating upgrade...",
            *_part("The following packages will be REMOVED:", (f"{name} (0.31.1-1)" for name in removed)),
            *_part("The following NEW packages will be installed:", (f"{name} (1.0)" for name in new)),
            *_part("The following upgrades have been deferred due to phasing:", map(_change, phased)),
            *_part("The following packages have been kept back:", map(_change, kept)),
            *_part("The following packages will be upgraded:", map(_change, upgraded)),
            (
                f"{len(upgraded)} upgraded, {len(new)} newly installed, {len(removed)} to remove and "
                f"{len(kept) + len(phased)} not upgraded."
            ),
            *map(_archive, self._ordinary),
        ]

    def _policy(self, update: Update) -> list[str]:
        newer = [release for release in self._releases_of(update) if release.version == update.offered_version]
        between = [release for release in self._releases_of(update) if release.is_security and release not in newer]
        rows = [(release.version, self._sources_of(release), _phase(update)) for release in newer]
        rows += [(r.version, [self._index(self._box.member.system.security)], "") for r in between[-1:]]
        return self._stanza(update, rows if not newer[0].is_security else rows[:1])

    def _releases_of(self, update: Update) -> list[Release]:
        """The releases above the installed version, as far as the machine's lists know them, oldest first."""
        releases = next(r for r in releases_of(self._box.member.system.key).values() if _has_binary(r, update.name))
        versions = [release.version for release in releases]
        begin = versions.index(update.installed_version) + 1 if update.installed_version in versions else 0
        return list(releases[begin : versions.index(update.offered_version) + 1])

    def _sources_of(self, release: Release) -> list[str]:
        return [self._index(name) for name in release.repository.split(", ")]

    def _index(self, name: str) -> str:
        return next(repo.index for repo in self._repositories if repo.name == name)

    def _stanza(self, update: Update, rows: list[tuple[str, list[str], str]]) -> list[str]:
        return [
            f"{update.name}:",
            f"  Installed: {update.installed_version}",
            f"  Candidate: {rows[0][0]}",
            "  Version table:",
            *(line for row in rows for line in _version_lines(*row, self._architecture)),
            f" *** {update.installed_version} 100",
            _STATUS_SOURCE,
        ]

    def _list_files(self, repository: RepositoryHead) -> list[str]:
        # A release itself is published once; what comes after it is in other suites.
        made_at = _MAIN_MADE_AT if repository.name == self._box.member.system.main else self._lists_at
        date = f"{made_at:%a, %d %b %Y %H:%M:%S UTC}"
        head = [f" {line}" for line in repository.release_lines(date, self._architecture)]
        packages = f"{repository.stem}main_binary-{self._architecture}_Packages"
        return [f"file {repository.stem}InRelease", *head, f"file {packages}"]


def _part(heading: str, entries: Iterable[str]) -> list[str]:
    lines = [f"   {entry}" for entry in entries]
    return [heading, *lines] if lines else []


def _change(update: Update) -> str:
    return f"{update.name} ({update.installed_version} => {update.offered_version})"


def _archive(update: Update) -> str:
    version = update.offered_version.replace(":", "%3a")
    return f"uri {update.name}_{version}_{update.architecture}.deb {update.size_bytes} SHA256:0"


def _version_lines(version: str, indexes: list[str], phase: str, architecture: str) -> list[str]:
    return [f"     {version} 500{phase}", *(f"        500 {index} {architecture} Packages" for index in indexes)]


def _phase(update: Update) -> str:
    percent = update.blocker_detail.removeprefix("phased to ").removesuffix(" % of machines")
    return f" (phased {percent}%)" if update.blocker is Blocker.PHASED else ""


def _last_word(update: Update) -> str:
    return update.blocker_detail.rpartition(" ")[2]


def _has_binary(releases: tuple[Release, ...], name: str) -> bool:
    return bool(releases) and any(binary == name for binary, _ in releases[0].source.binaries)
