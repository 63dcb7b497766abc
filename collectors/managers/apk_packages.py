"""What `apk list` prints, and the world: which packages are installed, offered, and asked for at which version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.managers.apk_versions import compare_apk
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode

# busybox-1.36.1-r6 x86_64 {busybox} (GPL-2.0-only) [upgradable from: busybox-1.36.1-r5]
_LINE = re.compile(
    r"(?P<name>\S+)-(?P<version>[0-9][^\s-]*(?:-r[0-9]+)?) (?P<architecture>\S*) \{(?P<origin>[^{}]*)\} \(.*\)"
    r"(?: \[(?:installed|upgradable from: (?P<old>\S+))\])?"
)
_WARNING = ("WARNING: ", "ERROR: ")
# apk-world(5): name, @tag, operator, version; !name for what must not be there.
_WORLD = re.compile(r"(?P<name>!?[^\s@<>=~]+)(?:@(?P<tag>[^\s<>=~]+))?(?:(?P<operator>[<>=~]+)(?P<version>\S+))?")


@dataclass(frozen=True, slots=True)
class ApkPackage:
    """One line of `apk list`. ``old`` is the installed version where this is a newer one, empty otherwise."""

    name: str
    version: str
    architecture: str
    origin: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class ApkList:
    """The packages in the order printed, and apk's own warnings and errors, from either stream."""

    packages: tuple[ApkPackage, ...]
    warnings: tuple[str, ...]
    odd_names: tuple[str, ...]


def parse_list(section: Section) -> ApkList:
    """The packages that apk listed.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: apk-list(8) and src/app_list.c; apk-tools 2.10 to 3.0 print the same. See captures/apk/README.md.
    """
    packages: list[ApkPackage] = []
    odd_names: list[str] = []
    warnings = [clean(line, 300) for line in decode(section.stderr[:65536]).splitlines() if line.startswith(_WARNING)]
    for number, line in section.lines():
        match = _LINE.fullmatch(line)
        if match is not None:
            packages.append(_package(match))
            if packages[-1].name != match["name"]:
                odd_names.append(packages[-1].name)
        elif line.startswith(_WARNING):
            warnings.append(clean(line, 300))
        else:
            raise UnreadableOutput(section.name, number, clean(line))
    return ApkList(tuple(packages), tuple(dict.fromkeys(warnings)), tuple(odd_names))


def parse_world(section: Section | None) -> dict[str, re.Match[str]]:
    """The lines of the world that name a version, by package; empty where it cannot be read.

    Raises:
        UnreadableOutput: a word fits no known shape.

    Source: apk-world(5).
    """
    wishes: dict[str, re.Match[str]] = {}
    for number, line in section.lines() if section else ():
        for word in line.split():
            match = _WORLD.fullmatch(word)
            if match is None:
                raise UnreadableOutput(section.name if section else "", number, clean(line))
            if match["operator"]:
                wishes[clean_name(match["name"])] = match
    return wishes


def find_pin(world: Mapping[str, re.Match[str]], name: str, offered: str) -> str:
    """The line of the world that keeps ``name`` from version ``offered``, as it stands there; empty if none does."""
    wish = world.get(name)
    return clean_name(wish[0]) if wish is not None and not _allows(wish, offered) else ""


def _allows(wish: re.Match[str], offered: str) -> bool:
    operator, version = wish["operator"], wish["version"]
    if operator == "><":
        # One very file, by its checksum: apk add ./file.apk.
        return False
    if "~" in operator:
        return offered == version or offered.startswith(tuple(version + end for end in ".-_"))
    order = compare_apk(offered, version)
    return any(order == meant for sign, meant in (("<", -1), ("=", 0), (">", 1)) if sign in operator)


def _package(match: re.Match[str]) -> ApkPackage:
    name = match["name"]
    return ApkPackage(
        name=clean_name(name),
        version=clean_name(match["version"]),
        architecture=clean_name(match["architecture"]),
        origin=clean_name(match["origin"]),
        old=clean_name((match["old"] or "").removeprefix(f"{name}-")),
    )
