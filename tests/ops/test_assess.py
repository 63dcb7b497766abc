"""A scan: every machine has its result, what came in is stored, whatever else happens."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.transports.base import CommandResult, TransportFailed
from fleet.answers import Answer
from fleet.failures import Failure, FailureKind, FindingKind
from fleet.machines import Machine, TransportKind
from ops.assess import FleetOptions, assess_fleet
from ops.assess_events import AssessEvent, BatchCommitted, MachineFinished, MachineStarted
from ops.enrolment import Definition, enable_machines, enrol, list_machines
from ops.home import Home, open_home
from ops.missing import list_missing
from ops.statuses import statuses_of

Transcript = Callable[..., Path]
QUICK = FleetOptions(deadline_seconds=1.0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def enrol_scripted(home: Home, name: str, transcript: Path) -> Machine:
    return enrol(home, Definition(name, TransportKind.SCRIPTED, transcript=str(transcript))).machine


def ignore(event: AssessEvent) -> None:
    """Nobody looks at the events."""


class CountingTransport:
    """Refuses every connection, and counts how many are being made at once."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        self.counts["now"] += 1
        self.counts["most"] = max(self.counts["most"], self.counts["now"])
        for _ in range(20):
            await asyncio.sleep(0.001)
        self.counts["now"] -= 1
        raise TransportFailed(Failure(FailureKind.CONNECTION_REFUSED, "counting", "refused.", "Nothing."))

    async def close(self) -> None:
        self.counts["closed"] += 1


async def test_every_machine_has_its_own_result(home: Home, recorded: Path, transcript: Transcript) -> None:
    """One machine answers; one is cut off, one hangs, one prints something else: each says so, and all is stored."""
    failure = {"kind": "login-refused", "tried": "SSH", "came_back": "refused.", "remedy": "Give a key."}
    enrol_scripted(home, "good", recorded)
    enrol_scripted(home, "refused", transcript("refused", failure=failure))
    enrol_scripted(home, "hangs", transcript("hangs", delay_seconds=3600, stdout=[]))
    enrol_scripted(home, "other", transcript("other", exit_status=0, stdout=["Welcome to RouterOS", ""]))

    result = await assess_fleet(home, list_machines(home), QUICK, ignore)

    kinds = {a.machine_name: a.failure.kind if a.failure else None for a in result.assessments}
    assert kinds.pop("other") in {FailureKind.OUTPUT_UNREADABLE, FailureKind.NO_SHELL, FailureKind.CONNECTION_LOST}
    assert kinds == {
        "good": None,
        "refused": FailureKind.LOGIN_REFUSED,
        "hangs": FailureKind.DEADLINE_EXCEEDED,
    }
    stored = {status.machine.name: status for status in statuses_of(home, ["all"])}
    assert all(status.last_attempt is not None for status in stored.values())
    assert [name for name, status in stored.items() if status.last_answer] == ["good"]


async def test_output_that_cannot_be_read_is_kept(home: Home, transcript: Transcript) -> None:
    """The raw bytes lie in runs/BATCH/MACHINE.out, for their owner only."""
    machine = enrol_scripted(home, "odd", transcript("odd", exit_status=0, stdout=["who are you?", ""]))

    result = await assess_fleet(home, [machine], QUICK, ignore)

    kept = home.runs_dir / result.batch_id / "odd.out"
    assert result.evidence == (str(kept),)
    assert kept.read_bytes().startswith(b"who are you?")
    assert kept.stat().st_mode & 0o077 == 0


async def test_missing_updates_are_those_of_the_answer(home: Home, recorded: Path) -> None:
    """What the store gives back is what the machine offered."""
    machine = enrol_scripted(home, "good", recorded)

    result = await assess_fleet(home, [machine], FleetOptions(), ignore)

    offered = sorted((u.name, u.architecture, u.offered_version) for u in result.assessments[0].updates)
    missing = [(m.update.name, m.update.architecture, m.update.offered_version) for m in list_missing(home)]
    assert missing == offered
    assert list_missing(home, {"no-such-id"}) == []


async def test_clones_are_noticed(home: Home, recorded: Path) -> None:
    """Two machines with one machine-id are told on both."""
    enrol_scripted(home, "first", recorded)
    enrol_scripted(home, "second", recorded)

    result = await assess_fleet(home, list_machines(home), FleetOptions(), ignore)

    findings = {
        assessment.machine_name: [f.text for f in assessment.findings if f.kind is FindingKind.IDENTITY_SHARED]
        for assessment in result.assessments
    }
    assert "second" in findings["first"][0]
    assert "first" in findings["second"][0]


async def test_disabled_machines_are_left_alone(home: Home, transcript: Transcript) -> None:
    """A disabled machine is not begun, and the result names it."""
    enrol_scripted(home, "off", transcript("off", exit_status=0, stdout=[]))
    (off,) = enable_machines(home, ["off"], enabled=False)
    events: list[AssessEvent] = []

    result = await assess_fleet(home, [off], QUICK, events.append)

    assert result.disabled == (off,)
    assert result.assessments == ()
    assert events == []


async def test_stopping_stores_what_came_in_and_names_the_rest(home: Home, transcript: Transcript) -> None:
    """The machine that was done is stored; the one that hangs is named as not assessed."""
    enrol_scripted(home, "done", transcript("done", exit_status=1, stdout=[]))
    enrol_scripted(home, "hangs", transcript("hangs", delay_seconds=3600, stdout=[]))
    stop = asyncio.Event()

    def stop_after_first(event: AssessEvent) -> None:
        if isinstance(event, MachineFinished):
            stop.set()

    result = await assess_fleet(home, list_machines(home), FleetOptions(), stop_after_first, stop=stop)

    assert [assessment.machine_name for assessment in result.assessments] == ["done"]
    assert [machine.name for machine in result.not_assessed] == ["hangs"]
    assert {s.machine.name for s in statuses_of(home, ["all"]) if s.last_attempt} == {"done"}


async def test_a_cancelled_scan_stores_what_came_in(home: Home, transcript: Transcript) -> None:
    """Cancelling the task raises as usual, after what came in was stored."""
    enrol_scripted(home, "done", transcript("done", exit_status=1, stdout=[]))
    enrol_scripted(home, "hangs", transcript("hangs", delay_seconds=3600, stdout=[]))
    first_done = asyncio.Event()

    def note(event: AssessEvent) -> None:
        if isinstance(event, MachineFinished):
            first_done.set()

    scan = asyncio.create_task(assess_fleet(home, list_machines(home), FleetOptions(), note))
    await first_done.wait()
    scan.cancel()

    with pytest.raises(asyncio.CancelledError):
        await scan
    assert {s.machine.name for s in statuses_of(home, ["all"]) if s.last_attempt} == {"done"}


async def test_events_tell_the_whole_course(home: Home, transcript: Transcript) -> None:
    """Every machine starts, finishes with a running count, and the batch is committed once, at the end."""
    for number in range(3):
        enrol_scripted(home, f"m{number}", transcript(f"m{number}", exit_status=1, stdout=[]))
    events: list[AssessEvent] = []

    await assess_fleet(home, list_machines(home), QUICK, events.append)

    finished = [event for event in events if isinstance(event, MachineFinished)]
    assert sum(isinstance(event, MachineStarted) for event in events) == 3
    assert [(event.done, event.total) for event in finished] == [(1, 3), (2, 3), (3, 3)]
    assert [event.assessed for event in events if isinstance(event, BatchCommitted)] == [3]
    assert isinstance(events[-1], BatchCommitted)


async def test_the_bound_holds_for_connections(
    home: Home, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a concurrency of 4, four transports run at once at the most, and each is closed."""
    counts = {"now": 0, "most": 0, "closed": 0}
    silent = transcript("silent", exit_status=0, stdout=[])
    machines = [enrol_scripted(home, f"m{number:02}", silent) for number in range(24)]
    monkeypatch.setattr("collectors.transports.opening.open_transport", lambda machine, ssh: CountingTransport(counts))

    result = await assess_fleet(home, machines, FleetOptions(concurrency=4), ignore)

    assert len(result.failed) == 24
    assert counts == {"now": 0, "most": 4, "closed": 24}


async def test_our_own_bug_on_one_machine_is_that_machines_failure(
    home: Home, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that nobody foresaw is a failure of kind internal, in the log, and nobody else's."""

    def broken(machine: Machine, ssh: object) -> CountingTransport:
        raise ZeroDivisionError(machine.name)

    machine = enrol_scripted(home, "m", transcript("m", exit_status=0, stdout=[]))
    monkeypatch.setattr("collectors.transports.opening.open_transport", broken)

    result = await assess_fleet(home, [machine], QUICK, ignore)

    (assessment,) = result.assessments
    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.INTERNAL
    assert assessment.facts.reboot_required is Answer.UNKNOWN
