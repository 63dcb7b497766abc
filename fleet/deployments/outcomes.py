"""What became of each update of a machine's plan: by what is installed before and after, not by exit codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from fleet.deployments.job_evidence import NOT_BEGUN, JobEvidence
from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobReport, JobState
from fleet.deployments.log_excerpts import (
    LogExcerpt,
    excerpt_log,
    find_failed_script,
    names_package,
    says_left_half_done,
)
from fleet.deployments.plan import LeftOut, LeftOutReason, MachinePlan
from fleet.deployments.rounds import ROLLED_BACK
from fleet.deployments.runs import InstallationStatus, UpdateOutcome
from fleet.deployments.selection import Compare
from fleet.deployments.transactions import find_change
from fleet.failures import Finding, FindingKind
from fleet.hostile import clean
from fleet.updates import Blocker, Update

Installed = Mapping[tuple[str, str], str]

# Somebody decided it: a rule of the deployment, or a hold, lock, pin or exclude on the machine. All else that is left
# out is not included: no class asks for it, or the machine cannot have it now.
_EXCLUDED_REASONS = frozenset(
    {
        LeftOutReason.EXCLUDED,
        LeftOutReason.TOO_YOUNG,
        LeftOutReason.NEEDS_NEW_PACKAGES,
        LeftOutReason.NEEDS_REMOVALS,
        LeftOutReason.DEPENDENCY_LEFT_OUT,
    }
)
_EXCLUDED_BLOCKERS = frozenset(
    {
        Blocker.HELD,
        Blocker.VERSION_LOCKED,
        Blocker.EXCLUDED,
        Blocker.PINNED,
        Blocker.DEPENDENCY_EXCLUDED,
        Blocker.HIDDEN,
    }
)
# A transaction that ended so never got to installing.
_BEFORE_INSTALLING = {
    BatchOutcome.LOCKED: "the package manager stayed locked",
    BatchOutcome.NETWORK: "it could not be downloaded",
    BatchOutcome.NO_SPACE: "there is not enough space",
}
_FAILED_BATCHES = frozenset({BatchOutcome.FAILED, *_BEFORE_INSTALLING})
# As the job notes it: `collectors/jobs/manage.sh`.
_HARD_STOP = "hard stop: the end of the window"
_NEEDS_RESTART = "it needs a restart first, which was not made"
_PENDING = "installed; the restart that it needs is still pending"


def judge_outcomes(
    plan: MachinePlan,
    before: Installed,
    after: Installed | None,
    report: JobReport | None,
    *,
    compare: Compare,
    window_exceeded: bool = False,
    cancelled: bool = False,
    problem: str = "",
    log: bytes = b"",
    log_from: int = 0,
    began_at: datetime | None = None,
    findings: Sequence[Finding] = (),
    reboot_pending: bool = False,
) -> tuple[UpdateOutcome, ...]:
    """One outcome for each update of the plan: the chosen ones, then those that were left out.

    Args:
        plan: the frozen one.
        before: what was installed, by (name, architecture).
        after: the same after the job; None: not known. Where no job was started, what was before is what is after.
        report: the last one, None where none could be had.
        compare: the manager's order of versions: newer than offered is as good.
        window_exceeded: the window kept the rest from starting.
        cancelled: somebody did.
        problem: see `JobEvidence`.
        log: see `JobEvidence`.
        log_from: see `JobEvidence`.
        began_at: see `JobEvidence`.
        findings: see `JobEvidence`.
        reboot_pending: see `JobEvidence`.
    """
    problem = problem or plan.problem
    evidence = JobEvidence(
        report, log, log_from, began_at, problem, findings, window_exceeded, cancelled, reboot_pending
    )
    chosen = (_judge(update, before, after, evidence, compare) for update in plan.selection.chosen)
    left_out = (_judge_left_out(plan, entry, after, compare) for entry in plan.selection.left_out)
    return (*chosen, *left_out)


def status_of(entry: LeftOut) -> InstallationStatus:
    """The status of an update that is left out: Excluded where somebody decided so, NotIncluded otherwise."""
    is_decided = entry.reason in _EXCLUDED_REASONS or (
        entry.reason is LeftOutReason.BLOCKED and entry.update.blocker in _EXCLUDED_BLOCKERS
    )
    return InstallationStatus.EXCLUDED if is_decided else InstallationStatus.NOT_INCLUDED


def _judge(
    update: Update, before: Installed, after: Installed | None, evidence: JobEvidence, compare: Compare
) -> UpdateOutcome:
    batches = evidence.batches_of(update)
    if after is None:
        return _judge_unseen(update, batches, evidence)
    if _is_there(update, after, compare):
        return _judge_present(update, batches, evidence)
    now = after.get((update.name, update.architecture))
    was = before.get((update.name, update.architecture))
    if not batches:
        status, words = _why_not_begun(evidence, update)
        return _outcome(update, status, words)
    if _is_pending(update, batches[-1], evidence):
        return _outcome(update, InstallationStatus.SUCCEEDED, _PENDING, evidence, batches)
    return _judge_attempted(update, batches[-1], evidence, _say_version(was, now))


def _judge_left_out(plan: MachinePlan, entry: LeftOut, after: Installed | None, compare: Compare) -> UpdateOutcome:
    """Left out, unless the transaction brought it as a dependency: what is there is there."""
    if after is not None and find_change(plan.simulation, entry.update) and _is_there(entry.update, after, compare):
        return _outcome(entry.update, InstallationStatus.SUCCEEDED, "")
    return _outcome(entry.update, status_of(entry), entry.detail or entry.reason.value)


def _judge_unseen(update: Update, batches: Sequence[BatchRecord], evidence: JobEvidence) -> UpdateOutcome:
    """Without an inventory after the job nothing has succeeded; what the job surely never began, did not start."""
    report = evidence.report
    is_settled = report is not None and report.state not in (JobState.RUNNING, JobState.INTERRUPTED)
    if not batches and is_settled:
        status, words = _why_not_begun(evidence, update)
        return _outcome(update, status, words)
    why = f": {evidence.problem}" if evidence.problem else ""
    excerpt = excerpt_log(evidence.log_of(batches[-1]), update.name) if batches else None
    words = f"could not be verified{why}"
    return _outcome(update, InstallationStatus.FAILED, words, evidence, batches, excerpt)


def _judge_present(update: Update, batches: Sequence[BatchRecord], evidence: JobEvidence) -> UpdateOutcome:
    """The version is there: installed, unless the package was left half done."""
    if not batches:
        return _outcome(update, InstallationStatus.SUCCEEDED, "")
    log = evidence.log_of(batches[-1])
    if _is_half_done(update, batches[-1], log.lines, evidence.findings):
        excerpt = excerpt_log(log, update.name)
        words = (excerpt.error or "it is unpacked, but was never configured") + _ended_by_us(evidence, batches[-1])
        return _outcome(update, InstallationStatus.INSTALL_FAILED, words, evidence, batches, excerpt)
    failed_script = find_failed_script(log.lines, update.name)
    result = evidence.result_of(update)
    said = result.words if result is not None and result.outcome is BatchOutcome.SUCCEEDED else ""
    words = f"installed, but a script of it failed: {failed_script}" if failed_script else said
    did_fail = any(batch.outcome in _FAILED_BATCHES for batch in batches[:-1])
    return _outcome(
        update, InstallationStatus.SUCCEEDED, words, evidence, batches, on_retry=did_fail and len(batches) > 1
    )


def _is_half_done(update: Update, last: BatchRecord, lines: Sequence[str], findings: Sequence[Finding]) -> bool:
    if last.outcome is BatchOutcome.SUCCEEDED:  # the job has looked at the package's state
        return False
    broken = (FindingKind.PACKAGE_BROKEN, FindingKind.PACKAGE_MANAGER_INTERRUPTED)
    said = [finding for finding in findings if finding.kind in broken]
    if any(names_package(finding.text, update.name) for finding in said):
        return True
    if last.outcome is None:
        return any(finding.kind is FindingKind.PACKAGE_MANAGER_INTERRUPTED for finding in said)
    return last.outcome is BatchOutcome.FAILED and says_left_half_done(lines, update.name)


def _judge_attempted(update: Update, last: BatchRecord, evidence: JobEvidence, version: str) -> UpdateOutcome:
    """It was begun, and is not there."""
    excerpt = excerpt_log(evidence.log_of(last), update.name)
    status = InstallationStatus.INSTALL_FAILED
    result = evidence.result_of(update)
    outcome = last.outcome if result is None or last.outcome is None else result.outcome or last.outcome
    if result is not None and result.code:
        status = InstallationStatus.FAILED if outcome in _BEFORE_INSTALLING else status
        words = ": ".join(filter(None, (result.code, result.words)))
    elif outcome in _BEFORE_INSTALLING:
        status = InstallationStatus.FAILED
        words = _BEFORE_INSTALLING[outcome] + (f": {excerpt.error}" if excerpt.error else "")
    elif outcome is BatchOutcome.SUCCEEDED:
        words = ROLLED_BACK if update.windows else f"the package manager reports success, but {version}"
    elif last.outcome is None:
        words = f"its installation was interrupted: {version}"
    else:
        exit_status = "" if last.exit_status is None else f" with exit status {last.exit_status}"
        words = excerpt.error or f"the transaction failed{exit_status}, {version}"
    return _outcome(update, status, words + _ended_by_us(evidence, last), evidence, [last], excerpt)


def _ended_by_us(evidence: JobEvidence, batch: BatchRecord) -> str:
    """That the hard stop ended the transaction: the last one that was begun."""
    report = evidence.report
    if report is None or not any(note.text.startswith(_HARD_STOP) for note in report.notes):
        return ""
    begun = [each for each in report.batches if each.outcome not in NOT_BEGUN]
    return "; the hard stop at the window's end ended it" if begun and begun[-1] == batch else ""


def _is_pending(update: Update, last: BatchRecord, evidence: JobEvidence) -> bool:
    """Whether it is there but for a restart: Windows goes on to offer what it installs at the next one."""
    if update.windows is None or not evidence.reboot_pending:
        return False
    result = evidence.result_of(update)
    return (result.outcome if result else last.outcome) is BatchOutcome.SUCCEEDED


def _why_not_begun(evidence: JobEvidence, update: Update) -> tuple[InstallationStatus, str]:
    """The status of an update that no transaction held, and why; the first that holds."""
    report = evidence.report
    if evidence.problem:
        return InstallationStatus.FAILED, evidence.problem
    if said := _own_word_on(update, evidence):
        return InstallationStatus.NOT_STARTED, said
    if evidence.window_exceeded:
        return InstallationStatus.WINDOW_EXCEEDED, "the maintenance window left no time to start it"
    if evidence.cancelled:
        return InstallationStatus.NOT_STARTED, "the run was cancelled before its turn"
    if report is not None and report.state is JobState.INTERRUPTED:
        return InstallationStatus.NOT_STARTED, "the job was interrupted before its turn"
    if report is not None and report.state is JobState.BUSY:
        return InstallationStatus.NOT_STARTED, f"another job runs there: {report.other_job}"
    if report is None or report.state is JobState.ABSENT:
        return InstallationStatus.NOT_STARTED, "no job was started"
    return InstallationStatus.NOT_STARTED, "the job ended before its turn"


def _own_word_on(update: Update, evidence: JobEvidence) -> str:
    """Why the machine itself did not begin the update, where it tells; empty otherwise."""
    batches = evidence.report.batches if evidence.report else ()
    wanted = (update.name, update.architecture)
    if any(batch.outcome is BatchOutcome.NEEDS_RESTART and wanted in batch.packages for batch in batches):
        return _NEEDS_RESTART
    result = evidence.result_of(update)
    return result.words if result is not None and result.outcome is None else ""


def _is_there(update: Update, installed: Installed, compare: Compare) -> bool:
    version = installed.get((update.name, update.architecture))
    return version is not None and (version == update.offered_version or compare(version, update.offered_version) >= 0)


def _say_version(was: str | None, now: str | None) -> str:
    if now is None:
        return "it is not installed any more" if was else "it is not installed"
    return f"it is still at {now}" if now == was else f"it is at {now}"


def _outcome(
    update: Update,
    status: InstallationStatus,
    error: str,
    evidence: JobEvidence | None = None,
    batches: Sequence[BatchRecord] = (),
    excerpt: LogExcerpt | None = None,
    *,
    on_retry: bool = False,
) -> UpdateOutcome:
    began_at = evidence.began_at if evidence else None
    began, ended = (batches[-1].began_seconds, batches[-1].ended_seconds) if batches else (None, None)
    known, result = update.windows, evidence.result_of(update) if evidence else None
    return UpdateOutcome(
        name=update.name,
        architecture=update.architecture,
        installed_version=update.installed_version,
        offered_version=update.offered_version,
        classification=update.classification.value,
        status=status,
        succeeded_on_retry=on_retry,
        error=clean(error, 500),
        log_excerpt=excerpt.text if excerpt else "",
        started_at=began_at + timedelta(seconds=began) if began_at and began is not None else None,
        ended_at=began_at + timedelta(seconds=ended) if began_at and ended is not None else None,
        update_id=known.update_id if known else "",
        kb=known.kb[0] if known and known.kb else "",
        product=known.product if known else "",
        error_code=result.code if result and status is not InstallationStatus.SUCCEEDED else "",
    )
