"""One Windows machine for the time of a run, over any transport: what `ops.deployments.worker.MachineWorker` asks for.

Whatever lasts is a task of SYSTEM on the machine, and asked for by short commands: a connection that is lost loses
nothing but an answer.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from collectors.assess import AssessOptions, assess_machine
from collectors.jobs.conversation import TakeReport, WorkerOptions
from collectors.jobs.scripts import ScriptEnd
from collectors.transports.base import Transport, TransportFailed, clean_failure
from collectors.windows.asking import ask
from collectors.windows.job_calls import (
    LONGEST_WAIT_SECONDS,
    call_command,
    call_follow,
    call_forget,
    call_gate,
    call_look,
    call_reboot,
    call_run_script,
    call_start,
    call_stop,
)
from collectors.windows.job_reports import Heard, Refused, read_job
from collectors.windows.look import read_look
from collectors.windows.script_call import ScriptCall
from collectors.windows.script_ends import describe_command, read_ports, read_reboot, read_script_end
from collectors.windows.simulation import simulate_order
from fleet.assessments import Assessment
from fleet.deployments.jobs import JobOrder, JobProgress, JobReport, JobState
from fleet.deployments.plan import Simulation
from fleet.deployments.pulse import Pulse
from fleet.errors import BadInput, UnreadableOutput
from fleet.failures import FailureKind
from fleet.machines import Machine

_Read = TypeVar("_Read")
# A log has its end after so many polls that bring all they may, or it is told by the next follow.
_MOST_POLLS_OF_LOG = 256
# A machine that answers at once although nothing is new is asked no more often than this.
_LEAST_POLL_SECONDS = 1.0
# The start waits for the task to begin, and for another start that goes on there.
_START_SECONDS = 90.0
# A restart that has not come by then was called off.
_RESTART_SECONDS = 1200.0
_RESTARTING = JobProgress(None, "", "waiting for Windows to restart")
# A job of a thousand updates says less, with a piece of its log; reading more would keep everything else waiting.
_MOST_ANSWER_BYTES = 4 * 1024 * 1024
# A search takes minutes; what it found is what a rehearsal of the same moment would find.
_FRESH = timedelta(minutes=10)
# What shells say of a command that is there and cannot be run.
_CANNOT_RUN = 126
_LOOK_AGAIN = "Look at the machine again before anything else: it may be at work."


class WindowsMachineWorker:
    """Asks one machine; every request is a command of its own. Methods raise `TransportFailed` and nothing else.

    Args:
        machine: which one.
        transport_of: opens a way to it; closed after each request.
        options: deadlines, secrets, and who is told of commands.
        clock: the time, aware and in UTC.
    """

    def __init__(
        self,
        machine: Machine,
        transport_of: Callable[[], Transport],
        options: WorkerOptions,
        clock: Callable[[], datetime],
    ) -> None:
        self._machine = machine
        self._transport_of = transport_of
        self._options = options
        self._clock = clock
        self._assessment: Assessment | None = None
        self._percents: dict[str, float] = {}
        self._going_down: dict[str, float] = {}

    async def assess(self, *, refresh: bool) -> Assessment:
        """What it misses now; a failure is in the assessment."""
        options = AssessOptions(
            deadline_seconds=self._options.deadline_seconds,
            max_output_bytes=self._options.max_output_bytes,
            refresh=refresh,
            secrets=self._options.secrets,
            windows_deadline_seconds=self._options.windows_deadline_seconds,
        )
        transport = self._transport_of()
        started = self._clock()
        try:
            assessment = await assess_machine(self._machine, transport, options, self._clock)
        finally:
            await transport.close()
        if assessment.was_attempted:
            status = None if assessment.failure else 0
            self._note("powershell (assess)", (self._clock() - started).total_seconds(), status)
        self._assessment = None if assessment.failure else assessment
        return assessment

    async def simulate(self, order: JobOrder) -> Simulation:
        """What Windows Update would do for ``order``, by a search of a moment ago; changes nothing."""
        known = self._assessment
        if known is None or self._clock() - known.ended_at > _FRESH:
            known = await self.assess(refresh=False)
        if known.failure is not None:
            raise TransportFailed(known.failure)
        return simulate_order(order, known)

    async def start(self, order: JobOrder) -> JobReport:
        """Starts the job, or reports on it where it was started before; without its log."""
        heard = await self._ask_job(self._build(call_start, order), order.id, more_seconds=_START_SECONDS)
        if heard.report.state is JobState.ABSENT:
            words = "the job was handed to the machine, and is not there."
            raise self._failed(FailureKind.JOB_REFUSED, "job_start", words, "See the task scheduler's log there.")
        return heard.report

    async def follow(self, job_id: str, log_from: int, on_report: TakeReport, *, for_seconds: float) -> JobReport:
        """Reports as they come, until the job does not run any more or ``for_seconds`` have passed; the last one again.

        A poll that fails is a `TransportFailed`; what was handed on until then stands.
        """
        started = time.monotonic()
        status, was_sent = None, True
        try:
            report = await self._poll(job_id, log_from, on_report, for_seconds)
            status = 0
            return report
        except TransportFailed as error:
            was_sent = error.failure.kind is not FailureKind.OUT_OF_SCOPE
            raise
        finally:  # one line for all of its polls
            if was_sent:
                self._note("powershell (job_follow)", time.monotonic() - started, status)

    async def stop_starting(self, job_id: str) -> JobReport:
        """Asks the job to begin nothing more; the batch that runs is left to its end."""
        return (await self._ask_job(self._build(call_stop, job_id), job_id)).report

    async def forget(self, job_id: str) -> None:
        """Removes what an ended job left on the machine: its task and its folder."""
        await self._ask_job(self._build(call_forget, job_id), job_id)

    async def look(self) -> Pulse:
        """How it is now."""
        call = call_look()
        return self._read(call, read_look, await self._ask(call))

    async def reboot(self, *, notice_minutes: int, message: str) -> None:
        """Has it restarted by Windows itself, after telling logged-in users ``notice_minutes`` before."""
        call = call_reboot(notice_minutes, message)
        trouble = self._read(call, read_reboot, await self._ask(call))
        if trouble:
            remedy = "The login needs the right to shut the system down; shutdown /a ends what was ordered before."
            raise self._failed(FailureKind.JOB_REFUSED, call.name, trouble, remedy)

    async def run_script(
        self, text: bytes, *, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int
    ) -> ScriptEnd:
        """Runs a script for PowerShell or cmd, as the user that the machine is reached with; another one cannot run."""
        try:
            call = call_run_script(text, environment, stdin, timeout_seconds)
        except BadInput as error:
            return ScriptEnd(_CANNOT_RUN, str(error), 0.0)
        return await self._run_shell(call, timeout_seconds)

    async def probe(self, command: str, tcp_ports: tuple[int, ...], *, timeout_seconds: int) -> tuple[str, ...]:
        """What of a health gate does not hold there, a line each; empty if all does."""
        troubles: tuple[str, ...] = ()
        if command:
            end = await self._run_shell(self._build(call_command, command, timeout_seconds), timeout_seconds)
            troubles = describe_command(command, end, timeout_seconds)
        if tcp_ports:
            call = call_gate(tcp_ports)
            answer = await self._ask(call, more_seconds=10 * len(tcp_ports))
            troubles += self._read(call, lambda told: read_ports(told, tcp_ports), answer)
        return troubles

    async def close(self) -> None:
        """Nothing stays open between requests."""

    async def _poll(self, job_id: str, log_from: int, on_report: TakeReport, for_seconds: float) -> JobReport:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + for_seconds
        stamp, polls_of_log = "", 0
        while True:
            asked_at = loop.time()
            call = self._build(call_follow, job_id, log_from, give_up_at - asked_at, stamp)
            heard = await self._ask_job(call, job_id, log_from, more_seconds=LONGEST_WAIT_SECONDS)
            is_new = heard.stamp != stamp or bool(heard.report.log)
            stamp, log_from = heard.stamp, heard.report.log_end
            if is_new:
                on_report(heard.report)
            if heard.has_more and polls_of_log < _MOST_POLLS_OF_LOG:
                polls_of_log, stamp = polls_of_log + 1, ""
                continue
            if heard.report.state is not JobState.RUNNING or loop.time() >= give_up_at:
                return heard.report
            took = loop.time() - asked_at
            await asyncio.sleep(min(max(0.0, _LEAST_POLL_SECONDS - took), max(0.0, give_up_at - loop.time())))

    async def _run_shell(self, call: ScriptCall, timeout_seconds: int) -> ScriptEnd:
        answer = await self._ask(call, more_seconds=timeout_seconds + 15)
        end, why = self._read(call, read_script_end, answer)
        if end is None:
            raise self._failed(FailureKind.JOB_REFUSED, call.name, f"the script was not begun: {why}", _LOOK_AGAIN)
        return end

    async def _ask_job(self, call: ScriptCall, job_id: str, log_from: int = 0, *, more_seconds: float = 0.0) -> Heard:
        answer = await self._ask(call, more_seconds=more_seconds)
        percent = self._percents.get(job_id, 0.0)
        heard = self._read(call, lambda told: read_job(told, job_id, log_from, percent), answer)
        if isinstance(heard, Refused):
            raise self._refused(call, heard)
        if heard.goes_down:
            return self._await_restart(heard)
        progress = heard.report.progress
        if progress is not None and progress.percent is not None:
            self._percents[job_id] = progress.percent
        return heard

    def _await_restart(self, heard: Heard) -> Heard:
        """A job that gave way to a restart counts as running until that has come: another one would do the same."""
        since = self._going_down.setdefault(heard.report.id, time.monotonic())
        if time.monotonic() - since > _RESTART_SECONDS:
            return heard
        return replace(heard, report=replace(heard.report, state=JobState.RUNNING, progress=_RESTARTING))

    async def _ask(self, call: ScriptCall, *, more_seconds: float = 0.0) -> Mapping[str, object]:
        transport = self._transport_of()
        started = time.monotonic()
        status, was_sent = None, True
        try:
            deadline = self._options.deadline_seconds + more_seconds
            limit = min(self._options.max_output_bytes, _MOST_ANSWER_BYTES)
            answer = await ask(transport, call, deadline_seconds=deadline, max_output_bytes=limit)
            status = 0
            return answer
        except TransportFailed as error:
            was_sent = error.failure.kind is not FailureKind.OUT_OF_SCOPE
            raise
        finally:
            if was_sent and call.name != "job_follow":
                self._note(f"powershell ({call.name})", time.monotonic() - started, status)
            await transport.close()

    def _read(
        self, call: ScriptCall, read: Callable[[Mapping[str, object]], _Read], answer: Mapping[str, object]
    ) -> _Read:
        try:
            return read(answer)
        except UnreadableOutput as error:
            words = f"the answer cannot be read: {error}"
            raise self._failed(FailureKind.OUTPUT_UNREADABLE, call.name, words, "Please report this.") from error

    def _refused(self, call: ScriptCall, refused: Refused) -> TransportFailed:
        if refused.reason == "not-administrator":
            remedy = (
                "Log in with an administrator; one of a workgroup needs LocalAccountTokenFilterPolicy=1 "
                "(docs/windows.md)."
            )
            return self._failed(FailureKind.NO_ROOT, call.name, refused.words, remedy)
        remedy = "Look at the task scheduler there."
        if refused.reason == "folder":
            remedy = "Look at that folder, and move it away: whoever may write there could have SYSTEM run anything."
        did = "nothing was begun" if call.name == "job_start" else "the job could not be looked at"
        return self._failed(FailureKind.JOB_REFUSED, call.name, f"{did}: {refused.words}", remedy)

    def _build(self, build: Callable[..., ScriptCall], *arguments: object) -> ScriptCall:
        """A call; what cannot be asked is a failure of this machine, as everything else is."""
        try:
            return build(*arguments)
        except BadInput as error:
            raise self._failed(FailureKind.BAD_CONFIGURATION, "a script", str(error), "") from error

    def _failed(self, kind: FailureKind, tried: str, came_back: str, remedy: str) -> TransportFailed:
        where = f"{tried} on {self._machine.name}"
        return TransportFailed(clean_failure(kind, where, came_back, remedy, 0.0))

    def _note(self, command: str, seconds: float, exit_status: int | None) -> None:
        if self._options.note_command is not None:
            self._options.note_command(command, seconds, exit_status)
