"""Which CVEs an installed package has that the feeds know a fixed version of."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fleet.cves import Fix
from ops.feeds.index import FeedIndex
from ops.feeds.version_orders import VersionKey, order_of

# A machine keeps kernels that it does not run any more: only the newest counts. Headers alone run nothing.
_KERNEL_SOURCES = re.compile(r"(?:linux|kernel)(?:-(?!firmware|base|atm|show).*)?")
_KERNEL_IMAGES = ("linux-image-", "kernel-core", "kernel-default", "kernel-image", "linux-lts", "linux-virt")
_KERNELS = frozenset({"kernel", "linux", "kernel-uek"})
_MODULAR = re.compile(r"\.module[+_]")


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is installed. ``source_version`` is ``version`` unless its source package has another."""

    name: str
    architecture: str
    version: str
    source: str
    source_version: str

    @property
    def is_kernel(self) -> bool:
        """Whether a kernel can be booted from it."""
        return self.name in _KERNELS or self.name.startswith(_KERNEL_IMAGES)


@dataclass(frozen=True, slots=True)
class Lack:
    """A package that has a CVE which ``fix`` mends; ``feed`` says so."""

    package: Package
    fix: Fix
    feed: str


class Lacks:
    """Answers over ``indexes``, each question asked of the files once."""

    def __init__(self, indexes: Sequence[FeedIndex]) -> None:
        self._indexes = indexes
        self._known: dict[str, list[frozenset[tuple[str, bool]]]] = {}
        self._lacks: dict[tuple[object, ...], tuple[Lack, ...]] = {}
        self._packages: dict[tuple[str, str, str, str], Package] = {}

    def list_packages(
        self, installed: Mapping[tuple[str, str], str], sources: Mapping[tuple[str, str], str]
    ) -> list[tuple[str, list[Package]]]:
        """What is installed by source package: each source with its packages, in the order of names."""
        by_source: dict[str, list[Package]] = {}
        for (name, architecture), version in installed.items():
            package = self._package(name, architecture, version, sources.get((name, architecture), name))
            by_source.setdefault(package.source, []).append(package)
        for packages in by_source.values():
            if len(packages) > 1:
                packages.sort(key=lambda package: (package.name != package.source, package.name))
        return sorted(by_source.items())

    def find(self, releases: tuple[str, ...], source: str, packages: Sequence[Package]) -> tuple[Lack, ...]:
        """What the packages of ``source`` lack on a machine of ``releases``: of each CVE one package that has it."""
        key = (releases, *map(id, packages))  # each is made once, by `list_packages`
        if key not in self._lacks:
            self._lacks[key] = tuple(self._find(releases, source, packages))
        return self._lacks[key]

    def feeds_of(self, releases: tuple[str, ...]) -> tuple[str, ...]:
        """The feeds that name fixes for a machine of ``releases``."""
        if not releases or order_of(releases[0]) is None:
            return ()
        by_release = [self._packages_with_fixes(release) for release in releases]
        return tuple(
            index.name for number, index in enumerate(self._indexes) if any(known[number] for known in by_release)
        )

    def _package(self, name: str, architecture: str, version: str, built_from: str) -> Package:
        key = (name, architecture, version, built_from)
        known = self._packages.get(key)
        if known is None:
            source, _, source_version = built_from.partition(" ")
            known = self._packages[key] = Package(name, architecture, version, source, source_version or version)
        return known

    def _find(self, releases: Sequence[str], source: str, packages: Sequence[Package]) -> Iterable[Lack]:
        order = order_of(releases[0])
        if order is None:
            return ()
        if _KERNEL_SOURCES.fullmatch(source):
            images = [each for each in packages if each.is_kernel]
            packages = [max(images, key=lambda each: order(each.version))] if images else []
        found: dict[str, Lack] = {}
        for number, index in enumerate(self._indexes):
            for package in packages:
                for is_source in (True, False):
                    fixes = self._fixes(number, releases, package.source if is_source else package.name, is_source)
                    version = package.source_version if is_source else package.version
                    for fix in _lacking(fixes, version, order):
                        found.setdefault(fix.cve, Lack(package, fix, index.name))
        return found.values()

    def _fixes(self, number: int, releases: Sequence[str], name: str, is_source: bool) -> list[Fix]:
        index = self._indexes[number]
        found = []
        for release in releases:
            if (name, is_source) in self._packages_with_fixes(release)[number]:
                found += index.fixes_of(release, name, is_source=is_source)
        return found

    def _packages_with_fixes(self, release: str) -> list[frozenset[tuple[str, bool]]]:
        if release not in self._known:
            self._known[release] = [each.packages_of(release) for each in self._indexes]
        return self._known[release]


def _lacking(fixes: Sequence[Fix], version: str, order: VersionKey) -> Iterable[Fix]:
    """Those of the fixes of a package that ``version`` lacks, one for each CVE.

    Of one CVE there may be several fixed versions, of several branches (extended support, module streams): whoever has
    any of them has the fix. Ranges that begin at different versions are apart: to be in one of them is enough.
    """
    if not fixes:
        return
    key = order(version)
    comparable = [fix for fix in fixes if _is_same_stream(fix.version, version)]
    by_range: dict[tuple[str, str], Fix] = {}
    for fix in comparable:
        known = by_range.get((fix.cve, fix.introduced))
        if known is None or order(fix.version) < order(known.version):
            by_range[fix.cve, fix.introduced] = fix
    for (_, introduced), fix in by_range.items():
        if key < order(fix.version) and (not introduced or order(introduced) <= key):
            yield fix


def _is_same_stream(fixed: str, installed: str) -> bool:
    """Whether both are of one stream of a module, or of none: the fix of nodejs 20 says nothing of nodejs 18."""
    is_modular = _MODULAR.search(fixed) is not None
    if is_modular != (_MODULAR.search(installed) is not None):
        return False
    return not is_modular or _major(fixed) == _major(installed)


def _major(version: str) -> str:
    return version.rpartition(":")[2].partition(".")[0]
