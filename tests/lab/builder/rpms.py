"""rpm packages that exist only in the lab, and the spec files that they are built from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

NOARCH = "noarch"


class Evr(NamedTuple):
    """Epoch, version and release, as `epoch:version-release` spells them."""

    epoch: str
    version: str
    release: str


@dataclass(frozen=True, slots=True)
class Rpm:
    """One version of one package. ``repositories`` publish it; ``tags`` are further lines of its spec.

    ``files`` are paths that it owns, each made as an empty file; ``settings`` are configuration files that hold its
    version; ``bulk_bytes`` is the size of a file of nothing below /srv, if it has one. ``scripts`` are scriptlets by
    the word that begins them (``%post``).
    """

    name: str
    evr: str
    repositories: tuple[str, ...] = ()
    architecture: str = "x86_64"
    tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    vendor: str = ""
    settings: tuple[str, ...] = ()
    bulk_bytes: int = 0
    scripts: tuple[tuple[str, str], ...] = ()

    @property
    def parts(self) -> Evr:
        """Its version, taken apart."""
        epoch, _, rest = self.evr.rpartition(":")
        version, _, release = rest.rpartition("-")
        return Evr(epoch, version, release)

    @property
    def file_name(self) -> str:
        """The name of its file: rpm leaves the epoch out of it."""
        return f"{self.name}-{self.parts.version}-{self.parts.release}.{self.architecture}.rpm"


def specs(packages: Iterable[Rpm]) -> dict[str, tuple[str, str]]:
    """Name to architecture and text of spec files that build ``packages``, as few as can be.

    One spec cannot hold two versions of a name, two architectures or two vendors.
    """
    seen: dict[tuple[str, str], int] = defaultdict(int)
    groups: dict[tuple[str, str, int], list[Rpm]] = defaultdict(list)
    for package in packages:
        target = "i686" if package.architecture == "i686" else "x86_64"
        groups[target, package.vendor, seen[package.name, target]].append(package)
        seen[package.name, target] += 1
    return {
        f"lab-{number}": (target, _spec(f"lab-{number}", vendor, group))
        for number, ((target, vendor, _), group) in enumerate(groups.items())
    }


def _spec(name: str, vendor: str, packages: list[Rpm]) -> str:
    head = (
        f"Name: {name}",
        "Version: 1",
        "Release: 1",
        "Summary: the lab's packages",
        "License: none",
        f"Vendor: {vendor or 'The lab'}",
        "%global debug_package %{nil}",
        "%description",
        "The lab's packages.",
        "%install",
    )
    files = [line for package in packages for line in _file_lines(package)]
    return "\n".join([*head, *files, *(line for package in packages for line in _package_lines(package))]) + "\n"


def _file_lines(package: Rpm) -> Iterable[str]:
    yield from (f"install -D /dev/null %{{buildroot}}{path}" for path in (*package.files, *package.settings))
    yield from (f"echo '{package.evr}' >%{{buildroot}}{path}" for path in package.settings)
    if package.bulk_bytes:
        yield "mkdir -p %{buildroot}/srv"
        yield f"head -c {package.bulk_bytes} /dev/zero >%{{buildroot}}/srv/{package.name}"


def _package_lines(package: Rpm) -> Iterable[str]:
    evr = package.parts
    return (
        f"%package -n {package.name}",
        f"Version: {evr.version}",
        f"Release: {evr.release}",
        *((f"Epoch: {evr.epoch}",) if evr.epoch else ()),
        *(("BuildArch: noarch",) if package.architecture == NOARCH else ()),
        f"Summary: {package.name} of the lab",
        *package.tags,
        f"%description -n {package.name}",
        "A package of the lab.",
        *(line for kind, text in package.scripts for line in (f"{kind} -n {package.name}", text)),
        f"%files -n {package.name}",
        *package.files,
        *(f"%config(noreplace) {path}" for path in package.settings),
        *((f"/srv/{package.name}",) if package.bulk_bytes else ()),
    )
