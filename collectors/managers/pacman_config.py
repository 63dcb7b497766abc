"""The settings of pacman.conf that decide what an upgrade leaves out, and which repositories there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from collectors.managers.pacman_packages import PacmanPackage
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

# Patterns with wildcards are compared with each package that pacman leaves out: no real machine has as many.
_MOST_PATTERNS = 200
_WILDCARDS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class PacmanConfig:
    """What pacman-conf(8) said. ``repositories`` are in the order in which pacman prefers them."""

    repositories: tuple[str, ...]
    ignored_names: frozenset[str]
    ignored_patterns: tuple[str, ...]
    ignored_groups: frozenset[str]

    def find_rule(self, package: PacmanPackage) -> str:
        """The setting by which pacman leaves a package out, as pacman.conf has it; empty if none does."""
        if package.name in self.ignored_names:
            return f"IgnorePkg = {package.name}"
        for pattern in self.ignored_patterns:
            if fnmatchcase(package.name, pattern):
                return f"IgnorePkg = {pattern}"
        groups = [group for group in package.groups if group in self.ignored_groups]
        return f"IgnoreGroup = {clean_name(groups[0])}" if groups else ""


def parse_config(section: Section) -> PacmanConfig:
    """The settings in the probe's section.

    Raises:
        UnreadableOutput: a line is neither one of pacman-conf nor one of the probe.

    Source: pacman-conf(8), pacman 6.0.2.
    """
    settings = list(_settings(section))
    ignored = [value for name, value in settings if name == "IgnorePkg"]
    return PacmanConfig(
        repositories=tuple(dict.fromkeys(clean_name(value) for name, value in settings if name == "repository")),
        ignored_names=frozenset(value for value in ignored if not _WILDCARDS.intersection(value)),
        ignored_patterns=tuple(clean_name(value) for value in ignored if _WILDCARDS.intersection(value))[
            :_MOST_PATTERNS
        ],
        ignored_groups=frozenset(value for name, value in settings if name == "IgnoreGroup"),
    )


def _settings(section: Section) -> Iterator[tuple[str, str]]:
    for number, line in section.lines():
        name, equals, value = line.partition("=")
        if not equals or name.strip() not in ("home", "repository", "IgnorePkg", "IgnoreGroup"):
            raise UnreadableOutput(section.name, number, clean(line))
        yield name.strip(), value.strip()
