"""Tests of collectors.assess over real and replayed transports: one result, whatever happens."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.assess import AssessOptions, assess_machine
from collectors.secrets import NoSecrets, Secret
from collectors.transports.base import CommandResult, TransportFailed
from collectors.transports.scripted import ScriptedTransport
from fleet.assessments import Assessment, Outcome
from fleet.failures import Failure, FailureKind
from fleet.machines import Become, Machine

_NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


class _Answers:
    """A transport that gives what it was told to, and keeps the script that it was sent."""

    def __init__(self, answer: Callable[[bytes], CommandResult]) -> None:
        self.script = b""
        self._answer = answer

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        self.script = script
        return self._answer(script)

    async def close(self) -> None:
        """Nothing is open."""


class _Passwords(NoSecrets):
    """Gives one sudo password for every machine."""

    def password(self, _machine: Machine, /) -> Secret | None:
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        return Secret("hunter2")


def _fail(error: BaseException) -> CommandResult:
    raise error


async def _assess(
    machine: Machine, transport: _Answers | ScriptedTransport, options: AssessOptions | None = None
) -> Assessment:
    return await assess_machine(machine, transport, options or AssessOptions(), lambda: _NOW)


async def test_transcript_is_assessed_like_a_machine(
    machine: Machine, captures: dict[str, str], tmp_path: Path
) -> None:
    """The scripted transport puts the marker of the run in, and the answer is read as ever."""
    transcript = tmp_path / "web-01.json"
    reply = {"exit_status": 0, "stdout": captures["apt-states"].split("\n"), "stderr": [""]}
    transcript.write_text(json.dumps({"format": 1, "replies": [reply]}))

    assessment = await _assess(machine, ScriptedTransport(transcript))

    assert assessment.failure is None
    assert len(assessment.updates) == 12
    assert (assessment.machine_id, assessment.started_at) == (machine.id, _NOW)


async def test_failure_of_a_transport_is_the_result(machine: Machine) -> None:
    """What stopped it is passed on as it is; what came until then is kept as evidence."""
    failure = Failure(FailureKind.CONNECTION_LOST, "run", "cut.", "Again.")
    kept: list[bytes] = []

    transport = _Answers(lambda _: _fail(TransportFailed(failure, b"half")))

    assessment = await _assess(machine, transport, AssessOptions(evidence=lambda _, raw: kept.append(raw)))

    assert (assessment.failure, assessment.outcome, kept) == (failure, Outcome.FAILED, [b"half"])


async def test_unreadable_output_leaves_its_bytes_without_the_password(machine: Machine) -> None:
    """Whoever looks into it sees all of the answer but the password."""
    kept: list[bytes] = []
    transport = _Answers(lambda _: CommandResult(b"what is hunter2?", b"", 0, 1.0))

    options = AssessOptions(secrets=_Passwords(), evidence=lambda _, raw: kept.append(raw))

    assessment = await _assess(replace(machine, become=Become.SUDO), transport, options)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.NO_SHELL
    assert kept == ["what is •••?".encode()]
    assert b"sudo_password='hunter2'" in transport.script


async def test_password_is_not_asked_for_where_nothing_becomes_root(machine: Machine) -> None:
    """A machine without become never gets a password into its script."""
    transport = _Answers(lambda _: CommandResult(b"", b"", 0, 1.0))

    await _assess(machine, transport, AssessOptions(secrets=_Passwords()))

    assert b"hunter2" not in transport.script


async def test_mistake_of_ours_fails_one_machine(machine: Machine) -> None:
    """An exception that nobody foresaw is a failure with its text."""
    assessment = await _assess(machine, _Answers(lambda _: _fail(RuntimeError("no"))))

    assert assessment.failure is not None
    assert (assessment.failure.kind, assessment.failure.came_back) == (FailureKind.INTERNAL, "RuntimeError: no")


async def test_evidence_that_cannot_be_kept_fails_one_machine(machine: Machine) -> None:
    """A full disk on our side ends nobody's scan."""
    transport = _Answers(lambda _: CommandResult(b"noise", b"", 0, 1.0))

    def keep(_machine: Machine, _raw: bytes) -> None:
        raise OSError(28, "No space left on device")

    assessment = await _assess(machine, transport, AssessOptions(evidence=keep))

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.INTERNAL


async def test_cancelling_is_passed_on(machine: Machine) -> None:
    """It is the one thing that is not a result."""
    with pytest.raises(asyncio.CancelledError):
        await _assess(machine, _Answers(lambda _: _fail(asyncio.CancelledError())))


async def test_refresh_is_asked_for_in_the_script(machine: Machine) -> None:
    """Without it no command of the probe changes anything."""
    transport = _Answers(lambda _: CommandResult(b"", b"", 0, 1.0))

    await _assess(machine, transport, AssessOptions(refresh=True))

    assert b"\nrefresh=yes\n" in transport.script
