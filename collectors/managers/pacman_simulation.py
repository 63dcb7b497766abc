"""What pacman would do for an order: only a whole upgrade, or nothing. Arch supports no partial ones."""

import re
from collections.abc import Mapping

from collectors.managers.ordered_packages import find_kept, refuse, summarise
from collectors.managers.pacman_updates import parse_plan
from collectors.sections import Section, Sections
from fleet.deployments.jobs import JobOrder
from fleet.deployments.plan import ChangeKind, PackageChange, Simulation
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_INSTALLED = re.compile(r"(?P<name>\S+) (?P<version>\S+)")
_SIZE = re.compile(r"(?P<name>[^|\s]+)\|(?P<size>[0-9]{1,15})")
# Questions and notices of pacman's, which it puts on standard output as well.
_TALK = (":: ", "warning: ", "resolving dependencies", "looking for conflicting packages", " there is nothing to do")
_NAMED = 5


def read_simulation(sections: Sections, order: JobOrder) -> Simulation:
    """What pacman would do.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: collectors/jobs/pacman.sh; pacman 6.0.2 in the lab.
    """
    plan = parse_plan(sections.get("pacman-plan"))
    if plan.failure:
        return refuse(plan.failure)
    installed = _parse_installed(sections.get("pacman-installed"))
    ordered = {package.name: package for package in order.packages}
    changes = tuple(
        PackageChange(
            ChangeKind.UPGRADE if name in installed else ChangeKind.INSTALL,
            name,
            ordered[name].architecture if name in ordered else "",
            installed.get(name, ""),
            version,
            size,
        )
        for (name, version), size in plan.sizes.items()
    )
    left = [change.name for change in changes if change.kind is ChangeKind.UPGRADE and change.name not in ordered]
    if left:
        return refuse(_describe_partial(left, len(changes)))
    kept = find_kept(order, changes, str.__eq__, lambda _: "an upgrade leaves it as it is")
    download = _sum_sizes(sections.get("pacman-download"))
    if kept and changes:
        names = ", ".join(each.name for each in kept[:_NAMED])
        return refuse(f"pacman upgrades all or nothing, and would not bring what was chosen of {names}: assess anew")
    return summarise(changes, kept, "", download_bytes=download)


def _describe_partial(left: list[str], total: int) -> str:
    names = ", ".join(left[:_NAMED]) + (", …" if len(left) > _NAMED else "")
    text = f"pacman upgrades all or nothing, and {len(left)} of {total} packages are not chosen ({names}):"
    return f"{text} choose every update, or have pacman leave them (IgnorePkg)"


def _parse_installed(section: Section) -> Mapping[str, str]:
    installed = {}
    for number, line in section.lines():
        match = _INSTALLED.fullmatch(line)
        if match is None:
            raise UnreadableOutput(section.name, number, clean(line))
        installed[clean_name(match["name"])] = clean_name(match["version"])
    return installed


def _sum_sizes(section: Section) -> int | None:
    """What must still be fetched: pacman says 0 of what lies in its cache. None where it could not say."""
    if section.exit_status != 0:
        return None
    total = 0
    for number, line in section.lines():
        match = _SIZE.fullmatch(line)
        if match is not None:
            total += int(match["size"])
        elif not line.startswith(_TALK):
            raise UnreadableOutput(section.name, number, clean(line))
    return total
