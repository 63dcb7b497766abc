"""What apk would do for an order: ``apk --simulate fix --upgrade``, which root alone may ask."""

import re
from collections.abc import Mapping

from collectors.managers.ordered_packages import find_kept, refuse, summarise
from collectors.sections import Section, Sections
from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.deployments.plan import ChangeKind, PackageChange, Simulation
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode

# print_change() in src/commit.c of apk-tools, the same from 2.10 to 3.0: "(1/2) Upgrading musl (1.2.2-r3 -> 1.2.2-r4)".
_CHANGE = re.compile(
    r"\( {0,8}[0-9]{1,6}/[0-9]{1,6}\) (?P<verb>[A-Z][a-z]+) (?P<name>\S+) "
    r"\((?P<version>\S+?)(?: -> (?P<new>\S+))?\)(?: .*)?"
)
_VERBS = {
    "Installing": ChangeKind.INSTALL,
    "Upgrading": ChangeKind.UPGRADE,
    "Downgrading": ChangeKind.DOWNGRADE,
    "Replacing": ChangeKind.UPGRADE,
    "Reinstalling": ChangeKind.REINSTALL,
    "Purging": ChangeKind.REMOVE,
}
# "OK: 41 MiB in 34 packages", and what it says of indexes, scripts and triggers on the way.
_TALK = ("OK: ", "fetch ", "Executing ", "WARNING: ", "ERROR: ", "  ", "NOTE: ")
_POLICY = re.compile(r"(?P<name>\S+) policy:")
_VERSION = re.compile(r"  (?P<version>\S+):")


def read_simulation(sections: Sections, order: JobOrder) -> Simulation:
    """What apk would do.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: collectors/jobs/apk.sh; lines of apk-tools 2.10 to 3.0 from public pages, see the captures' README.
    """
    section = sections.get("apk-plan")
    changes = tuple(_list_changes(section))
    if section.exit_status != 0:
        return refuse(_describe(section))
    known = _parse_policy(sections.get("apk-policy"))
    kept = find_kept(order, changes, str.__eq__, lambda package: _explain(known, package))
    return summarise(changes, kept, "")


def _list_changes(section: Section) -> list[PackageChange]:
    changes = []
    for number, line in section.lines():
        match = _CHANGE.fullmatch(line)
        if match is None or match["verb"] not in _VERBS:
            if line.startswith(_TALK):
                continue
            raise UnreadableOutput(section.name, number, clean(line))
        changes.append(_make_change(_VERBS[match["verb"]], match))
    return changes


def _make_change(kind: ChangeKind, match: re.Match[str]) -> PackageChange:
    name, first = clean_name(match["name"]), clean_name(match["version"])
    if match["new"]:
        return PackageChange(kind, name, "", first, clean_name(match["new"]))
    if kind is ChangeKind.REMOVE:
        return PackageChange(kind, name, "", first)
    return PackageChange(kind, name, "", first if kind is ChangeKind.REINSTALL else "", first)


def _parse_policy(section: Section) -> Mapping[str, frozenset[str]]:
    """The versions that the indexes and the machine have of each package."""
    versions: dict[str, set[str]] = {}
    name = ""
    for _, line in section.lines():
        if match := _POLICY.fullmatch(line):
            name = clean_name(match["name"])
            versions[name] = set()
        elif name and (match := _VERSION.fullmatch(line)):
            versions[name].add(clean_name(match["version"]))
    return {name: frozenset(found) for name, found in versions.items()}


def _explain(known: Mapping[str, frozenset[str]], package: PackageOrder) -> str:
    if package.version not in known.get(package.name, frozenset()):
        return f"no index offers {package.version} any more"
    return "its dependencies, or a version in /etc/apk/world, keep it as it is"


def _describe(section: Section) -> str:
    how = "took too long" if section.is_timed_out else f"exited {section.exit_status}"
    said = section.error_text or clean(decode(section.stdout[-2_048:]))
    return f"apk --simulate fix --upgrade {how}: {said or 'no message'}"
