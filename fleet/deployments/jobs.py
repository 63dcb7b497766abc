"""A job: an installation that runs detached on a machine, by the machine's own clock, with a journal and a log."""

from dataclasses import dataclass
from enum import StrEnum


class JobKind(StrEnum):
    """INSTALL installs; DOWNLOAD fetches only, so that an installation finds everything there."""

    INSTALL = "install"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """A package to be brought to a version; ``advisories`` are what zypper and others may know it by.

    ``update_id`` and ``revision`` are what Windows Update knows an update by, ``is_exclusive`` one that it installs
    alone.
    """

    name: str
    architecture: str
    version: str
    installed_version: str = ""
    advisories: tuple[str, ...] = ()
    update_id: str = ""
    revision: str = ""
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What a machine is told to do. ``id`` names the job on the machine: the same id never starts twice.

    It is made of the run's id and a short word (``20261120T020000Z-5f3a9c-install``), of ``[A-Za-z0-9-]``. Times are
    counted by the machine's monotonic clock from the start of the job: after ``start_within_seconds`` no further batch
    starts, after ``end_within_seconds`` (None: never) what runs is ended. ``batch_size`` is how many packages go into
    the first transactions; a failed one is repeated in smaller ones, down to single packages. ``lock_wait_seconds`` is
    how long a lock of the package manager is waited for; ``tries`` how often a transaction is tried that failed for a
    lock or the network. ``repair_first``: finish first what an interrupted run of the package manager left half done;
    without it such a machine is refused. ``accept_licences``: those of Windows updates are accepted for whoever ordered
    this.
    """

    id: str
    kind: JobKind
    packages: tuple[PackageOrder, ...]
    start_within_seconds: int
    end_within_seconds: int | None = None
    batch_size: int = 100
    allow_new_packages: bool = True
    allow_removals: bool = False
    lock_wait_seconds: int = 600
    tries: int = 3
    repair_first: bool = False
    accept_licences: bool = False


class JobState(StrEnum):
    """What a machine knows of a job. BUSY: another job runs there. INTERRUPTED: it began, does not run, and never
    ended.
    """

    ABSENT = "absent"
    RUNNING = "running"
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    BUSY = "busy"


class BatchOutcome(StrEnum):
    """How one transaction ended. NEEDS_RESTART: it was not begun, since the machine has to be rebooted before."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOCKED = "locked"
    NETWORK = "network"
    NO_SPACE = "no-space"
    NOT_STARTED = "not-started"
    NEEDS_RESTART = "needs-restart"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A transaction of a job, from its journal. Seconds are since the job began; None: not yet ended."""

    number: int
    attempt: int
    packages: tuple[tuple[str, str], ...]
    began_seconds: float
    ended_seconds: float | None
    outcome: BatchOutcome | None
    exit_status: int | None = None
    log_from: int = 0
    log_to: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What Windows Update itself says became of one update, at last; other managers speak of transactions alone.

    ``outcome`` None: it was not dealt with. ``code`` is its error as ``0x`` and eight digits, empty where there is
    none; ``words`` what that means, and ``needs_restart`` whether it is there only after a restart.
    """

    name: str
    architecture: str = ""
    outcome: BatchOutcome | None = None
    code: str = ""
    words: str = ""
    needs_restart: bool = False


@dataclass(frozen=True, slots=True)
class JobNote:
    """What a job did beside its transactions, in one line: a lock waited for, a repair, why it refused."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class JobProgress:
    """Where the package manager stands, by its own word: how much of the job, and at which package."""

    percent: float | None
    package: str
    doing: str


@dataclass(frozen=True, slots=True)
class JobReport:
    """What a machine says of a job. ``log`` is what came since the offset that was asked for, ``log_end`` the offset
    behind it.

    ``other_job`` is the id of the one that keeps it busy. ``elapsed_seconds`` is since the job began, by the machine's
    monotonic clock. ``boot_id`` is the machine's now, ``began_in_boot`` that in which the job began. ``detached_by`` is
    systemd-run or setsid. ``conffiles`` are configuration files that were kept beside a new version of the package's.
    ``results`` are those of each update, where the machine tells them apart.
    """

    id: str
    state: JobState
    batches: tuple[BatchRecord, ...] = ()
    progress: JobProgress | None = None
    log: bytes = b""
    log_end: int = 0
    exit_status: int | None = None
    elapsed_seconds: float | None = None
    boot_id: str = ""
    began_in_boot: str = ""
    detached_by: str = ""
    other_job: str = ""
    conffiles: tuple[str, ...] = ()
    notes: tuple[JobNote, ...] = ()
    results: tuple[UpdateResult, ...] = ()
