"""The updates of a machine with pacman: what it offers, what it would do, and where each version comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.managers.failed_commands import describe_end
from collectors.managers.pacman_config import PacmanConfig
from collectors.managers.pacman_packages import PacmanPackage, PacmanPackages
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode
from fleet.updates import Blocker, Classification, Update

_OFFER = re.compile(r"(?P<name>\S+) (?P<old>\S+) -> (?P<new>\S+)(?P<ignored> \[ignored\])?")
_AVAILABLE = re.compile(r"(?P<repository>\S+) (?P<name>\S+) (?P<version>\S+) \[installed: \S+\]")
_PLANNED = re.compile(r"(?P<repository>[^|]+)\|(?P<name>[^|]+)\|(?P<version>[^|]+)\|(?P<size>\d{1,15})")
# :: unable to satisfy dependency 'acme-nowhere' required by acme-dep
# :: installing acme (2-1) breaks dependency 'acme=1' required by acme-plugin
_UNMET = re.compile(
    r":: (?:unable to satisfy|installing \S+ \(\S+\) breaks) dependency '[^']*' required by (?P<name>\S+)"
)
# pacman's questions and notices, which it puts on standard output as well.
_TALK = (":: ", "warning: ", "resolving dependencies", "looking for conflicting packages", " there is nothing to do")
_SOURCE = "pacman's repositories do not say what an update is for"


@dataclass(slots=True)
class PacmanPlan:
    """What `pacman -Sup` would install: size by name and version. ``failure`` says why it would do nothing at all.

    ``unmet`` maps packages whose dependencies cannot be met to pacman's own words.
    """

    sizes: dict[tuple[str, str], int] = field(default_factory=dict)
    failure: str = ""
    unmet: dict[str, str] = field(default_factory=dict)


def parse_plan(section: Section) -> PacmanPlan:
    """The plan that pacman printed.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: pacman(8) --print-format, pacman 6.0.2.
    """
    plan = PacmanPlan()
    said = [clean(line) for line in decode(section.stderr[:65536]).splitlines()]
    for number, line in section.lines():
        if match := _PLANNED.fullmatch(line):
            plan.sizes[clean_name(match["name"]), clean_name(match["version"])] = int(match["size"])
        elif line.startswith(_TALK):
            said.append(clean(line))
        else:
            raise UnreadableOutput(section.name, number, clean(line))
    if section.exit_status != 0:
        plan.unmet = {clean_name(m["name"]): line.removeprefix(":: ") for line in said if (m := _UNMET.fullmatch(line))}
        reasons = [line.removeprefix(":: ") for line in said if line.startswith((":: ", "error: "))]
        plan.failure = clean(f"pacman -Su {describe_end(section)}: {'; '.join(reasons[:4]) or 'no message'}", 500)
    return plan


def parse_available(section: Section) -> dict[tuple[str, str], str]:
    """The repository of each name and version that is not the installed one; the first where several have it.

    Raises:
        UnreadableOutput: a line fits no known shape.
    """
    repositories: dict[tuple[str, str], str] = {}
    for number, line in section.lines():
        match = _AVAILABLE.fullmatch(line)
        if match is None:
            raise UnreadableOutput(section.name, number, clean(line))
        key = clean_name(match["name"]), clean_name(match["version"])
        repositories.setdefault(key, clean_name(match["repository"]))
    return repositories


@dataclass(frozen=True, slots=True)
class PacmanAnswers:
    """What pacman said, read."""

    packages: PacmanPackages
    config: PacmanConfig
    plan: PacmanPlan
    repositories: Mapping[tuple[str, str], str]


def list_updates(section: Section, answers: PacmanAnswers) -> tuple[Update, ...]:
    """One update for each line of `pacman -Qu`, in its order.

    Packages of no repository are never among them, nor those that another one would replace.

    Raises:
        UnreadableOutput: a line fits no known shape, or names a package that is not installed.

    Source: pacman(8), pacman 6.0.2.
    """
    updates: dict[str, Update] = {}
    for number, line in section.lines():
        match = _OFFER.fullmatch(line)
        package = answers.packages.by_name.get(clean_name(match["name"])) if match else None
        if match is None or package is None or package.name in updates:
            raise UnreadableOutput(section.name, number, clean(line))
        updates[package.name] = _make(answers, package, match)
    return tuple(updates.values())


def _make(answers: PacmanAnswers, package: PacmanPackage, offer: re.Match[str]) -> Update:
    offered = clean_name(offer["new"])
    blocker, detail = _find_blocker(answers, package, offered, is_ignored=bool(offer["ignored"]))
    return Update(
        name=package.name,
        architecture=package.architecture,
        installed_version=clean_name(offer["old"]),
        offered_version=offered,
        classification=Classification.UNCLASSIFIED,
        classification_source=_SOURCE,
        repository=answers.repositories.get((package.name, offered), ""),
        blocker=blocker,
        blocker_detail=clean(detail, 500),
        size_bytes=answers.plan.sizes.get((package.name, offered)),
        source_package=package.source,
    )


def _find_blocker(
    answers: PacmanAnswers, package: PacmanPackage, offered: str, *, is_ignored: bool
) -> tuple[Blocker | None, str]:
    plan = answers.plan
    if is_ignored:
        rule = answers.config.find_rule(package)
        return (
            Blocker.HELD,
            f"{rule} in pacman.conf" if rule else "pacman.conf does not use its repository for upgrades",
        )
    if package.name in plan.unmet:
        return Blocker.DEPENDENCY_MISSING, plan.unmet[package.name]
    if plan.failure:
        return Blocker.PACKAGE_MANAGER_BROKEN, plan.failure
    if (package.name, offered) not in plan.sizes:
        return Blocker.KEPT_BACK, "pacman -Su would not install it"
    return None, ""
