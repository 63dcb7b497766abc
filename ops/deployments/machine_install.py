"""The installation on one machine: its job, and further ones where something interrupted it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.transports.base import TransportFailed
from fleet.deployments.jobs import (
    BatchOutcome,
    BatchRecord,
    JobKind,
    JobNote,
    JobOrder,
    JobReport,
    JobState,
    PackageOrder,
    UpdateResult,
)
from fleet.deployments.returns import is_same_boot
from fleet.deployments.runs import RunStep
from fleet.deployments.start_checks import compare_offers
from fleet.failures import Failure, Finding, FindingKind, Severity
from fleet.hostile import clean
from ops.deployments.forgetting import install_job
from ops.deployments.job_keeper import JobEnd, JobKeeper
from ops.deployments.turn import Turn, assess
from ops.state.documents import Codec

# A machine that interrupts its installation so often will do so again.
MOST_JOBS = 3
_MOST_IN_BATCH = 100
# Without a history: an apt transaction takes some seconds beside its packages, and what began last should still end.
_BATCH_UNPREDICTED = 30
_TRIES_AFTER_INTERRUPTION = 10


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation came to, over all its jobs. ``log_from`` is where its log begins in the machine's.

    ``report`` None: no job was started, for ``why``.
    """

    report: JobReport | None
    window_exceeded: bool = False
    why: str = ""
    log_from: int = 0
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A report as the journal keeps it: the log lies in the run's folder."""

    id: str
    state: JobState
    batches: tuple[BatchRecord, ...] = ()
    exit_status: int | None = None
    elapsed_seconds: float | None = None
    boot_id: str = ""
    began_in_boot: str = ""
    detached_by: str = ""
    other_job: str = ""
    conffiles: tuple[str, ...] = ()
    notes: tuple[JobNote, ...] = ()
    results: tuple[UpdateResult, ...] = ()


@dataclass(frozen=True, slots=True)
class _KeptInstall:
    """`Installed` as the journal keeps it."""

    report: _Kept | None = None
    window_exceeded: bool = False
    why: str = ""
    log_from: int = 0
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One job of an installation that is over; its log begins at ``log_base`` of the machine's."""

    report: _Kept
    log_base: int
    began_at: datetime


class NotStarted(Exception):
    """The machine refuses, and has installed nothing; says why.

    Args:
        failure: what came back.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.describe())
        self.failure = failure


_CODEC = Codec(_KeptInstall)
_PARTS = Codec(_Part)


class Installation:
    """Installs ``orders`` on the machine of ``turn``; what an earlier process began is gone on with."""

    def __init__(self, turn: Turn, orders: Sequence[PackageOrder]) -> None:
        self._turn = turn
        self._orders = tuple(orders)
        self._parts: list[_Part] = []

    async def run(self) -> Installed:
        """What it came to.

        Raises:
            JobLost: the machine could not be asked for too long.
            NotStarted: it refuses to begin.
        """
        if (known := self._turn.ended(RunStep.INSTALL)) is not None:
            return _revive(_CODEC.load(known["install"]))
        if not self._turn.was_begun(RunStep.INSTALL):
            await self._turn.begin(RunStep.INSTALL, {"packages": len(self._orders)})
        kept = await self._run_jobs()
        before = self._turn.record.install_seconds
        seconds = sum(part.report.elapsed_seconds or 0.0 for part in self._parts) if kept.report else None
        if before is not None:  # of the rounds before
            seconds = before + (seconds or 0.0)
        self._turn.find(_remarks(kept.report))
        await self._turn.end(RunStep.INSTALL, {"install": _CODEC.dump(kept)}, install_seconds=seconds)
        return _revive(kept)

    async def _run_jobs(self) -> _KeptInstall:
        notes, first = self._turn.notes(RunStep.INSTALL), self._first
        begun = [note for note in notes if "job" in note]
        known_parts = {note["of"]: _PARTS.load(note["part"]) for note in notes if "of" in note}
        orders = self._orders
        for number in range(first, first + MOST_JOBS):
            known = begun[number - first] if number - first < len(begun) else None
            if known is not None:
                wanted = {tuple(package) for package in known["packages"]}
                orders = tuple(order for order in self._orders if (order.name, order.architecture) in wanted)
            part = known_parts.get(number) or await self._run_job(number, orders, known)
            if isinstance(part, JobEnd):
                if part.failure is not None and not self._parts:
                    raise NotStarted(part.failure)
                return self._sum_up(part.failure.describe() if part.failure else part.why)
            self._parts.append(part)
            is_interrupted = part.report.state is JobState.INTERRUPTED
            if not is_interrupted or not (left := await self._left_after(number, orders)):
                break
            orders = left
        return self._sum_up("")

    async def _run_job(
        self, number: int, orders: tuple[PackageOrder, ...], known: Mapping[str, Any] | None
    ) -> _Part | JobEnd:
        """The job once it is over, or why it was not started. Any: what the journal knows of it."""
        name = install_job(self._turn.context.run_id, number)
        log_base = self._turn.record.log_bytes if known is None else int(known["log_base"])
        if known is None:
            packages = [[order.name, order.architecture] for order in orders]
            await self._turn.note(
                RunStep.INSTALL,
                {"job": name, "log_base": log_base, "packages": packages},
                job_id=name,
                attempts=number,
            )
        keeper = JobKeeper(self._turn, name, log_base)
        end = await keeper.bring_to_end(
            lambda: self._order(name, orders, repair=number > self._first), look_first=known is not None
        )
        if end.report is None:
            return end
        began_at = self._turn.now - timedelta(seconds=end.report.elapsed_seconds or 0.0)
        part = _Part(_keep(end.report), log_base, began_at)
        if part.report.state is JobState.INTERRUPTED:
            self._turn.find([_interrupted(part.report)])
        await self._turn.note(RunStep.INSTALL, {"of": number, "part": _PARTS.dump(part)})
        return part

    def _order(self, name: str, orders: tuple[PackageOrder, ...], *, repair: bool) -> JobOrder | None:
        seconds, deployment = int(self._seconds_to_start(len(orders))), self._turn.context.deployment
        # On Windows a hard stop begins nothing more: whoever ends TrustedInstaller breaks the machine.
        may_end = deployment.window.hard_stop and not self._turn.plan.is_windows
        if seconds <= 0:
            return None
        return JobOrder(
            name,
            JobKind.INSTALL,
            orders,
            start_within_seconds=seconds,
            end_within_seconds=int(self._turn.seconds_to_close) if may_end else None,
            batch_size=self._batch_size(len(orders)),
            allow_new_packages=deployment.updates.allow_new_packages,
            allow_removals=deployment.updates.allow_removals,
            repair_first=repair,
            accept_licences=deployment.updates.accept_licences,
        )

    @property
    def _first(self) -> int:
        """The number of the first job of this round: no id is used twice in a run."""
        notes = self._turn.notes(RunStep.ROUND)
        return 1 + (int(notes[-1]["jobs"]) if notes else 0)

    def _seconds_to_start(self, packages: int) -> float:
        """How long installations may still start. On Windows, where none can be ended, one has to fit into what is left
        of the window as well, as far as a history tells how long it takes.
        """
        turn, predicted = self._turn, self._turn.plan.predicted_seconds
        if not turn.plan.is_windows or not predicted or not packages:
            return turn.seconds_to_start
        a_batch = predicted * min(1.0, self._batch_size(packages) / packages)
        return min(turn.seconds_to_start, turn.seconds_to_close - a_batch)

    def _batch_size(self, packages: int) -> int:
        """So many that a batch which starts at the last moment is expected to end within the window."""
        predicted = self._turn.plan.predicted_seconds
        if not predicted or not packages:
            return _BATCH_UNPREDICTED
        room = 60.0 * max(1, self._turn.context.deployment.window.stop_starting_minutes)
        return max(1, min(_MOST_IN_BATCH, int(room * packages / predicted)))

    async def _left_after(self, number: int, orders: tuple[PackageOrder, ...]) -> tuple[PackageOrder, ...]:
        """What is to be gone on with after an interruption; nothing when there is no time, or nothing is left."""
        turn = self._turn
        if number - self._first == MOST_JOBS - 1 or turn.is_cancelled or turn.seconds_to_start <= 0:
            return ()
        try:
            now = await assess(turn, refresh=False, tries=_TRIES_AFTER_INTERRUPTION)
        except TransportFailed as error:
            turn.say(f"It was interrupted and cannot be asked what is left: {error.failure.evidence}")
            return ()
        left = compare_offers(orders, now).orders
        is_broken = any(finding.kind is FindingKind.PACKAGE_MANAGER_INTERRUPTED for finding in now.findings)
        turn.say(f"The job was interrupted; {len(left)} of {len(orders)} packages are left.")
        return left or (orders if is_broken else ())

    def _sum_up(self, why: str) -> _KeptInstall:
        exceeded = self._seconds_to_start(len(self._orders)) <= 0 and not self._turn.is_cancelled
        if not self._parts:
            if exceeded and self._turn.seconds_to_start > 0:
                why = why or "it is predicted to take longer than what is left of the window"
            return _KeptInstall(None, exceeded, why)
        first, last = self._parts[0], self._parts[-1].report
        report = replace(
            last,
            batches=tuple(_place(batch, part, first) for part in self._parts for batch in part.report.batches),
            conffiles=tuple(dict.fromkeys(path for part in self._parts for path in part.report.conffiles)),
            notes=tuple(note for part in self._parts for note in part.report.notes),
        )
        was_late = any(batch.outcome is BatchOutcome.NOT_STARTED for batch in last.batches)
        is_left = bool(why) or last.state is JobState.INTERRUPTED
        return _KeptInstall(report, was_late or (is_left and exceeded), why, first.log_base, first.began_at)


def _keep(report: JobReport) -> _Kept:
    return _Kept(**{name: getattr(report, name) for name in _Kept.__slots__})


def _revive(kept: _KeptInstall) -> Installed:
    report = JobReport(**{name: getattr(kept.report, name) for name in _Kept.__slots__}) if kept.report else None
    return Installed(report, kept.window_exceeded, kept.why, kept.log_from, kept.began_at)


def _place(batch: BatchRecord, part: _Part, first: _Part) -> BatchRecord:
    """``batch`` as if its job had begun when the first one did, with its log behind that one's."""
    seconds, offset = (part.began_at - first.began_at).total_seconds(), part.log_base - first.log_base
    return replace(
        batch,
        began_seconds=batch.began_seconds + seconds,
        ended_seconds=None if batch.ended_seconds is None else batch.ended_seconds + seconds,
        log_from=batch.log_from + offset,
        log_to=None if batch.log_to is None else batch.log_to + offset,
    )


def _interrupted(kept: _Kept) -> Finding:
    rebooted = kept.boot_id and kept.began_in_boot and not is_same_boot(kept.boot_id, kept.began_in_boot)
    why = "the machine rebooted by itself" if rebooted else "it was killed"
    text = f"The job {kept.id} did not come to its end: {why}."
    return Finding(FindingKind.JOB_INTERRUPTED, Severity.WARNING, text, "See the machine's own log for why.")


def _remarks(report: _Kept | None) -> tuple[Finding, ...]:
    if report is None:
        return ()
    kept = (
        Finding(
            FindingKind.CONFIGURATION_KEPT,
            Severity.INFO,
            f"{clean(path)} is the package's new configuration; the one in use was kept.",
            "Compare the two.",
        )
        for path in report.conffiles
    )
    notes = (Finding(FindingKind.JOB_NOTE, Severity.INFO, clean(note.text)) for note in report.notes)
    return (*kept, *notes)
