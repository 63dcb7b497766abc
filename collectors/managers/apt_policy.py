"""The version tables of ``apt-cache policy``: which versions a machine sees, from where, and how they are preferred."""

import re
from dataclasses import dataclass

from collectors.sections import Section
from collectors.shared_readings import shared
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_PACKAGE = re.compile(r"(?P<name>\S+):")
_FIELD = re.compile(r"  (?P<name>Installed|Candidate|Package pin): (?P<value>\S.*)")
_VERSION = re.compile(
    r" (?P<mark>\*{3}| {3}) (?P<version>\S+) (?P<priority>-?\d{1,9})(?: \(phased (?P<phased>\d{1,3})%\))?"
)
_SOURCE = re.compile(r" {7,}(?P<priority>-?\d{1,9}) (?P<index>\S.*)")


@dataclass(frozen=True, slots=True)
class PolicySource:
    """One index that offers a version, as apt describes it, and the priority it is given."""

    index: str
    priority: int


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One row of a version table. ``phased_percent`` is None where the version is not phased."""

    version: str
    priority: int
    phased_percent: int | None
    sources: tuple[PolicySource, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The version table of one package. ``newer`` are the versions above the installed one, newest first."""

    name: str
    installed: str | None
    candidate: str | None
    newer: tuple[PolicyVersion, ...]

    def find(self, version: str) -> PolicyVersion | None:
        """The newer version ``version``, or None if the table has none such above the installed one."""
        return next((row for row in self.newer if row.version == version), None)


@dataclass(slots=True)
class _Draft:
    name: str
    installed: str | None = None
    candidate: str | None = None
    rows: list[tuple[re.Match[str], list[PolicySource]]] | None = None

    def finish(self) -> Policy:
        newer = []
        for row, sources in self.rows or ():
            if row["mark"] == "***":
                break
            phased = int(row["phased"]) if row["phased"] else None
            newer.append(PolicyVersion(clean_name(row["version"]), int(row["priority"]), phased, tuple(sources)))
        is_installed = self.installed is not None
        return Policy(self.name, self.installed, self.candidate, tuple(newer) if is_installed else ())


@shared
def parse_policies(section: Section) -> dict[str, Policy]:
    """The version tables by the name that apt gives the package, in the order printed.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: apt-cache(8), apt 2.6.1; captured on Debian 12. ``(phased 0%)``: apt 2.4 and newer.
    """
    drafts: list[_Draft] = []
    for number, line in section.lines():
        if not _read_line(drafts, line):
            raise UnreadableOutput(section.name, number, clean(line))
    return {draft.name: draft.finish() for draft in drafts}


def _read_line(drafts: list[_Draft], line: str) -> bool:
    if match := _PACKAGE.fullmatch(line):
        drafts.append(_Draft(clean_name(match["name"])))
        return True
    if not drafts:
        return False
    return _read_detail(drafts[-1], line)


def _read_detail(draft: _Draft, line: str) -> bool:
    if line == "  Version table:":
        draft.rows = []
    elif match := _FIELD.fullmatch(line):
        _read_field(draft, match)
    elif draft.rows is None:
        return False
    elif match := _VERSION.fullmatch(line):
        draft.rows.append((match, []))
    elif draft.rows and (match := _SOURCE.fullmatch(line)):
        draft.rows[-1][1].append(PolicySource(clean(match["index"]), int(match["priority"])))
    else:
        return False
    return True


def _read_field(draft: _Draft, match: re.Match[str]) -> None:
    value = None if match["value"] == "(none)" else clean_name(match["value"])
    if match["name"] == "Installed":
        draft.installed = value
    elif match["name"] == "Candidate":
        draft.candidate = value
