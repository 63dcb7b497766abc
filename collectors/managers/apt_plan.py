"""What apt would do: the output of ``apt-get -V --print-uris`` for an upgrade, read line by line.

Only the classic output is read (apt 3 prints another one, unless asked not to, as the probe does).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import unquote

from collectors.sections import Section
from collectors.shared_readings import shared
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name


class _Part(Enum):
    REMOVED = auto()
    NEW = auto()
    KEPT_BACK = auto()
    UPGRADED = auto()
    DOWNGRADED = auto()
    PHASED = auto()
    UNMET = auto()
    SUBSCRIPTION = auto()
    EXPIRED = auto()
    LEFT_OUT = auto()


# apt 2.6.1, apt-private/private-output.cc and private-install.cc.
_HEADINGS = {
    "The following packages will be REMOVED:": _Part.REMOVED,
    "The following NEW packages will be installed:": _Part.NEW,
    "The following packages have been kept back:": _Part.KEPT_BACK,
    "The following packages will be upgraded:": _Part.UPGRADED,
    "The following packages will be DOWNGRADED:": _Part.DOWNGRADED,
    "The following upgrades have been deferred due to phasing:": _Part.PHASED,
    "Not upgrading yet due to phasing:": _Part.PHASED,
    "The following packages have unmet dependencies:": _Part.UNMET,
    "The following held packages will be changed:": _Part.LEFT_OUT,
    "The following package was automatically installed and is no longer required:": _Part.LEFT_OUT,
    "The following packages were automatically installed and are no longer required:": _Part.LEFT_OUT,
    "The following additional packages will be installed:": _Part.LEFT_OUT,
    "WARNING: The following essential packages will be removed.": _Part.LEFT_OUT,
    "The following packages will fail to download because your Ubuntu Pro subscription has expired": _Part.EXPIRED,
    "Suggested packages:": _Part.LEFT_OUT,
    "Recommended packages:": _Part.LEFT_OUT,
}
_CHANGE = re.compile(r" {3}(?P<name>[^\s()]+) \((?P<old>\S+) => (?P<new>\S+)\)")
_SINGLE = re.compile(r" {3}(?P<name>[^\s()]+?)\*?(?: \((?P<version>[^()\s]+)\))?")
# ubuntu-pro-client, apt-hook/json-hook.cc: one text for esm-infra, another for esm-apps, each for one and for many.
_SUBSCRIPTION = re.compile(r".*[Ss]ecurity updates? .*Ubuntu Pro with '(?P<service>[a-z-]+)' enabled:")
_SUMMARY = re.compile(
    r"(?P<upgraded>\d+) upgraded, (?P<new>\d+) newly installed, (?:\d+ reinstalled, )?(?:\d+ downgraded, )?"
    r"(?P<removed>\d+) to remove and \d+ not upgraded\."
)
_DISK = re.compile(
    r"After this operation, (?P<size>[\d.,]+ ?[kMGTPE]?B) (?:of additional )?disk space will be (?P<way>used|freed)\."
)
_ARCHIVE = re.compile(r"uri (?P<file>\S+) (?P<size>\d{1,15})(?: \S*)*")
_TALK = re.compile(
    r"(?:Reading package lists|Building dependency tree|Reading state information|Calculating upgrade)\.\.\.(?: Done)?"
    r"|Need to get .* of archives\.|\d+ not fully installed or removed\.|NOTE: .*|#.*"
    r"|Learn more about Ubuntu Pro .*|Receive additional future security updates with Ubuntu Pro\."
    r"|Renew your subscription or .*|(?:\d+ (?:standard LTS|esm-infra|esm-apps) security updates?(?:, | and )?)+"
    r"|Use '.*autoremove' to remove (?:it|them)\."
    r"|You might want to run '.*' to correct th(?:is|ese)\."
    r"|This should NOT be done unless you know exactly what you are doing!"
)
_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15, "EB": 10**18}


@dataclass(frozen=True, slots=True)
class PlanChange:
    """The versions between which apt would change a package."""

    old: str
    new: str


@dataclass(slots=True)
class Plan:
    """What one way to upgrade would do. Names are apt's: with ``:arch`` where it is not the machine's own.

    ``sizes`` maps (name, version) to the bytes of the package by architecture; ``disk_bytes`` is what more is used
    afterwards. ``versions`` are those of new packages. ``subscriptions`` maps a package to the service
    that Ubuntu would offer it by; ``expired`` are packages of a subscription that has ended. ``unread`` are lines that
    fit no known shape; the counts that apt prints agree with what was read, so no package is among them.
    """

    upgraded: dict[str, PlanChange] = field(default_factory=dict)
    kept_back: dict[str, PlanChange] = field(default_factory=dict)
    phased: dict[str, PlanChange] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    subscriptions: dict[str, str] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    sizes: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    disk_bytes: int = 0
    unread: list[str] = field(default_factory=list)


@shared
def parse_plan(section: Section) -> Plan:
    """The plan that apt printed, with or without a summary at its end.

    Raises:
        UnreadableOutput: an entry fits no known shape, or apt's own counts are not those of the entries.

    Source: apt 2.6.1; captured on Debian 12 and in throw-away roots. Ubuntu's notices: package-managers.md.
    """
    reader = _Reader(section, Plan())
    for number, line in section.lines():
        reader.read(number, line)
    return reader.plan


def is_whole(section: Section) -> bool:
    """Whether apt came to its summary, which it prints even when there is nothing to do."""
    return any(_SUMMARY.fullmatch(line) for _, line in section.lines())


class _Reader:
    def __init__(self, section: Section, plan: Plan) -> None:
        self.plan = plan
        self._section = section
        self._part: _Part | None = None
        self._service = ""

    def read(self, number: int, line: str) -> None:
        if line in _HEADINGS:
            self._part = _HEADINGS[line]
        elif match := _SUBSCRIPTION.fullmatch(line[:200]):
            self._part, self._service = _Part.SUBSCRIPTION, match["service"]
        elif line.startswith(" ") and self._part is not None:
            self._read_entry(self._part, number, line)
        else:
            self._part = None
            self._read_plain(number, line)

    def _read_entry(self, part: _Part, number: int, line: str) -> None:
        changes: Mapping[_Part, dict[str, PlanChange]] = {
            _Part.UPGRADED: self.plan.upgraded,
            _Part.KEPT_BACK: self.plan.kept_back,
            _Part.PHASED: self.plan.phased,
        }
        names = {_Part.NEW: self.plan.new, _Part.REMOVED: self.plan.removed}
        if part in changes:
            match = _CHANGE.fullmatch(line) or self._refuse(number, line)
            changes[part][clean_name(match["name"])] = PlanChange(clean_name(match["old"]), clean_name(match["new"]))
        elif part in names:
            match = _SINGLE.fullmatch(line) or self._refuse(number, line)
            names[part].append(clean_name(match["name"]))
            self.plan.versions[clean_name(match["name"])] = clean_name(match["version"] or "")
        elif part is _Part.UNMET:
            self.plan.unmet.append(clean(line))
        elif part is _Part.SUBSCRIPTION:
            self.plan.subscriptions.update((clean_name(name), self._service) for name in line.split())
        elif part is _Part.EXPIRED:
            self.plan.expired.update(clean_name(name) for name in line.split())

    def _read_plain(self, number: int, line: str) -> None:
        if match := _ARCHIVE.fullmatch(line):
            self._read_archive(match)
        elif match := _SUMMARY.fullmatch(line):
            self._check_counts(match, number, line)
        elif match := _DISK.fullmatch(line):
            self.plan.disk_bytes = _bytes(match["size"]) * (1 if match["way"] == "used" else -1)
        elif not _TALK.fullmatch(line):
            self.plan.unread.append(clean(line))

    def _read_archive(self, match: re.Match[str]) -> None:
        stem, _, _ = match["file"].rpartition(".")
        parts = stem.split("_")
        size_bytes = int(match["size"])
        self.plan.files[match["file"]] = size_bytes
        if len(parts) == 3:
            name, version, architecture = (clean_name(unquote(part)) for part in parts)
            self.plan.sizes.setdefault((name, version), {})[architecture] = size_bytes

    def _check_counts(self, match: re.Match[str], number: int, line: str) -> None:
        counted = [int(match[name][:9]) for name in ("upgraded", "new", "removed")]
        read = [len(self.plan.upgraded), len(set(self.plan.new)), len(set(self.plan.removed))]
        if counted != read:
            self._refuse(number, f"{line} (read: {read[0]}, {read[1]}, {read[2]})")

    def _refuse(self, number: int, line: str) -> re.Match[str]:
        raise UnreadableOutput(self._section.name, number, clean(line))


def _bytes(text: str) -> int:
    number, unit = re.fullmatch(r"([\d.,]+) ?(\w+)", text).groups()  # type: ignore[union-attr]  # _DISK took it
    try:
        return int(float(number.replace(",", "")[:20]) * _UNITS[unit])
    except ValueError:
        return 0
