"""apt and dpkg: Debian, Ubuntu and what descends from them."""

import re
from dataclasses import dataclass

from collectors.managers.apt_coverage import CoverageAnswer, find_unclassifying, judge_coverage
from collectors.managers.apt_esm import find_subscription, list_subscription_updates
from collectors.managers.apt_health import (
    find_half_done,
    find_locks,
    find_odd_names,
    find_space,
    find_unread,
    is_interrupted,
    parse_locks,
)
from collectors.managers.apt_lists import Lists, failing_repositories, parse_lists
from collectors.managers.apt_plan import Plan, is_whole, parse_plan
from collectors.managers.apt_policy import parse_policies
from collectors.managers.apt_refresh import RefreshAnswer, read_refresh
from collectors.managers.apt_repositories import list_repositories
from collectors.managers.apt_settings import UnreadableSettings, find_unreadable
from collectors.managers.apt_updates import AptAnswers, list_updates, update_key
from collectors.managers.detection import is_managed_by
from collectors.managers.dpkg import Inventory, parse_inventory
from collectors.managers.failed_commands import describe_failure, require_success
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.sections import Section, Sections
from fleet.answers import Coverage
from fleet.errors import UnreadableOutput
from fleet.facts import Repository
from fleet.failures import Failure, Finding, FindingKind, Severity
from fleet.hostile import clean, decode
from fleet.updates import Update

_COMMANDS = {
    "apt-config": "apt-config shell",
    "dpkg-query": "dpkg-query -W",
    "apt-plan": "apt-get --print-uris dist-upgrade",
    "apt-plan-upgrade": "apt-get --print-uris upgrade",
    "apt-plan-new": "apt-get --print-uris upgrade --with-new-pkgs",
    "apt-policy": "apt-cache policy",
    "apt-targets": "apt-get indextargets",
    "apt-lists": "reading of apt's lists",
}
# 100 with either of them: apt-get(8) says only that 100 is an error.
_LOST = re.compile(r"^E: The package (?P<name>\S+) needs to be reinstalled, but I can't find an archive", re.MULTILINE)
_UNMET = ("unmet dependencies", "held broken packages", "Unmet dependencies")


class Apt:
    """The package manager of Debian and Ubuntu."""

    name = "apt"

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
        config = self._succeeded("apt-config")
        inventory = parse_inventory(self._succeeded("dpkg-query"), config.value("architecture"))
        lists = self._read_lists()
        refresh = self._read_refresh()
        unreadable = self._find_unreadable()
        coverage = self._judge(lists, refresh, unreadable)
        health = self._find_health(inventory)
        answers, broken = self._read_answers(
            inventory, lists, coverage, (*health, *refresh.findings, *coverage.findings)
        )
        updates = _with_subscription(answers)
        downloaded = _names(self.sections.find("apt-archives"))
        space = find_space(answers.plan, downloaded, self.context.disks, config.value("archives"))
        findings = (
            *refresh.findings,
            *coverage.findings,
            *health,
            *broken,
            *space,
            *find_unread(answers.plan, answers.plan_upgrade, answers.plan_new),
            *find_subscription(updates),
        )
        return ManagerAnswer(
            updates=updates,
            installed=inventory.versions,
            coverage=coverage.coverage,
            findings=findings,
            metadata_at=lists.made_at,
            repositories=self._list_repositories(lists, refresh),
            sources=inventory.sources,
        )

    def _succeeded(self, name: str) -> Section:
        return require_success(self.sections.get(name), _failure)

    def _read_lists(self) -> Lists:
        return parse_lists(self._succeeded("apt-targets"), self.sections.get("apt-lists"))

    def _read_refresh(self) -> RefreshAnswer:
        section = self.sections.find("apt-refresh")
        return read_refresh(section) if section else RefreshAnswer(True, (), ())

    def _find_unreadable(self) -> UnreadableSettings:
        config, targets = self.sections.get("apt-config"), self.sections.get("apt-targets")
        return find_unreadable(config, targets, self.sections.find("apt-policy"))

    def _judge(self, lists: Lists, refresh: RefreshAnswer, unreadable: UnreadableSettings) -> CoverageAnswer:
        failing = failing_repositories(lists, refresh.complaints)
        answer = judge_coverage(lists, self.context.families, self.context.now, failing)
        coverage = Coverage.UNKNOWN if unreadable.sources else answer.coverage
        return CoverageAnswer(coverage, (*unreadable.findings, *answer.findings))

    def _list_repositories(self, lists: Lists, refresh: RefreshAnswer) -> tuple[Repository, ...]:
        failing = {repository.stem for repository, _ in failing_repositories(lists, refresh.complaints)}
        return list_repositories(lists, self.context.families, failing)

    def _find_health(self, inventory: Inventory) -> tuple[Finding, ...]:
        locks = parse_locks(self.sections.find("apt-locks"))
        half_done = find_half_done(inventory, self.sections.find("dpkg-updates"), bool(locks))
        return (*find_locks(locks), *half_done, *find_odd_names(inventory))

    def _read_answers(
        self, inventory: Inventory, lists: Lists, coverage: CoverageAnswer, noticed: tuple[Finding, ...]
    ) -> tuple[AptAnswers, tuple[Finding, ...]]:
        section = self.sections.get("apt-plan")
        plan = parse_plan(section)
        broken = _find_broken(section, plan)
        if section.exit_status != 0 and not broken:
            raise ManagerFailed(_failure(section), noticed)
        if section.exit_status == 0 and not is_whole(section):
            raise UnreadableOutput(section.name, len(section.stdout.splitlines()), "(apt's summary is missing)")
        is_stopped = is_interrupted(self.sections.find("dpkg-updates"))
        owner = find_unclassifying(lists, self.context.families)
        answers = AptAnswers(
            inventory=inventory,
            plan=plan,
            plan_upgrade=self._read_plan("apt-plan-upgrade"),
            plan_new=self._read_plan("apt-plan-new"),
            # Without a package, apt-cache would speak of the repositories instead, so it is not asked.
            policies=parse_policies(self._succeeded("apt-policy")) if inventory.packages else {},
            lists=lists,
            families=self.context.families,
            is_security_known=_is_security_known(lists, self.context.families, coverage),
            broken=broken[0].text if broken else "dpkg was interrupted" if is_stopped else "",
            esm=parse_policies(esm) if (esm := self.sections.find("apt-esm")) and esm.exit_status == 0 else {},
            why_unclassified=f"{owner} has no security suite" if owner else "no security repository could be read",
        )
        return answers, broken

    def _read_plan(self, name: str) -> Plan | None:
        return parse_plan(self._succeeded(name)) if self.sections.find(name) else None


def _with_subscription(answers: AptAnswers) -> tuple[Update, ...]:
    updates = list_updates(answers)
    seen = {update_key(update) for update in updates}
    more = tuple(update for update in list_subscription_updates(answers) if update_key(update) not in seen)
    return (*updates, *more) if more else updates


def _is_security_known(lists: Lists, families: tuple[str, ...], coverage: CoverageAnswer) -> bool:
    if coverage.coverage is Coverage.COMPLETE:
        return True
    security = [repository for repository in lists.repositories if repository.is_security(families)]
    return bool(security) and not any(repository.is_missing for repository in security)


def _find_broken(section: Section, plan: Plan) -> tuple[Finding, ...]:
    said = decode(section.stdout[-65536:] + section.stderr[-65536:])
    if section.exit_status == 100 and (match := _LOST.search(said)):
        text = f"{match['name']} must be reinstalled, and no repository has its version; apt does nothing until then."
        remedy = "Install that version of it again, or remove it with dpkg --remove --force-remove-reinstreq."
        return (Finding(FindingKind.PACKAGE_BROKEN, Severity.ERROR, clean(text, 500), remedy),)
    if section.exit_status != 100 or not any(words in said for words in _UNMET):
        return ()
    text = "Dependencies of installed packages are not met" + (f": {'; '.join(plan.unmet[:3])}" if plan.unmet else ".")
    remedy = "Run apt-get --fix-broken install on it, after reading what it would remove."
    return (Finding(FindingKind.DEPENDENCIES_BROKEN, Severity.ERROR, clean(text, 500), remedy),)


def _names(section: Section | None) -> tuple[str, ...]:
    return tuple(line for _, line in section.lines()) if section else ()


def _failure(section: Section) -> Failure:
    errors = [line for line in decode(section.stderr[-16384:]).splitlines() if line.startswith("E:")]
    return describe_failure(_COMMANDS.get(section.name, section.name), section, " ".join(errors))
