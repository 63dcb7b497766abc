"""What every package manager offers to an assessment: a probe of its own, and a pure reader of what it prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from collectors.sections import Sections
from fleet.answers import Answer, Coverage
from fleet.facts import DiskSpace, Repository, UpdateModel
from fleet.failures import Failure, Finding
from fleet.updates import Update


@dataclass(frozen=True, slots=True)
class MachineContext:
    """What a reader may need to know of the machine. ``now`` is our clock; ``families`` the system and its like."""

    now: datetime
    families: tuple[str, ...] = ()
    disks: tuple[DiskSpace, ...] = ()


@dataclass(frozen=True, slots=True)
class RebootAnswer:
    """What a tool of the package manager (needs-restarting, zypper needs-rebooting) says of a reboot, and why."""

    required: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class ManagerAnswer:
    """What a package manager said. ``metadata_at`` is the date of its newest list.

    ``installed`` and ``sources`` are as in `Assessment`.

    ``reboot`` is None where it has no such tool, ``services_to_restart`` where nothing tells,
    ``update_model`` where it is the ordinary one.
    """

    updates: tuple[Update, ...]
    installed: Mapping[tuple[str, str], str]
    coverage: Coverage
    findings: tuple[Finding, ...] = ()
    metadata_at: datetime | None = None
    reboot: RebootAnswer | None = None
    services_to_restart: tuple[str, ...] | None = None
    repositories: tuple[Repository, ...] = ()
    update_model: UpdateModel | None = None
    sources: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))


class ManagerFailed(Exception):
    """The package manager could not say what is missing; what it did say is kept.

    Args:
        failure: what was tried, what came back, what to do.
        findings: what was noticed until then.
    """

    def __init__(self, failure: Failure, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(failure.describe())
        self.failure = failure
        self.findings = findings


class Manager(Protocol):
    """One package manager. Adding one is a file here, its ``.sh`` file, and a line in `collectors.managers`."""

    @property
    def name(self) -> str:
        """Its name, which is also that of its probe: ``apt`` for ``probes/apt.sh`` and the function ``read_apt``."""
        ...

    def is_present(self, programs: frozenset[str], families: tuple[str, ...]) -> bool:
        """Whether a machine with these programs, which says it is of these families, is managed by it."""
        ...

    def read(self, sections: Sections, context: MachineContext) -> ManagerAnswer:
        """What is missing.

        Raises:
            UnreadableOutput: it printed something that fits no known shape.
            ManagerFailed: it could not say.
        """
        ...
