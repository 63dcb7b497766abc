"""Bringing a job on a machine to its end: started once, followed, looked for again whenever the connection is lost.

A connection that fails says nothing of a job that may have begun. Only the machine's own word decides, and it is asked
until well after the window: a job needs no console. Where surely nothing has begun, a machine that refuses is believed.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from collectors.transports.base import TransportFailed
from fleet.deployments.jobs import JobOrder, JobReport, JobState
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean
from ops.deployments.events import MachineLog, MachineProgress
from ops.deployments.refusals import has_begun_nothing, is_hopeless
from ops.deployments.turn import Turn
from ops.logs import log_error

_T = TypeVar("_T")
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
BUSY_SECONDS = 20.0
# After this the machine's silence is the result; a package that hangs in its scripts keeps a job alive for hours.
LOOK_AFTER_WINDOW = timedelta(hours=2)
FOLLOW_SECONDS = 600.0
# A machine that could not begin a job may be under load for a moment.
_MOST_REFUSALS = 4
_PROGRESS_SECONDS = 1.0


class JobLost(Exception):
    """The machine did not say what became of the job until long after the window; what it does is unknown.

    Args:
        failure: what came back at last.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.describe())
        self.failure = failure


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended. ``report`` None: it was not started, for ``why`` or ``failure``."""

    report: JobReport | None
    why: str = ""
    failure: Failure | None = None


class _Refused(Exception):
    """The machine cannot be told to begin the job, and has not begun it; says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.describe())
        self.failure = failure


class JobKeeper:
    """Keeps one job of one machine, whose log is put behind the ``log_base`` bytes of those before it."""

    def __init__(self, turn: Turn, job_id: str, log_base: int) -> None:
        self._turn = turn
        self._job_id = job_id
        self._log_base = log_base
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._told_busy = ""
        self._asked_to_stop = False
        self._told_unwritten = False
        self._told_at = -_PROGRESS_SECONDS
        self._unwritten_from: int | None = None
        self._give_up_at = turn.context.closes_at + LOOK_AFTER_WINDOW
        self._may_have_begun = False
        self._refusals: list[Failure] = []

    async def bring_to_end(self, make_order: Callable[[], JobOrder | None], *, look_first: bool) -> JobEnd:
        """Starts the job unless the machine has it already, and follows it to its end.

        ``make_order`` gives the order as it would be now, None when it is too late to start. With ``look_first`` it may
        have been started before.

        Raises:
            JobLost: the machine could not be asked for too long.
        """
        self._may_have_begun = look_first
        try:
            return await self._bring_to_end(make_order, is_unsure=look_first)
        except _Refused as refused:
            return JobEnd(None, self._told_busy, refused.failure)

    async def _bring_to_end(self, make_order: Callable[[], JobOrder | None], *, is_unsure: bool) -> JobEnd:
        while True:
            order = None if is_unsure else make_order()
            if not is_unsure and (order is None or self._turn.is_cancelled):
                return JobEnd(None, self._told_busy)
            report = await self._ask(order)
            if report is None:
                is_unsure = self._may_have_begun
            elif report.state in (JobState.RUNNING, JobState.ENDED, JobState.INTERRUPTED):
                self._may_have_begun = True
                if (ended := await self._follow(report)) is not None:
                    return JobEnd(ended)
                is_unsure = True
            else:
                is_unsure = self._may_have_begun = False
                await self._wait_until_free(report)

    async def _ask(self, order: JobOrder | None) -> JobReport | None:
        """Starts ``order``, or looks; None when the machine did not answer."""
        if order is None:
            return await self._patiently(self._look(0))
        return await self._patiently(self._start(order))

    async def _start(self, order: JobOrder) -> JobReport:
        try:
            return await self._turn.worker.start(order)
        except TransportFailed as error:
            self._may_have_begun = self._may_have_begun or not has_begun_nothing(error.failure)
            raise

    async def _follow(self, report: JobReport) -> JobReport | None:
        """The last report of a job that was begun; None when the connection was lost."""
        self._take(report)
        while report.state is JobState.RUNNING:
            if self._turn.is_cancelled and not self._asked_to_stop:
                stopped = await self._patiently(self._turn.worker.stop_starting(self._job_id))
                if stopped is None:
                    return None
                self._asked_to_stop = True
            looked = await self._follow_a_while()
            if looked is None:
                return None
            report = looked
        return await self._with_whole_log(report)

    async def _follow_a_while(self) -> JobReport | None:
        """What the job says, for a while or until somebody cancels the run."""
        task = asyncio.create_task(self._patiently(self._look(FOLLOW_SECONDS)))
        if self._asked_to_stop:
            return await _only(task)
        cancelled = asyncio.create_task(self._turn.context.is_cancelled.wait())
        try:
            await asyncio.wait({task, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        finally:
            cancelled.cancel()
            task.cancel()
        return JobReport(self._job_id, JobState.RUNNING)

    async def _with_whole_log(self, report: JobReport) -> JobReport | None:
        """``report`` once all that the machine printed is here, as far as the console's disk takes it."""
        while (missing_from := self._unwritten_from) is not None and self._turn.now < self._give_up_at:
            await asyncio.sleep(LONGEST_WAIT_SECONDS / 2)
            self._unwritten_from = None
            self._turn.record = replace(self._turn.record, log_bytes=missing_from)
            if await self._patiently(self._look(0)) is None:
                return None
        return report

    def _look(self, for_seconds: float) -> Coroutine[Any, Any, JobReport]:
        log_from = max(0, self._turn.record.log_bytes - self._log_base)
        return self._turn.worker.follow(self._job_id, log_from, self._take, for_seconds=for_seconds)

    def _take(self, report: JobReport) -> None:
        """Keeps what came of the log, and tells of progress; called whenever the machine says something."""
        if report.log:
            self._keep_log(report.log, self._log_base + report.log_end)
        loop_time = asyncio.get_running_loop().time()
        if report.progress is not None and loop_time - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = loop_time
            said, machine = report.progress, self._turn.machine
            words = clean(said.package), clean(said.doing)
            self._turn.context.tell(MachineProgress(self._turn.now, machine.id, machine.name, said.percent, *words))

    def _keep_log(self, log: bytes, log_end: int) -> None:
        turn, log_from = self._turn, log_end - len(log)
        if self._unwritten_from is None:
            try:
                turn.context.folder.put_log(turn.machine.name, log_from, log)
            except OSError as error:
                self._note_unwritten(error)
                self._unwritten_from = log_from
        turn.record = replace(turn.record, log_bytes=max(turn.record.log_bytes, log_end))
        turn.context.tell(MachineLog(turn.now, turn.machine.id, turn.machine.name, log_from, log_end))

    def _note_unwritten(self, error: OSError) -> None:
        if not self._told_unwritten:
            self._told_unwritten = True
            log_error("log not written", error, machine=self._turn.machine.name)
            self._turn.say(f"Its log cannot be written and is fetched again later: {error.strerror}.")

    async def _wait_until_free(self, report: JobReport) -> None:
        if len(self._refusals) >= _MOST_REFUSALS:
            raise _Refused(self._refusals[-1])
        if report.state is not JobState.BUSY and not self._refusals:
            return
        words = f"It is busy with {clean(report.other_job) or 'another job'}."
        if report.state is JobState.BUSY and words != self._told_busy:
            self._told_busy = words
            self._turn.say(f"{words} It is asked again until the window ends.")
        await self._turn.context.pause(BUSY_SECONDS)

    async def _patiently(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """What ``work`` gives; None, after a wait, when the machine did not answer."""
        try:
            given = await work
        except TransportFailed as error:
            self._check_patience(error.failure)
            self._turn.say(f"The connection failed; the job is looked for again: {error.failure.evidence}")
            # Jitter, so that 500 machines behind one switch do not come back together.
            await asyncio.sleep(self._wait_seconds * random.uniform(0.7, 1.3))  # noqa: S311
            self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)
            return None
        self._wait_seconds = FIRST_WAIT_SECONDS
        return given

    def _check_patience(self, failure: Failure) -> None:
        if failure.kind is FailureKind.JOB_REFUSED:
            self._refusals.append(failure)
        if not self._may_have_begun and is_hopeless(failure):
            raise _Refused(failure)
        if self._turn.now > self._give_up_at:
            raise JobLost(failure)


async def _only(task: asyncio.Task[_T]) -> _T:
    try:
        return await task
    finally:
        task.cancel()
