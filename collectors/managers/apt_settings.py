"""Parts of apt's configuration that the user may not read: apt only warns, and goes on as if they were not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean_name, decode
from fleet.name_lists import some_of

# apt-pkg/contrib/fileutl.cc: "W: Unable to read /etc/apt/sources.list.d/a.list - open (13: Permission denied)". A file
# that is not there (2) hides nothing.
_WARNING = re.compile(r"[WE]: Unable to read (?P<path>\S.*) - \w+ \((?!2:)\d+: .*\)")
_SHOWN = 3
_REMEDY = "Let the user read them; passwords belong into /etc/apt/auth.conf.d, which apt needs for downloads only."


@dataclass(frozen=True, slots=True)
class UnreadableSettings:
    """Files and folders that could not be read: of sources, and of anything else (pins, apt.conf)."""

    sources: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def findings(self) -> Iterator[Finding]:
        """One finding for the sources, without which no answer is whole, and one for the rest."""
        if self.sources:
            text = f"Repositories in {some_of(self.sources, _SHOWN)} are not known: this user may not read it."
            yield Finding(FindingKind.SETTINGS_UNREADABLE, Severity.ERROR, text, _REMEDY)
        if self.others:
            text = f"Pins and settings in {some_of(self.others, _SHOWN)} are not known: this user may not read it."
            yield Finding(FindingKind.SETTINGS_UNREADABLE, Severity.WARNING, text, _REMEDY)


def find_unreadable(config: Section, targets: Section, policy: Section | None) -> UnreadableSettings:
    """What apt warned of: apt-config reads only apt.conf, indextargets the sources as well, policy pins too."""
    settings, with_sources = _paths(config), _paths(targets)
    sources = tuple(path for path in with_sources if path not in settings)
    pins = tuple(path for path in _paths(policy) if path not in with_sources) if policy else ()
    return UnreadableSettings(sources, (*settings, *pins))


def _paths(section: Section) -> tuple[str, ...]:
    lines = decode(section.stderr).splitlines()
    return tuple(dict.fromkeys(clean_name(match["path"]) for line in lines if (match := _WARNING.fullmatch(line))))
