"""Why zypper would not install an update that it knows of, in its own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.managers.rpm_versions import split_nevra
from collectors.managers.zypper_locks import ZypperLocks
from collectors.managers.zypper_xml import ListedUpdate
from collectors.sections import Section
from fleet.hostile import clean, clean_name, decode
from fleet.updates import Blocker

_MOST_BYTES = 1_048_576
# Each is looked through for each update that is not taken; zypper's solver met two dozen at most.
_MOST_PROBLEMS = 1_000
_LEFT = re.compile(r"There is an update candidate for '(?P<name>[^']+)'(?P<why>.*)")
_MISSING = re.compile(r"Problem: nothing provides (?P<what>.+) needed by (?P<package>\S+)")
_PROBLEM = re.compile(r"Problem: (?P<what>.+)")
_ADVICE = re.compile(r"\.? Use 'zypper .*")


@dataclass(frozen=True, slots=True)
class Reason:
    """A blocker with its evidence."""

    blocker: Blocker
    text: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """What zypper said of packages by name, and the problems that its solver met."""

    by_name: Mapping[str, Reason] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def parse_reasons(section: Section | None) -> Reasons:
    """What ``zypper update --dry-run`` said of the packages that it leaves out; nothing where it was not asked.

    Its talk is not read whole: only what names a package and a reason is taken, and the rest is never an update.

    Source: zypper 1.14.42, captured in a throw-away root.
    """
    by_name: dict[str, Reason] = {}
    problems: dict[str, None] = {}
    text = decode(section.stdout[:_MOST_BYTES]) if section else ""
    for line in map(str.strip, text.splitlines()):
        if match := _LEFT.match(line):
            by_name.setdefault(clean_name(match["name"]), _read_left(match["why"]))
        elif match := _MISSING.match(line):
            package = split_nevra(match["package"])
            name = clean_name(package.name if package else match["package"])
            by_name.setdefault(
                name, Reason(Blocker.DEPENDENCY_MISSING, clean(f"nothing provides {match['what']}", 300))
            )
        elif len(problems) < _MOST_PROBLEMS and (match := _PROBLEM.match(line)):
            problems[clean(match["what"], 300)] = None
    return Reasons(by_name, tuple(problems))


def _read_left(why: str) -> Reason:
    text = clean(_ADVICE.sub("", why).lstrip(" ,"), 300)
    if "vendor" in why:
        return Reason(Blocker.VENDOR_CHANGE, f"it comes {text}: zypper update changes no vendor")
    if "priority" in why:
        return Reason(Blocker.PINNED, text)
    if "locked" in why:
        return Reason(Blocker.HELD, text)
    return Reason(Blocker.KEPT_BACK, text)


def find_reason(update: ListedUpdate, locks: ZypperLocks, reasons: Reasons) -> Reason:
    """Why zypper lists an update only when asked for those that it cannot install."""
    lock = locks.find(update.name, update.offered, update.alias)
    if lock is not None:
        return Reason(Blocker.HELD, f"zypper has a lock on it: {lock.describe()}")
    if update.name in reasons.by_name:
        return reasons.by_name[update.name]
    package = f"{update.name}-{update.offered}.{update.architecture}"
    problem = next((problem for problem in reasons.problems if package in problem), None)
    if problem is not None:
        return Reason(Blocker.KEPT_BACK, f"zypper's solver does not take it: {problem}")
    if locks.has_patterns:
        return Reason(Blocker.KEPT_BACK, "zypper update leaves it out; a lock by a regular expression may cover it")
    return Reason(Blocker.KEPT_BACK, "zypper update leaves it out: its dependencies, its vendor or a priority")
