"""The frozen plan of a run: for each machine the exact transaction, what is left out and why, and whether it fits."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.answers import Answer
from fleet.updates import Update

WINDOWS_MANAGER = "windows-update"
"""What `MachineFacts.package_manager` is of a machine that Windows Update brings its updates."""


class LeftOutReason(StrEnum):
    """Why an update that a machine needs is not in the plan, or not in a further round of it."""

    NOT_IN_CLASSES = "not-in-classes"
    EXCLUDED = "excluded"
    TOO_YOUNG = "too-young"
    BLOCKED = "blocked"
    NEEDS_NEW_PACKAGES = "needs-new-packages"
    NEEDS_REMOVALS = "needs-removals"
    DEPENDENCY_LEFT_OUT = "dependency-left-out"
    NOT_IN_TRANSACTION = "not-in-transaction"
    SUPERSEDED = "superseded"
    NOT_APPROVED = "not-approved"
    TRIED_BEFORE = "tried-before"
    OWN_ROUND = "own-round"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An update that is left out; ``detail`` says by what rule, by whom, until when, or gives the manager's words."""

    update: Update
    reason: LeftOutReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of a machine's needed updates a deployment's rules choose, in the order of the assessment."""

    chosen: tuple[Update, ...]
    left_out: tuple[LeftOut, ...]


class ChangeKind(StrEnum):
    """What a transaction does to a package."""

    UPGRADE = "upgrade"
    INSTALL = "install"
    REMOVE = "remove"
    DOWNGRADE = "downgrade"
    REINSTALL = "reinstall"


@dataclass(frozen=True, slots=True)
class PackageChange:
    """One package of a transaction; a version is empty where there is none. ``size_bytes`` is the download."""

    kind: ChangeKind
    name: str
    architecture: str
    from_version: str = ""
    to_version: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A package that the manager leaves as it is, and its words for why."""

    name: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the machine's own package manager says that it would do for a selection; None is unknown.

    ``download_bytes`` is what must still be fetched, ``disk_bytes`` what the installed system grows by. ``problem`` is
    the manager's own words when it can do nothing, empty when it can; ``kept`` are the names that it leaves, with its
    words.
    """

    changes: tuple[PackageChange, ...] = ()
    kept: tuple[Kept, ...] = ()
    download_bytes: int | None = None
    disk_bytes: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MachinePlan:
    """What a run would do on one machine. ``problem`` says why nothing can be done there, empty if something can.

    ``predicted_seconds`` comes from the fleet's own history, None where there is none; ``fits`` is whether that is
    within the window. ``warnings`` are what an administrator should read before the night: space, kernel, removals.
    ``obstacles`` are those of them that would stop the installation if it began now.
    """

    machine_id: str
    machine_name: str
    wave: int
    package_manager: str = ""
    assessed_at: datetime | None = None
    selection: Selection = Selection((), ())
    simulation: Simulation = Simulation()
    reboot_expected: Answer = Answer.UNKNOWN
    services_to_restart: tuple[str, ...] = ()
    predicted_seconds: float | None = None
    fits: Answer = Answer.UNKNOWN
    warnings: tuple[str, ...] = ()
    problem: str = ""
    obstacles: tuple[str, ...] = ()

    @property
    def is_windows(self) -> bool:
        """Whether Windows Update installs there."""
        return self.package_manager == WINDOWS_MANAGER


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a whole run, machines in the order of waves. ``hash`` is over what would be done, not when it was
    asked.
    """

    deployment: str
    made_at: datetime
    machines: tuple[MachinePlan, ...]
    hash: str
