"""One assessment of a Windows machine: one command, and short ones after it where SYSTEM has to search."""

import asyncio
import base64
import binascii
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from collectors.assess_options import AssessOptions
from collectors.linux_facts import Span
from collectors.reading import failed
from collectors.reading_thread import read_aside
from collectors.transports.base import CommandResult, Transport, TransportFailed
from collectors.windows import search_failures
from collectors.windows.asking import ask
from collectors.windows.assess_answer import FollowAnswer, FoundAnswer, MachineAnswer
from collectors.windows.assess_call import AssessParameters, SearchPlan, call_assess, call_follow, call_forget
from collectors.windows.assess_reading import read_assessment, read_follow, read_found_answer, read_machine
from collectors.windows.script_call import ScriptCall
from collectors.windows.way_findings import way_findings
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean
from fleet.machines import Machine

# Between two looks at a search by SYSTEM: a quick one is noticed soon, a long one is not disturbed.
FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 10.0
_LOOK_SECONDS = 60.0
# Beyond the deadline, within the grace of a scan (`ops.assess_one`).
_FORGET_SECONDS = 4.0
# A look that was lost says nothing of the search, which goes on.
_PASSING = frozenset({FailureKind.CONNECTION_LOST, FailureKind.DEADLINE_EXCEEDED, FailureKind.QUOTA_EXCEEDED})


_Read = TypeVar("_Read")


async def assess_windows(
    machine: Machine, transport: Transport, options: AssessOptions, clock: Callable[[], datetime]
) -> Assessment:
    """What ``machine`` misses, or why it could not be read; in all within the deadline of ``options``.

    The login searches itself where it may, which lasts as long as the command does. Where that is refused, a task of
    SYSTEM searches, which is looked at by short commands, so that a connection that breaks loses nothing.
    """
    started_at = clock()
    heard = _Hearing(transport)
    asking = _Asking(machine, heard, options, started_at)
    try:
        assessment = await asking.assess(clock)
    except TransportFailed as error:
        await asyncio.to_thread(_keep, machine, options, error.partial)
        assessment = asking.failed(error.failure, clock())
    except UnreadableOutput as error:
        await asyncio.to_thread(_keep, machine, options, heard.last)
        remedy = "Report it with the raw output, which was kept where evidence is kept."
        failure = Failure(FailureKind.OUTPUT_UNREADABLE, "assess", clean(str(error), 500), remedy)
        assessment = asking.failed(failure, clock())
    findings = (*assessment.findings, *way_findings(machine, heard.certificate_ends_at, started_at))
    return replace(assessment, facts=replace(assessment.facts, host_key=heard.host_key), findings=findings)


class _Hearing:
    """A transport that remembers what came of its last run."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.host_key: str | None = None
        self.certificate_ends_at: datetime | None = None
        self.last = b""

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `Transport.run`."""
        result = await self.transport.run(
            script, deadline_seconds=deadline_seconds, max_output_bytes=max_output_bytes, on_output=on_output
        )
        self.host_key, self.last = result.host_key or self.host_key, result.stdout
        self.certificate_ends_at = result.certificate_ends_at or self.certificate_ends_at
        return result

    async def close(self) -> None:
        """See `Transport.close`."""
        await self.transport.close()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the machine said of itself, and when."""

    answer: MachineAnswer
    span: Span


class _Asking:
    """One assessment while it runs; ``known`` is what has come in by then."""

    def __init__(self, machine: Machine, heard: _Hearing, options: AssessOptions, started_at: datetime) -> None:
        self._machine = machine
        self._heard = heard
        self._options = options
        self._started_at = started_at
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._known: _Known | None = None

    async def assess(self, clock: Callable[[], datetime]) -> Assessment:
        """The assessment.

        Raises:
            TransportFailed, UnreadableOutput: nothing came back, or nothing that can be read.
        """
        way = self._options.search_ways.get(self._machine.id)
        plan = SearchPlan(way.value) if way is not None else SearchPlan.AUTO
        parameters = AssessParameters(plan, secrets.token_hex(8))
        told = await self._ask(call_assess(parameters), self._left())
        answer = await self._read(partial(read_machine, told))
        self._known = _Known(answer, Span(self._started_at, clock()))
        found, failure = answer.found, None
        if found is None and answer.task.state == "started":
            found, failure = await self._follow(parameters.run_id)
        known = replace(self._known, span=replace(self._known.span, ended_at=clock()))
        return await self._read(partial(read_assessment, self._machine, known.answer, found, known.span, failure))

    def failed(self, failure: Failure, ended_at: datetime) -> Assessment:
        """The assessment that failed by ``failure``, with what the machine had said of itself by then."""
        span = Span(self._started_at, ended_at)
        if self._known is None:
            return failed(self._machine, span, failure)
        return read_assessment(self._machine, self._known.answer, None, span, failure)

    async def _follow(self, run_id: str) -> tuple[FoundAnswer | None, Failure | None]:
        """What SYSTEM found, or why there is nothing; task and folder are removed in any case."""
        pause, follow = FIRST_PAUSE_SECONDS, None
        try:
            while self._left() > 0:
                await asyncio.sleep(min(pause, max(0.0, self._left())))
                pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
                follow = await self._look(run_id) or follow
                if follow is None or follow.state == "running":
                    continue
                if follow.state != "done":
                    return None, search_failures.task_ended(follow)
                return await self._read(partial(_unpack, follow.result)), None
            if follow is not None and follow.errors:
                return None, search_failures.task_ended(follow)
            return None, search_failures.task_goes_on(self._loop.time() - self._began)
        finally:
            with suppress(TransportFailed, TimeoutError):
                async with asyncio.timeout(_FORGET_SECONDS):
                    # Past what remembers: what came before it may have to be kept.
                    await ask(self._heard.transport, call_forget(run_id), deadline_seconds=_FORGET_SECONDS)

    async def _look(self, run_id: str) -> FollowAnswer | None:
        """One look; None where it was lost on the way."""
        seconds = min(_LOOK_SECONDS, self._left())
        if seconds <= 0:
            return None
        try:
            return read_follow(await self._ask(call_follow(run_id), seconds))
        except TransportFailed as error:
            if error.failure.kind in _PASSING or error.failure.kind.means_unreachable:
                return None
            raise

    async def _ask(self, call: ScriptCall, seconds: float) -> Mapping[str, object]:
        most = self._options.max_output_bytes
        return await ask(self._heard, call, deadline_seconds=max(seconds, 0.1), max_output_bytes=most)

    async def _read(self, read: Callable[[], _Read]) -> _Read:
        return await read_aside(read, len(self._heard.last))

    def _left(self) -> float:
        return self._options.deadline_of(self._machine) - (self._loop.time() - self._began)


def _unpack(result: str) -> FoundAnswer:
    try:
        value = json.loads(base64.b64decode(result, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise UnreadableOutput("the task's answer", 1, clean(str(error), 100)) from error
    return read_found_answer(value)


def _keep(machine: Machine, options: AssessOptions, output: bytes) -> None:
    if options.evidence is not None and output:
        options.evidence(machine, output)
