"""One machine for the time of a run, over any transport: what `ops.deployments.worker.MachineWorker` asks for."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from collectors.assess import AssessOptions, assess_machine
from collectors.jobs.conversation import Conversation, TakeReport, WorkerOptions, failed, unreadable
from collectors.jobs.managers import JobManager, find_job_manager, name_manager
from collectors.jobs.orders import Gain, Request, follow_request, forget_request, start_request, stop_request
from collectors.jobs.pulses import read_pulse
from collectors.jobs.questions import (
    gate_request,
    look_request,
    reboot_request,
    script_request,
    simulation_request,
)
from collectors.jobs.reports import ReportReader
from collectors.jobs.scripts import ScriptEnd, read_gate, read_script
from collectors.probe import build_probe
from collectors.transports.base import Transport, TransportFailed, clean_failure
from fleet.assessments import Assessment
from fleet.deployments.jobs import JobOrder, JobReport, JobState
from fleet.deployments.plan import Simulation
from fleet.deployments.pulse import Pulse
from fleet.errors import BadInput, PatchdeckError, UnreadableOutput
from fleet.failures import FailureKind
from fleet.machines import Become, Machine, TransportKind

# A log has its end after so many times MOST_BYTES, or it is told by the next follow.
_MOST_CONNECTIONS = 64

__all__ = ["SshMachineWorker", "WorkerOptions"]


class SshMachineWorker:
    """Asks one machine; every request is a connection of its own. Methods raise `TransportFailed` and nothing else.

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
        self._conversation = Conversation(transport_of, options)
        self._manager_name: str | None = None
        self._noted_commands: dict[str, int] = {}

    async def assess(self, *, refresh: bool) -> Assessment:
        """What it misses now; a failure is in the assessment."""
        options = AssessOptions(
            deadline_seconds=self._options.deadline_seconds,
            max_output_bytes=self._options.max_output_bytes,
            refresh=refresh,
            secrets=self._options.secrets,
        )
        transport = self._transport_of()
        started = self._clock()
        try:
            assessment = await assess_machine(self._machine, transport, options, self._clock)
        finally:
            await transport.close()
        if assessment.was_attempted:
            status = None if assessment.failure else 0
            command = f"sh (assessment{', refresh' if refresh else ''})"
            self._conversation.note(command, (self._clock() - started).total_seconds(), status)
        self._manager_name = assessment.facts.package_manager or self._manager_name
        return assessment

    async def simulate(self, order: JobOrder) -> Simulation:
        """What its package manager would do for ``order``; changes nothing."""
        manager = await self._find_manager()
        request = self._build(simulation_request, order, manager, await self._gain())
        sections = await self._conversation.ask_sections(request)
        try:
            return manager.read_simulation(sections, order)
        except UnreadableOutput as error:
            raise unreadable(request, str(error)) from error

    async def start(self, order: JobOrder) -> JobReport:
        """Starts the job, or reports on it where it was started before; without its log."""
        manager = await self._find_manager()
        report = await self._report(self._build(start_request, order, manager, await self._gain()), order.id)
        if report.state is JobState.ABSENT:
            request = follow_request(order.id, 0, 0, Gain(Become.NONE))
            came_back = "the job was handed to the machine, and did not begin within 10 s."
            raise failed(FailureKind.JOB_REFUSED, request, came_back, "Look at the machine's load and its system log.")
        return report

    async def follow(self, job_id: str, log_from: int, on_report: TakeReport, *, for_seconds: float) -> JobReport:
        """Reports as they come, until the job does not run any more or ``for_seconds`` have passed; the last one again.

        A connection that is lost in between is a `TransportFailed`; what was handed on until then stands.
        """
        gain = await self._gain()
        give_up_at = asyncio.get_running_loop().time() + for_seconds
        for _ in range(_MOST_CONNECTIONS):
            left = max(0.0, give_up_at - asyncio.get_running_loop().time())
            request = self._build(follow_request, job_id, log_from, left, gain)
            reader = ReportReader(job_id, log_from)
            take = self._noting(job_id, reader, on_report)
            await self._conversation.ask_reports(request, reader, take, more_seconds=left)
            if not reader.has_more or reader.report.log_end == log_from:
                return reader.report
            log_from = reader.report.log_end
        return reader.report

    async def stop_starting(self, job_id: str) -> JobReport:
        """Asks the job to begin no further batch; the one that runs is left to its end."""
        return await self._report(self._build(stop_request, job_id, await self._gain()), job_id)

    async def forget(self, job_id: str) -> None:
        """Removes what an ended job left on the machine."""
        await self._report(self._build(forget_request, job_id, await self._gain()), job_id)

    async def look(self) -> Pulse:
        """How it is now."""
        request = look_request()
        sections = await self._conversation.ask_sections(request)
        try:
            return read_pulse(sections)
        except UnreadableOutput as error:
            raise unreadable(request, str(error)) from error

    async def reboot(self, *, notice_minutes: int, message: str) -> None:
        """Has it rebooted, detached from the connection, after telling logged-in users."""
        request = reboot_request(notice_minutes, message, await self._gain())
        frames = await self._conversation.ask_frames(request)
        if [frame.kind for frame in frames] != ["rebooting"]:
            raise unreadable(request, "it does not say that it reboots")

    async def run_script(
        self, text: bytes, *, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int
    ) -> ScriptEnd:
        """Runs a script by its own ``#!`` line, as the user that the machine is reached with."""
        request = self._build(script_request, text, environment, stdin, timeout_seconds)
        frames = await self._conversation.ask_frames(request, more_seconds=timeout_seconds)
        try:
            return read_script(frames, timeout_seconds)
        except ValueError as error:
            raise unreadable(request, str(error)) from error

    async def probe(self, command: str, tcp_ports: tuple[int, ...], *, timeout_seconds: int) -> tuple[str, ...]:
        """What of a health gate does not hold there, a line each; empty if all does."""
        request = self._build(gate_request, command, tcp_ports, timeout_seconds)
        frames = await self._conversation.ask_frames(request, more_seconds=timeout_seconds + 10 * len(tcp_ports))
        try:
            return read_gate(frames, command, tcp_ports, timeout_seconds)
        except ValueError as error:
            raise unreadable(request, str(error)) from error

    async def close(self) -> None:
        """Nothing stays open between requests."""

    async def _report(self, request: Request, job_id: str) -> JobReport:
        reader = ReportReader(job_id, 0)
        await self._conversation.ask_reports(request, reader, lambda _report: None)
        return reader.report

    def _noting(self, job_id: str, reader: ReportReader, on_report: TakeReport) -> TakeReport:
        """``on_report``, and the package manager's own commands to the list, each once."""
        log_from = reader.report.log_end

        def take(report: JobReport) -> None:
            commands = reader.journal.commands
            for command in commands[self._noted_commands.get(job_id, 0) :]:
                # What ended before the log that is still to come was told to whoever followed it then.
                if command.log_to > log_from or log_from == 0:
                    self._conversation.note(command.line, command.seconds, command.exit_status)
            self._noted_commands[job_id] = len(commands)
            on_report(report)

        return take

    async def _gain(self) -> Gain:
        try:
            become = (await self._options.secrets.credentials(self._machine)).become
            if become is not Become.SUDO:
                return Gain(become)
            return Gain(become, await asyncio.to_thread(self._options.secrets.sudo_password, self._machine))
        except PatchdeckError as error:
            raise self._failed(FailureKind.NO_ROOT, str(error)) from error

    async def _find_manager(self) -> JobManager:
        """What patches this machine: by the last assessment, else it is asked."""
        if self._machine.transport is TransportKind.SCRIPTED:
            came_back = "it replays a transcript, so nothing can be simulated or installed there."
            remedy = "Look around in its assessments; deployments need a machine that is there."
            tried = f"a job on {self._machine.name}"
            raise TransportFailed(clean_failure(FailureKind.BAD_CONFIGURATION, tried, came_back, remedy, 0.0))
        if self._manager_name is None:
            self._manager_name = await self._ask_manager()
        manager = find_job_manager(self._manager_name)
        if manager is None:
            raise self._failed(FailureKind.NO_PACKAGE_MANAGER, f"no job can be run with {self._manager_name or 'it'}.")
        return manager

    async def _ask_manager(self) -> str:
        probe = build_probe(())
        request = Request(probe.script, probe.marker, "sh (which package manager)")
        sections = await self._conversation.ask_sections(request)
        try:
            return name_manager(sections)
        except UnreadableOutput as error:
            raise unreadable(request, str(error)) from error

    def _failed(self, kind: FailureKind, came_back: str) -> TransportFailed:
        remedy = "Assess the machine: it says what it is patched by."
        return TransportFailed(clean_failure(kind, f"a job on {self._machine.name}", came_back, remedy, 0.0))

    def _build(self, build: Callable[..., Request], *arguments: object) -> Request:
        """A request; what cannot be asked is a failure of this machine, as everything else is."""
        try:
            return build(*arguments)
        except BadInput as error:
            raise self._failed(FailureKind.JOB_REFUSED, str(error)) from error
