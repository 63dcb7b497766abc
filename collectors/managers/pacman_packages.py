"""What pacman has installed, by its own database."""

from collections.abc import Mapping
from dataclasses import dataclass

from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name


@dataclass(frozen=True, slots=True)
class PacmanPackage:
    """One installed package. ``source`` is the name that its build scripts are kept under (its base)."""

    name: str
    version: str
    architecture: str
    source: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PacmanPackages:
    """Installed packages by name. ``broken`` are those of them that the database has no description of."""

    by_name: Mapping[str, PacmanPackage]
    broken: tuple[str, ...]
    odd_names: tuple[str, ...]

    @property
    def versions(self) -> dict[tuple[str, str], str]:
        """The installed version of each package."""
        return {(p.name, p.architecture): p.version for p in self.by_name.values()}

    @property
    def sources(self) -> dict[tuple[str, str], str]:
        """What packages are built from, where that has another name."""
        return {(p.name, p.architecture): p.source for p in self.by_name.values() if p.source not in ("", p.name)}


def parse_packages(section: Section) -> PacmanPackages:
    """The packages that the probe found in ``local/*/desc``.

    Raises:
        UnreadableOutput: a line is not what the probe prints, or a package comes twice.

    Source: alpm-db-desc(5), captured with pacman 6.0.2.
    """
    packages: dict[str, PacmanPackage] = {}
    broken: list[str] = []
    odd_names: list[str] = []
    for number, line in section.lines():
        kind, *fields = line.split("\t")
        if kind == "broken" and len(fields) == 1:
            fields = _split(fields[0].rpartition("/")[2])
            broken.append(clean_name(fields[0]))
        elif kind != "package":
            fields = []
        package = _package(fields) if len(fields) == 5 else None
        if package is None or package.name in packages:
            raise UnreadableOutput(section.name, number, clean(line))
        packages[package.name] = package
        if package.name != fields[0]:
            odd_names.append(package.name)
    return PacmanPackages(packages, tuple(broken), tuple(odd_names))


def _split(folder: str) -> list[str]:
    """What pacman itself knows of an entry without a description, by the name of its folder: acme-lib-1:1.0-1."""
    name, version, release = (["", "", *folder.rsplit("-", 2)])[-3:]
    return [name, f"{version}-{release}", "", "", ""]


def _package(fields: list[str]) -> PacmanPackage | None:
    name, version, architecture, source, groups = fields
    if not clean_name(name) or not clean_name(version):
        return None
    return PacmanPackage(
        name=clean_name(name),
        version=clean_name(version),
        architecture=clean_name(architecture),
        source=clean_name(source),
        groups=tuple(groups.split()),
    )
