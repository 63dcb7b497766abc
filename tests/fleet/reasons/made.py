"""Cases of updates to be explained: a machine that misses openssl, deployments around it, runs that tried."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fleet.answers import Answer, Coverage
from fleet.assessments import MissingCounts, Outcome
from fleet.deployments.deployment import Deployment
from fleet.deployments.occurrences import Start
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Requester, Run, RunStatus
from fleet.deployments.update_rules import UpdateRules
from fleet.facts import MachineFacts
from fleet.failures import Failure, Finding
from fleet.machines import Machine, OSType, TransportKind
from fleet.reasons.facts import DeploymentSight, HomeSight, OpenRun, OutcomeSight, UpdateCase, UpdateTry
from fleet.status import AssessmentSummary, MachineStatus
from fleet.updates import Classification, Update, WindowsUpdate

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEEN = NOW - timedelta(hours=1)
OPENSSL = Update("openssl", "amd64", "3.0.1", "3.0.2", Classification.SECURITY, "origin", "Debian-Security:12")
ROLLUP = Update(
    "2026-11 Cumulative Update",
    "",
    "",
    "KB5044284",
    Classification.UPDATE_ROLLUPS,
    "category",
    "WSUS",
    windows=WindowsUpdate("11111111-2222", "200", ("5044284",)),
)
EVERY_CLASS = UpdateRules(classes=tuple(Classification))


def status(
    *,
    enabled: bool = True,
    outside: str = "",
    failure: Failure | None = None,
    findings: tuple[Finding, ...] = (),
    answered_at: datetime = SEEN,
    manager: str = "apt",
    reboot: Answer = Answer.NO,
    tags: dict[str, str] | None = None,
) -> MachineStatus:
    """web-01 as it is known now."""
    machine = Machine("m1", "web-01", TransportKind.SSH, NOW, enabled=enabled, tags=tags or {"env": "test"})
    facts = MachineFacts(os_type=OSType.LINUX, package_manager=manager, reboot_required=reboot)
    answer = AssessmentSummary(
        answered_at, answered_at, Outcome.SUCCEEDED, Coverage.COMPLETE, MissingCounts(), facts, findings, not findings
    )
    attempt = replace(answer, ended_at=SEEN, outcome=Outcome.FAILED, failure=failure) if failure else answer
    return MachineStatus(machine, attempt, answer, outside)


def case(update: Update = OPENSSL, *tries: UpdateTry, of: MachineStatus | None = None) -> UpdateCase:
    """``update``, missing on web-01 since its last answer."""
    return UpdateCase("m1", "web-01", of or status(), update, SEEN, tries=tries)


def deployment(name: str = "nightly", updates: UpdateRules = EVERY_CLASS, **fields: object) -> Deployment:
    """A deployment for web-01."""
    return replace(Deployment(name, ("web-01",), updates), **fields)  # type: ignore[arg-type]  # as the test says


def sight(
    of: Deployment | None = None,
    *,
    start: datetime | None = NOW + timedelta(hours=8),
    covers: bool = True,
    runs: tuple[OpenRun, ...] = (),
    problem: str = "",
    skipped: str = "",
) -> DeploymentSight:
    """A deployment that starts in the evening."""
    known = of or deployment()
    begins = Start(start, "Fri 20:00") if start is not None else None
    return DeploymentSight(known, frozenset({"m1"} if covers else ()), begins, problem, runs, skipped)


def home(*sights: DeploymentSight, service_stopped: str = "", read_only: str = "") -> HomeSight:
    """A home with these deployments."""
    return HomeSight(NOW, sights, {}, service_stopped, read_only)


def run(status: RunStatus = RunStatus.FAILED, **fields: object) -> Run:
    """A run of last night."""
    opens = NOW - timedelta(hours=10)
    made = Run("R1", deployment(), status, opens, opens + timedelta(hours=2), Requester("anna"), opens)
    return replace(made, **fields)  # type: ignore[arg-type]  # as the test says


def tried(
    outcome: InstallationStatus | None,
    error: str = "",
    *,
    status: MachineRunStatus = MachineRunStatus.FAILED,
    of: Run | None = None,
    ended_at: datetime | None = NOW - timedelta(hours=9),
    log_line: str = "",
) -> UpdateTry:
    """What a run made of the update."""
    what = OutcomeSight(outcome, error, log_line=log_line) if outcome is not None else None
    return UpdateTry(of or run(), status, "" if what else error, ended_at, what)
