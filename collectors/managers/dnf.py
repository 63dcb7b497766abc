"""dnf, dnf5, microdnf and yum 3: RHEL, its rebuilds, Fedora, Oracle Linux, Amazon Linux and their like."""

from dataclasses import dataclass

from collectors.managers.detection import find_manager
from collectors.managers.dnf_answer import DnfAnswer
from collectors.managers.dnf_coverage import judge_coverage, newest_date
from collectors.managers.dnf_health import (
    find_dnf_locks,
    find_duplicates,
    find_hidden,
    find_release_lock,
    find_subscription,
    find_unread,
    find_unsolvable,
    read_reboot,
)
from collectors.managers.dnf_refresh import find_failing, read_refresh
from collectors.managers.dnf_rows import parse_rows
from collectors.managers.dnf_settings import DnfSettings, parse_settings
from collectors.managers.dnf_skipped import find_skipped
from collectors.managers.dnf_texts import parse_texts
from collectors.managers.dnf_updates import DnfUpdates
from collectors.managers.failed_commands import describe_failure
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.managers.rpm_inventory import RpmInventory, parse_rpm_inventory
from collectors.sections import Section, Sections
from fleet.answers import Coverage
from fleet.failures import Failure, Finding, FindingKind, Severity
from fleet.hostile import clean, decode

_KIND = frozenset({"dnf", "dnf5", "yum", "microdnf"})
_COMMANDS = {
    "dnf-installed": "rpm -qa",
    "dnf-answer": "dnf's own Python",
    "dnf-enabled": "the list of repositories",
    "dnf-candidates": "the query of upgrades",
    "dnf-offered": "check-update",
    "dnf-advisories": "the list of advisories",
    "dnf-cves": "the list of advisories with CVEs",
}
# check-update exits 100 where there are updates: dnf(8), yum(8).
_HAS_UPDATES = 100


class Dnf:
    """The package manager of RHEL and its like, by whichever of its names."""

    name = "dnf"

    def is_present(self, programs: frozenset[str], families: tuple[str, ...]) -> bool:
        """See `Manager.is_present`."""
        return find_manager(programs, families) in _KIND

    def read(self, sections: Sections, context: MachineContext) -> ManagerAnswer:
        """See `Manager.read`."""
        return _Reader(sections, context).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    sections: Sections
    context: MachineContext

    def read(self) -> ManagerAnswer:
        installed = self.sections.get("dnf-installed")
        health = (*find_dnf_locks(self.sections.get("dnf-locks")), *read_refresh(self.sections.find("dnf-refresh")))
        if installed.exit_status != 0:
            raise ManagerFailed(_failure(installed), (*health, *_find_broken(installed)))
        inventory = parse_rpm_inventory(installed)
        settings = parse_settings(self.sections.get("dnf-settings"))
        health = (*health, *find_duplicates(installed), *_find_unreadable(settings))
        if self.sections.get("dnf-tool").value("tool") == "microdnf":
            found = (_no_lister(), *health)
            return ManagerAnswer((), inventory.versions, Coverage.UNKNOWN, found, sources=inventory.sources)
        return self._answer(inventory, settings, self._read_answer(health), health)

    def _answer(
        self, inventory: RpmInventory, settings: DnfSettings, answer: DnfAnswer, health: tuple[Finding, ...]
    ) -> ManagerAnswer:
        failing = dict(find_failing(self.sections.find("dnf-refresh")))
        release_lock = find_release_lock(self.sections.find("dnf-notices"), answer)
        coverage = judge_coverage(answer, failing, self.context.now, is_locked=release_lock is not None)
        subscription = tuple(find_subscription(answer, settings, self.context.families))
        unentitled = "".join(finding.text for finding in subscription)
        updates = DnfUpdates(inventory, answer, settings, failing, unentitled).list_updates()
        skipped = tuple(find_skipped(self.sections.find("dnf-answer") or self.sections.find("dnf-enabled")))
        is_partial = bool(settings.unreadable or skipped) or (bool(answer.unread) and not answer.is_framed)
        findings = (
            *coverage.findings,
            *((release_lock,) if release_lock else ()),
            *find_hidden(updates),
            *skipped,
            *subscription,
            *find_unsolvable(answer),
            *health,
            *find_unread(answer),
        )
        return ManagerAnswer(
            updates=updates,
            installed=inventory.versions,
            coverage=Coverage.UNKNOWN if is_partial else coverage.coverage,
            findings=findings,
            metadata_at=newest_date(answer),
            reboot=read_reboot(self.sections.find("dnf-reboot"), answer),
            sources=inventory.sources,
            repositories=coverage.repositories,
        )

    def _read_answer(self, health: tuple[Finding, ...]) -> DnfAnswer:
        rows = self.sections.find("dnf-answer")
        if rows is not None and rows.exit_status == 0:
            return parse_rows(rows)
        if rows is not None and rows.is_timed_out:
            raise ManagerFailed(_failure(rows), health)
        for name in ("dnf-enabled", "dnf-metadata", "dnf-candidates", "dnf-offered", "dnf-advisories", "dnf-cves"):
            section = self.sections.get(name)
            if section.exit_status not in (0, _HAS_UPDATES if name in ("dnf-candidates", "dnf-offered") else 0):
                raise ManagerFailed(_failure(section), health)
        return parse_texts(self.sections)


def _failure(section: Section) -> Failure:
    return describe_failure(
        _COMMANDS.get(section.name, section.name),
        section,
        decode(section.stderr[-4_096:] or section.stdout[-4_096:]),
        remedy_if_stopped="See on the machine whether its disk, its network or another package manager holds it up.",
    )


def _find_broken(section: Section) -> tuple[Finding, ...]:
    if section.is_timed_out:
        return ()
    text = f"rpm cannot read its database: {clean(decode(section.stderr[-2_048:]), 300) or 'no message'}"
    remedy = "Save /var/lib/rpm, then run rpm --rebuilddb on it."
    return (Finding(FindingKind.PACKAGE_BROKEN, Severity.ERROR, text, remedy),)


def _find_unreadable(settings: DnfSettings) -> tuple[Finding, ...]:
    if not settings.unreadable:
        return ()
    text = f"Repositories and excludes in {', '.join(settings.unreadable[:3])} are not known: this user cannot read it."
    remedy = "Let the user read them; passwords belong into files that dnf needs for downloads only."
    return (Finding(FindingKind.SETTINGS_UNREADABLE, Severity.ERROR, text, remedy),)


def _no_lister() -> Finding:
    text = "microdnf cannot list updates or advisories: nothing can be said of what is missing."
    return Finding(
        FindingKind.TOOL_MISSING, Severity.ERROR, text, "Install dnf on it, or rebuild it from a newer image."
    )
