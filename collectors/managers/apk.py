"""apk: Alpine and what descends from it; the second and the third generation of apk-tools."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.managers.apk_indexes import judge, name_repository, parse_indexes
from collectors.managers.apk_packages import ApkList, ApkPackage, find_pin, parse_list, parse_world
from collectors.managers.apk_versions import compare_apk
from collectors.managers.detection import is_managed_by
from collectors.managers.failed_commands import describe_end, describe_failure, require_success
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.managers.replaced_kernels import read_replaced_kernel
from collectors.sections import Section, Sections
from fleet.answers import Coverage
from fleet.errors import UnreadableOutput
from fleet.failures import Failure, Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name
from fleet.updates import Blocker, Classification, Update

_COMMANDS = {
    "apk-installed": "apk list --installed",
    "apk-updates": "apk list --upgradable",
    "apk-policy": "apk policy",
    "apk-indexes": "reading of apk's indexes",
}
_SOURCE = "apk's repositories do not say what an update is for"
_POLICY_NAME = re.compile(r"(?P<name>\S+) policy:")
_POLICY_VERSION = re.compile(r"  (?P<version>\S+):")
_POLICY_PLACE = re.compile(r"    (?:@\S+ )?(?P<address>[a-z][a-z0-9+.-]*://\S+|/\S*)")


class Apk:
    """The package manager of Alpine."""

    name = "apk"

    def is_present(self, programs: frozenset[str], families: tuple[str, ...]) -> bool:
        """See `Manager.is_present`."""
        return is_managed_by(self.name, programs, families)

    def read(self, sections: Sections, context: MachineContext) -> ManagerAnswer:
        """See `Manager.read`."""
        return _Reader(sections, context).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    sections: Sections
    context: MachineContext

    def read(self) -> ManagerAnswer:
        installed = parse_list(self._succeeded("apk-installed"))
        if not installed.packages:
            raise ManagerFailed(_failure(self.sections.get("apk-installed")))
        offered = parse_list(self._succeeded("apk-updates"))
        indexes = parse_indexes(self.sections.get("apk-repositories"), self._succeeded("apk-indexes"), offered.warnings)
        coverage, findings = judge(indexes, offered.warnings, self.context.now)
        refresh = _find_no_refresh(self.sections.find("apk-refresh"))
        return ManagerAnswer(
            updates=self._list_updates(offered),
            installed={(p.name, p.architecture): p.version for p in installed.packages},
            coverage=Coverage.UNKNOWN if refresh else coverage,
            findings=(*refresh, *findings, *_find_odd_names(installed)),
            metadata_at=indexes.made_at,
            reboot=read_replaced_kernel(self.sections, "apk-kernel"),
            repositories=indexes.list_repositories(),
            sources={(p.name, p.architecture): p.origin for p in installed.packages if p.origin not in ("", p.name)},
        )

    def _succeeded(self, name: str) -> Section:
        return require_success(self.sections.get(name), _failure)

    def _list_updates(self, offered: ApkList) -> tuple[Update, ...]:
        """One update for each package: apk lists every newer version of it, and takes the newest."""
        newest: dict[str, ApkPackage] = {}
        for package in offered.packages:
            known = newest.get(package.name)
            if package.old and (known is None or compare_apk(package.version, known.version) > 0):
                newest[package.name] = package
        places = parse_policy(self._succeeded("apk-policy"))
        world = parse_world(self.sections.find("apk-world"))
        return tuple(_make(package, places, world) for package in newest.values())


def parse_policy(section: Section) -> dict[tuple[str, str], str]:
    """The first repository that has each version of each package.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: apk-policy(8) and src/app_policy.c, apk-tools 2.10 to 3.0.
    """
    places: dict[tuple[str, str], str] = {}
    name = version = ""
    for number, line in section.lines():
        if match := _POLICY_NAME.fullmatch(line):
            name, version = clean_name(match["name"]), ""
        elif name and (match := _POLICY_VERSION.fullmatch(line)):
            version = clean_name(match["version"])
        elif version and (match := _POLICY_PLACE.fullmatch(line)):
            places.setdefault((name, version), name_repository(match["address"]))
        elif not (version and line.startswith("    ")) and not line.startswith(("WARNING: ", "ERROR: ")):
            raise UnreadableOutput(section.name, number, clean(line))
    return places


def _make(package: ApkPackage, places: Mapping[tuple[str, str], str], world: Mapping[str, re.Match[str]]) -> Update:
    pin = find_pin(world, package.name, package.version)
    return Update(
        name=package.name,
        architecture=package.architecture,
        installed_version=package.old,
        offered_version=package.version,
        classification=Classification.UNCLASSIFIED,
        classification_source=_SOURCE,
        repository=places.get((package.name, package.version), ""),
        blocker=Blocker.PINNED if pin else None,
        blocker_detail=f"{pin} in /etc/apk/world" if pin else "",
        source_package=package.origin,
    )


def _find_no_refresh(section: Section | None) -> tuple[Finding, ...]:
    if section is None or section.exit_status == 0:
        return ()
    text = clean(f"apk update {describe_end(section)}: {section.error_text or 'no message'}", 500)
    remedy = "Indexes are as old as before; run apk update on it and read what it says."
    return (Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, text, remedy),)


def _find_odd_names(installed: ApkList) -> tuple[Finding, ...]:
    if not installed.odd_names:
        return ()
    names = installed.odd_names
    text = f"{len(names)} package names hold characters that no name may: {', '.join(names[:5])}."
    return (Finding(FindingKind.NAME_NOT_CLEAN, Severity.WARNING, text, "Look at apk's database on the machine."),)


def _failure(section: Section) -> Failure:
    remedy = "Run it on the machine and mend what it names; apk list needs apk-tools 2.10 (Alpine 3.8)."
    return describe_failure(_COMMANDS[section.name], section, remedy=remedy)
