"""A run of a deployment, each machine of it, and each update on each machine, while it goes on and after it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.audit_origin import Origin
from fleet.deployments.deployment import Deployment
from fleet.deployments.pulse import Pulse
from fleet.failures import Failure, Finding
from fleet.persons import Person


class RunStatus(StrEnum):
    """Where a run stands, spelt as in the record tables."""

    WAITING = "Waiting"
    IN_PROGRESS = "InProgress"
    PAUSED = "Paused"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing will be done any more."""
        return self in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED)


class MachineRunStatus(StrEnum):
    """Where a machine of a run stands, spelt as in the record tables."""

    NOT_STARTED = "NotStarted"
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    WINDOW_EXCEEDED = "MaintenanceWindowExceeded"
    UNREACHABLE = "Unreachable"
    CANCELLED = "Cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing will be done any more; a machine that is not begun when its run ends stays NOT_STARTED."""
        return self not in (MachineRunStatus.NOT_STARTED, MachineRunStatus.IN_PROGRESS)

    @property
    def counts_as_failure(self) -> bool:
        """Whether it uses up the failure budget."""
        return self in (MachineRunStatus.FAILED, MachineRunStatus.UNREACHABLE)


class InstallationStatus(StrEnum):
    """What became of an update of a run, spelt as in the record tables."""

    NOT_STARTED = "NotStarted"
    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    INSTALL_FAILED = "InstallFailed"
    WINDOW_EXCEEDED = "MaintenanceWindowExceeded"
    NOT_INCLUDED = "NotIncluded"
    EXCLUDED = "Excluded"


class RunStep(StrEnum):
    """The steps of a machine in a run, in order; a run itself has SCRIPTS_BEFORE, WAVE, GATE and SCRIPTS_AFTER.

    ROUND is no work of its own: it marks where the steps from ASSESS_BEFORE to ASSESS_AFTER begin anew.
    """

    SCRIPTS_BEFORE = "scripts-before"
    WAVE = "wave"
    GATE = "gate"
    PREDOWNLOAD = "pre-download"
    ROUND = "round"
    ASSESS_BEFORE = "assess-before"
    PLAN = "plan"
    CHECK = "check"
    INSTALL = "install"
    REBOOT = "reboot"
    RETURN = "return"
    ASSESS_AFTER = "assess-after"
    SCRIPTS_AFTER = "scripts-after"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What became of one update on one machine; ``error`` is one line, ``log_excerpt`` the part of the log that shows
    it. ``round`` is the last one in which it was dealt with, ``tries`` in how many it was tried.

    Of Windows updates ``update_id`` and ``kb`` (the first article, without ``KB``) say which it is, ``product`` what it
    is for; ``error_code`` is Windows' own number of what went wrong.
    """

    name: str
    architecture: str
    installed_version: str
    offered_version: str
    classification: str
    status: InstallationStatus
    succeeded_on_retry: bool = False
    error: str = ""
    log_excerpt: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    round: int = 1
    tries: int = 1
    update_id: str = ""
    kb: str = ""
    product: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked for a run or changed it: the Unix user, the SSH client, the command; ``schedule`` for the service
    itself. ``reason`` is what they gave as one. ``origin``: whose process it was, ``person``: who is behind
    it, for whom an approval of their own does not count; both None for the service.
    """

    user: str
    ssh_client: str = ""
    command: str = ""
    reason: str = ""
    origin: Origin | None = None
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Intervention:
    """Somebody paused, resumed or cancelled a run: ``deed`` is that word, ``reason`` what they gave as one."""

    at: datetime
    deed: str
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``deployment`` is as it was when the run was made: editing or removing it changes nothing here.

    The window is [``opens_at``, ``closes_at``). ``required_plan`` is the hash that a new plan must have, empty if none
    is required; ``plan_hash`` that of the plan that was frozen. ``note`` says why it ended as it did, or what an open
    run waits for. ``makes_up_for`` is the id of the run whose machines were off and now have their turn, empty for any
    other run. ``edition`` is that of the deployment which it has, 0 where none is known; ``approved_by`` are the
    approvals with which it began, in words.
    """

    id: str
    deployment: Deployment
    status: RunStatus
    opens_at: datetime
    closes_at: datetime
    requester: Requester
    requested_at: datetime
    required_plan: str = ""
    plan_hash: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""
    makes_up_for: str = ""
    edition: int = 0
    waits_for_approval: bool = False
    approved_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineRun:
    """One machine of a run. ``step`` is the one in work or the last; seconds are None where a step was not made, and
    those of all rounds together. ``rounds`` is how many were begun, ``reboots`` how often it came back from one.
    While a machine is in work ``outcomes`` are those of the rounds before. Pulses are those around its last reboot.
    """

    run_id: str
    machine_id: str
    machine_name: str
    wave: int
    status: MachineRunStatus = MachineRunStatus.NOT_STARTED
    step: RunStep | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    assess_seconds: float | None = None
    install_seconds: float | None = None
    reboot_seconds: float | None = None
    rebooted: bool = False
    pulse_before: Pulse | None = None
    pulse_after: Pulse | None = None
    job_id: str = ""
    log_bytes: int = 0
    attempts: int = 0
    failure: Failure | None = None
    error: str = ""
    outcomes: tuple[UpdateOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    rounds: int = 1
    reboots: int = 0

    @property
    def was_absent(self) -> bool:
        """Whether the machine did not answer before anything was begun there."""
        # The pulse is taken when all checks are passed, and nothing is installed or rebooted before.
        return self.status is MachineRunStatus.UNREACHABLE and not self.job_id and self.pulse_before is None
