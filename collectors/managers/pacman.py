"""pacman: Arch Linux and what descends from it."""

from dataclasses import dataclass

from collectors.managers.detection import is_managed_by
from collectors.managers.failed_commands import describe_failure, require_success
from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.managers.pacman_config import PacmanConfig, parse_config
from collectors.managers.pacman_databases import Databases, judge, parse_databases
from collectors.managers.pacman_health import find_damage, find_foreign, find_lock, find_no_refresh
from collectors.managers.pacman_packages import PacmanPackages, parse_packages
from collectors.managers.pacman_updates import PacmanAnswers, list_updates, parse_available, parse_plan
from collectors.managers.replaced_kernels import read_replaced_kernel
from collectors.sections import Section, Sections
from fleet.answers import Coverage
from fleet.failures import Failure, Finding, FindingKind, Severity
from fleet.updates import Update

_COMMANDS = {
    "pacman-config": "pacman-conf",
    "pacman-installed": "reading of pacman's database",
    "pacman-updates": "pacman -Qu",
    "pacman-available": "pacman -Sl",
    "pacman-foreign": "pacman -Qm",
    "pacman-databases": "reading of pacman's sync databases",
}
# pacman -Qu and -Qm exit 1 where there is nothing to list: pacman 6.0.2.
_NOTHING = 1
_SPOKEN = ("pacman-updates", "pacman-available", "pacman-plan")


class Pacman:
    """The package manager of Arch Linux."""

    name = "pacman"

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
        config = parse_config(self._succeeded("pacman-config"))
        packages = parse_packages(self._read_installed())
        databases = self._read_databases()
        coverage, findings = judge(databases, self.context.now)
        updates, broken = self._read_updates(packages, config)
        refresh = tuple(find_no_refresh(self.sections.find("pacman-refresh")))
        if refresh:
            coverage = Coverage.UNKNOWN
        return ManagerAnswer(
            updates=updates,
            installed=packages.versions,
            coverage=coverage,
            findings=(*refresh, *findings, *broken, *self._find_troubles(packages, databases)),
            metadata_at=databases.made_at,
            reboot=read_replaced_kernel(self.sections, "pacman-kernel"),
            repositories=databases.list_repositories(self.context.families),
            sources=packages.sources,
        )

    def _succeeded(self, name: str, *others: int) -> Section:
        return require_success(self.sections.get(name), _failure, *others)

    def _read_installed(self) -> Section:
        section = self._succeeded("pacman-installed")
        if not section.stdout.strip():
            raise ManagerFailed(_failure(section))
        return section

    def _read_databases(self) -> Databases:
        spoken = [self.sections.get(name) for name in _SPOKEN]
        return parse_databases(self._succeeded("pacman-databases"), spoken)

    def _read_updates(
        self, packages: PacmanPackages, config: PacmanConfig
    ) -> tuple[tuple[Update, ...], tuple[Finding, ...]]:
        if not config.repositories:
            # pacman refuses to answer then: "no usable package repositories configured".
            return (), ()
        plan = parse_plan(self.sections.get("pacman-plan"))
        available = parse_available(self._succeeded("pacman-available"))
        answers = PacmanAnswers(packages, config, plan, available)
        updates = list_updates(self._succeeded("pacman-updates", _NOTHING), answers)
        if not plan.failure:
            return updates, ()
        remedy = "See what pacman -Su says on it; nothing is upgraded until then."
        return updates, (Finding(FindingKind.DEPENDENCIES_BROKEN, Severity.ERROR, plan.failure, remedy),)

    def _find_troubles(self, packages: PacmanPackages, databases: Databases) -> tuple[Finding, ...]:
        has_all = bool(databases.databases) and not any(database.fault for database in databases.databases)
        foreign = self._succeeded("pacman-foreign", _NOTHING) if has_all else None
        return (
            *find_lock(self.sections.find("pacman-lock")),
            *find_damage(packages),
            *(find_foreign(foreign) if foreign else ()),
        )


def _failure(section: Section) -> Failure:
    return describe_failure(_COMMANDS[section.name], section)
