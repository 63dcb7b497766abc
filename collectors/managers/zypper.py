"""zypper: SLES, openSUSE Leap and Tumbleweed, and the transactional systems made of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from collectors.managers.detection import is_managed_by
from collectors.managers.failed_commands import describe_failure, require_success
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed, RebootAnswer
from collectors.managers.rpm_inventory import RpmInventory, parse_rpm_inventory
from collectors.managers.zypper_coverage import ROLLING, ZypperCoverage, ZypperSystem, judge_coverage
from collectors.managers.zypper_health import (
    find_hidden_patches,
    find_lock,
    find_stack_first,
    find_unread,
    find_unread_patches,
    read_reboot,
)
from collectors.managers.zypper_locks import ZypperLocks, parse_locks
from collectors.managers.zypper_patches import Contents, Patches, list_patches, parse_contents
from collectors.managers.zypper_reasons import parse_reasons
from collectors.managers.zypper_refresh import ZypperRefresh, find_skipped, hide_passwords, read_refresh
from collectors.managers.zypper_repositories import ZypperRepositories, parse_repositories
from collectors.managers.zypper_transactional import Transactional, find_immutable, judge_reboot, read_transactional
from collectors.managers.zypper_updates import ZypperAnswers, list_updates
from collectors.managers.zypper_xml import ListedUpdate, ZypperList, parse_list
from collectors.os_release import parse_os_release
from collectors.sections import Section, Sections
from fleet.answers import Coverage
from fleet.errors import UnreadableOutput
from fleet.facts import UpdateModel
from fleet.failures import Failure, Finding
from fleet.hostile import clean_name
from fleet.updates import Update

_COMMANDS = {
    "zypper-updates": "zypper list-updates --all",
    "zypper-patches": "zypper list-patches",
    "zypper-installable": "zypper list-updates",
    "zypper-contents": "zypper info -t patch",
    "zypper-packages": "rpm -qa",
    "zypper-state": "reading of zypper's state",
    "zypper-repositories": "reading of /etc/zypp/repos.d",
}
# zypper(8): 106 is success with repositories left out, which the messages name.
_SUCCESS = (0, 106)
_NOT_FOUND = 104
_EMPTY = ZypperList((), (), ())


class Zypper:
    """The package manager of SUSE's systems."""

    name = "zypper"

    def is_present(self, programs: frozenset[str], families: tuple[str, ...]) -> bool:
        """See `Manager.is_present`."""
        return is_managed_by(self.name, programs, families)

    def read(self, sections: Sections, context: MachineContext) -> ManagerAnswer:
        """See `Manager.read`."""
        return _Reader(sections, context).read()


@dataclass(frozen=True, slots=True)
class _Lists:
    """zypper's three lists, read."""

    known: ZypperList
    patches: ZypperList
    installable: ZypperList

    @property
    def all(self) -> tuple[ZypperList, ...]:
        return self.known, self.patches, self.installable


@dataclass(frozen=True, slots=True)
class _Reader:
    sections: Sections
    context: MachineContext

    def read(self) -> ManagerAnswer:
        state = self._succeeded("zypper-state").values()
        inventory = parse_rpm_inventory(self._succeeded("zypper-packages"))
        repositories = parse_repositories(self._succeeded("zypper-repositories"))
        refresh = read_refresh(self.sections.find("zypper-refresh"))
        system = ZypperSystem(self.context.families, self.context.now, "registered" in state)
        noticed = (*find_lock(state), *refresh.findings)
        lists = self._read_lists(noticed)
        coverage = self._judge(repositories, lists, refresh, system)
        answers, unread = self._gather(inventory, repositories, lists, coverage, system)
        updates = list_updates(answers)
        patches = answers.patches.by_name.values()
        transactional = read_transactional(state, self.context.families)
        findings = (
            *noticed,
            *coverage.findings,
            *find_stack_first(patches),
            *self._find_hidden(answers, updates),
            *find_unread_patches(self.sections.find("zypper-contents"), is_read=answers.are_patches_read),
            *find_unread(unread),
            *(find_immutable(transactional) if transactional else ()),
        )
        return self._answer(answers, updates, coverage, findings, self._reboot(transactional, read_reboot(state)))

    def _answer(
        self,
        answers: ZypperAnswers,
        updates: tuple[Update, ...],
        coverage: ZypperCoverage,
        findings: tuple[Finding, ...],
        reboot: tuple[RebootAnswer | None, UpdateModel | None],
    ) -> ManagerAnswer:
        known = answers.repositories.repositories
        is_whole = answers.are_patches_read or coverage.coverage is not Coverage.COMPLETE
        return ManagerAnswer(
            updates=updates,
            installed=answers.inventory.versions,
            coverage=coverage.coverage if is_whole else Coverage.SECURITY_UNKNOWN,
            findings=findings,
            metadata_at=max((r.made_at for r in known if r.made_at is not None), default=None),
            reboot=reboot[0],
            sources=answers.inventory.sources,
            repositories=tuple(r.as_fact(self._system_name(), r.alias in coverage.failing) for r in known),
            update_model=reboot[1],
        )

    def _reboot(
        self, transactional: Transactional | None, zypper: RebootAnswer | None
    ) -> tuple[RebootAnswer | None, UpdateModel | None]:
        if transactional is None:
            return zypper, None
        return judge_reboot(transactional, zypper), UpdateModel.TRANSACTIONAL_UPDATE

    def _succeeded(self, name: str) -> Section:
        return require_success(self.sections.get(name), _failure)

    def _read_lists(self, noticed: tuple[Finding, ...]) -> _Lists:
        is_asked = self.sections.find("zypper-installable") is not None
        return _Lists(
            known=self._read_list("zypper-updates", noticed),
            patches=self._read_list("zypper-patches", noticed),
            installable=self._read_list("zypper-installable", noticed) if is_asked else _EMPTY,
        )

    def _read_list(self, name: str, noticed: tuple[Finding, ...]) -> ZypperList:
        section = self.sections.get(name)
        try:
            answer = parse_list(section)
        except UnreadableOutput:
            if section.exit_status in _SUCCESS:
                raise
            raise ManagerFailed(_failure(section), noticed) from None
        if section.exit_status not in _SUCCESS:
            raise ManagerFailed(_failure(section, answer.texts("error")), noticed)
        return answer

    def _judge(
        self, repositories: ZypperRepositories, lists: _Lists, refresh: ZypperRefresh, system: ZypperSystem
    ) -> ZypperCoverage:
        texts = tuple(text for answer in lists.all for kind in ("error", "warning") for text in answer.texts(kind))
        return judge_coverage(repositories, find_skipped(texts), refresh.skipped, system)

    def _gather(
        self,
        inventory: RpmInventory,
        repositories: ZypperRepositories,
        lists: _Lists,
        coverage: ZypperCoverage,
        system: ZypperSystem,
    ) -> tuple[ZypperAnswers, Iterable[str]]:
        patches, are_read, contents = self._read_patches(lists.patches)
        locks = self._read_locks()
        answers = ZypperAnswers(
            inventory=inventory,
            repositories=repositories,
            known=lists.known.updates,
            installable=lists.installable.updates,
            patches=Patches(patches, contents),
            locks=locks,
            reasons=parse_reasons(self.sections.find("zypper-reasons")),
            failing=coverage.failing,
            are_patches_read=are_read,
            is_rolling=system.is_rolling,
        )
        unread = (text for answer in lists.all for text in answer.unread)
        return answers, (*unread, *contents.unread, *locks.unread)

    def _read_patches(self, answer: ZypperList) -> tuple[dict[str, ListedUpdate], bool, Contents]:
        patches = list_patches(answer.updates)
        section = self.sections.find("zypper-contents")
        is_read = section is None or section.exit_status in (*_SUCCESS, _NOT_FOUND)
        return patches, is_read, parse_contents(section if is_read else None)

    def _read_locks(self) -> ZypperLocks:
        section = self.sections.get("zypper-locks")
        return (
            parse_locks(section) if section.exit_status == 0 else ZypperLocks((), ("/etc/zypp/locks is not readable",))
        )

    def _find_hidden(self, answers: ZypperAnswers, updates: tuple[Update, ...]) -> Iterable[Finding]:
        return find_hidden_patches(answers.patches.by_name.values(), updates) if answers.are_patches_read else ()

    def _system_name(self) -> str:
        """What tells this release from others; the version of a rolling system is a date and tells nothing."""
        release = parse_os_release(self.sections.get("os-release"))
        version = "" if ROLLING.intersection(release.families) else release.version or ""
        return clean_name(f"{release.os_id or 'linux'} {version}")


def _failure(section: Section, errors: tuple[str, ...] = ()) -> Failure:
    return describe_failure(
        _COMMANDS.get(section.name, section.name),
        section,
        hide_passwords(" ".join(errors) or section.error_text),
        remedy_if_stopped="See on the machine whether its disk, its repositories or zypper hangs.",
    )
