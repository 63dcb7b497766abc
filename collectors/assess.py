"""One assessment of one machine: one connection, one command, and a result whatever comes back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from collectors import unusable
from collectors.assess_options import AssessOptions
from collectors.linux_facts import Span
from collectors.managers import MANAGERS
from collectors.probe import Probe, build_probe
from collectors.reading import failed, read_answer
from collectors.reading_thread import read_aside
from collectors.secrets import MASK, Secret, SecretUnavailable
from collectors.transports.base import CommandResult, Transport, TransportFailed
from fleet.assessments import Assessment
from fleet.errors import BadInput
from fleet.failures import FailureKind, Finding, FindingKind, Severity
from fleet.machines import Become, Machine

__all__ = ["AssessOptions", "assess_machine"]

_LEAVES_EVIDENCE = frozenset(
    {FailureKind.OUTPUT_UNREADABLE, FailureKind.CONNECTION_LOST, FailureKind.NO_SHELL, FailureKind.INTERNAL}
)


async def assess_machine(
    machine: Machine, transport: Transport, options: AssessOptions, clock: Callable[[], datetime]
) -> Assessment:
    """What ``machine`` misses, or why it could not be read. Raises nothing but cancellation.

    ``clock`` gives the time, aware and in UTC. The transport is left open.
    """
    started_at = clock()
    try:
        return await _assess(machine, transport, options, clock, started_at)
    except BadInput as error:
        return failed(machine, Span(started_at, clock()), unusable.bad_configuration(error))
    except Exception as error:  # noqa: BLE001 - the edge of a task: one machine's trouble never ends a scan
        return failed(machine, Span(started_at, clock()), unusable.internal(error))


async def _assess(
    machine: Machine, transport: Transport, options: AssessOptions, clock: Callable[[], datetime], started_at: datetime
) -> Assessment:
    if machine.speaks_powershell:
        from collectors.windows.assess import assess_windows  # other machines do without

        return await assess_windows(machine, transport, options, clock)
    credentials = await options.secrets.credentials(machine)
    machine = replace(machine, become=credentials.become)
    asked = await _find_password(machine, options)
    password = asked.password
    probe = _build(machine, options, password)
    try:
        result = await transport.run(
            probe.script, deadline_seconds=options.deadline_seconds, max_output_bytes=options.max_output_bytes
        )
    except TransportFailed as error:
        if error.partial:
            await asyncio.to_thread(_keep, machine, options, error.partial, password)
        return failed(machine, Span(started_at, clock()), error.failure)
    run = _Run(probe, result, Span(started_at, clock()), password)
    size_bytes = len(result.stdout) + len(result.stderr)
    assessment = await read_aside(partial(_read_guarded, machine, options, run), size_bytes)
    if assessment.failure is None:
        assessment = replace(assessment, facts=replace(assessment.facts, host_key=result.host_key))
    return asked.told_in(assessment)


@dataclass(frozen=True, slots=True)
class _Run:
    probe: Probe
    result: CommandResult
    span: Span
    password: Secret | None


@dataclass(frozen=True, slots=True)
class _AskedPassword:
    """The password for sudo, or why it cannot be had: the machine is assessed all the same, as far as it goes."""

    password: Secret | None = None
    problem: str = ""

    def told_in(self, assessment: Assessment) -> Assessment:
        """``assessment`` with the problem, in the place of what sudo said for lack of a password."""
        if not self.problem or assessment.failure is not None:
            return assessment
        others = [each for each in assessment.findings if each.kind is not FindingKind.CANNOT_BECOME_ROOT]
        if len(others) == len(assessment.findings):
            return assessment  # sudo wanted none
        told = Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, f"Root cannot be gained: {self.problem}")
        return replace(assessment, findings=(*others, told))


async def _find_password(machine: Machine, options: AssessOptions) -> _AskedPassword:
    if machine.become is not Become.SUDO:
        return _AskedPassword()
    try:
        return _AskedPassword(await asyncio.to_thread(options.secrets.sudo_password, machine))
    except SecretUnavailable as error:
        return _AskedPassword(problem=str(error))


def _build(machine: Machine, options: AssessOptions, password: Secret | None) -> Probe:
    names = [manager.name for manager in MANAGERS]
    return build_probe(names, become=machine.become, sudo_password=password, refresh=options.refresh)


def _read_guarded(machine: Machine, options: AssessOptions, run: _Run) -> Assessment:
    """The reading, with the raw bytes kept whenever they could not be read."""
    try:
        assessment = read_answer(machine, run.probe.marker, run.result, run.span)
    except Exception as error:  # noqa: BLE001 - see assess_machine; the evidence would be lost out there
        assessment = failed(machine, run.span, unusable.internal(error))
    if assessment.failure is not None and assessment.failure.kind in _LEAVES_EVIDENCE:
        _keep(machine, options, run.result.stdout, run.password)
    return assessment


def _keep(machine: Machine, options: AssessOptions, output: bytes, password: Secret | None) -> None:
    if options.evidence is not None and output:
        text = password.reveal().encode() if password else b""
        options.evidence(machine, output.replace(text, MASK.encode()) if text else output)
