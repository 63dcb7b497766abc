"""What dpkg says is installed, and in which state it left each package."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern

from collectors.sections import Section
from collectors.shared_readings import shared
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

# dpkg-query(1), db:Status-Abbrev: what is wanted, what is there, and R where a reinstallation is required.
_LINE = re.compile(
    r"(?P<wanted>[uihrp])(?P<state>[ncHUFWti])(?P<error>[ R]?)\t(?P<name>\S+)\t(?P<arch>\S*)\t(?P<version>\S*)"
    r"(?:\t(?P<source>\S*) (?P<source_version>\S*))?"
)
# A package that was only built anew has a version of its own, its source has not.
_BINARY_NMU = re.compile(r"\+b[0-9]+\Z")
_NOT_INSTALLED = "nc"
# Half-installed, unpacked, half-configured. W and t (triggers) are ordinary moments of a run.
_HALF_DONE = "HUF"


@dataclass(frozen=True, slots=True)
class DpkgPackage:
    """One package as dpkg knows it."""

    name: str
    architecture: str
    version: str
    is_held: bool
    state: str
    needs_reinstallation: bool

    @property
    def is_half_done(self) -> bool:
        """Whether an installation of it stopped on the way."""
        return self.state in _HALF_DONE or self.needs_reinstallation

    @property
    def is_unconfigured(self) -> bool:
        """Whether its own script failed or was cut off when it was configured."""
        return self.state == "F"


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every installed package by (name, architecture), and its version alone.

    ``odd_names`` are those that had to be cleaned to be shown; ``sources`` is as in `Assessment`.
    """

    packages: Mapping[tuple[str, str], DpkgPackage]
    versions: Mapping[tuple[str, str], str]
    native_architecture: str
    odd_names: tuple[str, ...] = ()
    _architectures: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def find(self, apt_name: str) -> DpkgPackage | None:
        """The package that apt calls ``apt_name``: with its architecture where that is not the machine's own."""
        name, colon, architecture = apt_name.partition(":")
        known = self._architectures.get(name, ())
        if colon:
            return self.packages.get((name, architecture))
        for candidate in (self.native_architecture, "all", *known[:1]):
            if candidate in known:
                return self.packages[name, candidate]
        return None

    def source_of(self, package: DpkgPackage) -> str:
        """The name of the source package, empty where dpkg was not asked for any."""
        known = self.sources.get((package.name, package.architecture), package.name if self.sources else "")
        return known.partition(" ")[0]


@shared
def parse_inventory(section: Section, native_architecture: str) -> Inventory:
    """The packages in the output of `dpkg-query -W`, without those that are only configured or known.

    Raises:
        UnreadableOutput: a line fits no known shape, or a package comes twice.

    Source: dpkg-query(1), dpkg 1.21; captured on Debian 12.
    """
    sources: dict[tuple[str, str], str] = {}
    packages: dict[tuple[str, str], DpkgPackage] = {}
    odd_names: list[str] = []
    for number, line in section.lines():
        row = _LINE.fullmatch(line)
        if row is None:
            raise UnreadableOutput(section.name, number, clean(line))
        if row["state"] in _NOT_INSTALLED:
            continue
        package = _package(row)
        if package.name != row["name"]:
            odd_names.append(package.name)
        if (package.name, package.architecture) in packages:
            raise UnreadableOutput(section.name, number, clean(line))
        packages[package.name, package.architecture] = package
        if source := _source(row, package):
            sources[package.name, package.architecture] = source
    versions = {key: package.version for key, package in packages.items()}
    return Inventory(packages, versions, native_architecture, tuple(odd_names), _by_name(packages), sources)


def _source(row: re.Match[str], package: DpkgPackage) -> str:
    """The source package as `Assessment.sources` has it, empty where it is called and numbered as the package."""
    name, version = clean_name(row["source"] or ""), clean_name(row["source_version"] or "")
    is_numbered_alike = not version or _BINARY_NMU.sub("", package.version) == version or package.version == version
    if not name or (name == package.name and is_numbered_alike):
        return ""
    return intern(name if is_numbered_alike else f"{name} {version}")


def _package(row: re.Match[str]) -> DpkgPackage:
    return DpkgPackage(
        # Thousands of machines have the same packages in memory at once.
        name=intern(clean_name(row["name"])),
        architecture=intern(clean_name(row["arch"])),
        version=intern(clean_name(row["version"])),
        is_held=row["wanted"] == "h",
        state=row["state"],
        needs_reinstallation=row["error"] == "R",
    )


def _by_name(packages: Mapping[tuple[str, str], DpkgPackage]) -> dict[str, list[str]]:
    architectures: dict[str, list[str]] = {}
    for name, architecture in packages:
        architectures.setdefault(name, []).append(architecture)
    return architectures
