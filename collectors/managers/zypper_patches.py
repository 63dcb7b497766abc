"""Which packages each patch mends, and so which patches an update of a package brings.

zypper's lists do not say it. A patch conflicts with every version of its packages that is older than the one that it
brings; ``zypper info`` prints that in all its versions, without reading the repositories' own files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collectors.managers.rpm_versions import evr_key
from collectors.managers.zypper_xml import Issue, ListedUpdate
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_PATCH = re.compile(r"Information for patch (?P<name>\S+):")
_CONFLICT = re.compile(r"(?P<name>\S+) < (?P<version>\S+)")
# zypper's own order, worst first; what it does not know sorts last.
_SEVERITIES = ("critical", "important", "moderate", "low")
_CATEGORIES = ("security", "recommended", "optional")
# Those that wait, or that a lock of the machine hides. Others were applied, or are about nothing that is installed.
_WAITING = frozenset({"", "needed", "optional", "unwanted", "locked"})


@dataclass(frozen=True, slots=True)
class Fix:
    """A version of a package that a patch brings."""

    patch: str
    version: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What patches mend, by ``name`` or ``name.arch``, and the lines of zypper that were not understood."""

    fixes: Mapping[str, Sequence[Fix]]
    unread: tuple[str, ...] = ()


def parse_contents(section: Section | None) -> Contents:
    """What ``zypper info -t patch`` printed, of which the probe passes on the conflicts.

    Raises:
        UnreadableOutput: a package stands before any patch.

    Source: zypper 1.14.42, captured in a throw-away root; 1.13 of SLES 12 and 1.14 of SLES 15 from public sources.
    """
    fixes: dict[str, list[Fix]] = {}
    unread: list[str] = []
    patch = ""
    for number, line in section.lines() if section else ():
        if match := _PATCH.fullmatch(line):
            patch = clean_name(match["name"])
        elif match := _CONFLICT.fullmatch(line):
            if not patch:
                raise UnreadableOutput("zypper-contents", number, clean(line))
            fixes.setdefault(clean_name(match["name"]), []).append(Fix(patch, clean_name(match["version"])))
        else:
            unread.append(clean(line, 200))
    return Contents(fixes, tuple(unread))


@dataclass(frozen=True, slots=True)
class Patches:
    """The patches that wait on a machine, by name, and what they mend."""

    by_name: Mapping[str, ListedUpdate]
    contents: Contents

    def find(self, update: ListedUpdate, installed: str) -> tuple[ListedUpdate, ...]:
        """The patches between the installed and the offered version of a package, worst first."""
        lowest, highest = evr_key(installed), evr_key(update.offered)
        full = f"{update.name}.{update.architecture}"
        fixes = (*self.contents.fixes.get(update.name, ()), *self.contents.fixes.get(full, ()))
        names = dict.fromkeys(fix.patch for fix in fixes if lowest < evr_key(fix.version) <= highest)
        return tuple(sorted((self.by_name[name] for name in names if name in self.by_name), key=_rank))


def list_patches(updates: Iterable[ListedUpdate]) -> dict[str, ListedUpdate]:
    """The patches among ``updates`` that wait, by name."""
    return {u.name: u for u in updates if u.kind == "patch" and u.status.lower() in _WAITING}


def list_urls(patches: Iterable[ListedUpdate]) -> tuple[str, ...]:
    """Where the vendor writes about the patches. SUSE names no page of a patch, so its bug reports stand in for it."""
    return tuple(dict.fromkeys(url for patch in patches for url in _urls(patch.issues)))


def _urls(issues: Sequence[Issue]) -> Iterator[str]:
    own = [i.url for i in issues if i.url and i.kind not in ("cve", "bugzilla")]
    yield from own or [i.url for i in issues if i.url and i.kind == "bugzilla"]


def _rank(patch: ListedUpdate) -> tuple[int, int]:
    category, severity = patch.category.lower(), patch.severity.lower()
    return (
        _CATEGORIES.index(category) if category in _CATEGORIES else len(_CATEGORIES),
        _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES),
    )
