"""Whatever a machine answers to requests about jobs, it becomes a report on that job, or a failure: nothing else."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.jobs.frames import Frame
from collectors.jobs.machine_worker import SshMachineWorker, WorkerOptions
from collectors.jobs.reports import ReportReader
from collectors.transports.base import CommandResult, TransportFailed
from collectors.transports.scripted import marker_of
from fleet.deployments.jobs import JobKind, JobOrder, JobReport, JobState, PackageOrder
from fleet.hostile import TEXT_CHARACTERS, clean
from fleet.machines import Become, Machine, TransportKind
from tests.collectors.fuzz.answers import HOSTILE_TOKENS

EXAMPLES = int(os.environ.get("PATCHDECK_FUZZ_EXAMPLES", "150"))
_CAPTURES = Path(__file__).parents[1] / "captures" / "jobs"
_SEEDS = {path.stem: path.read_bytes().split(b"\n") for path in sorted(_CAPTURES.glob("*.answer"))}
_HOSTILE_LINES = (
    *HOSTILE_TOKENS,
    b"@MARKER@ end 0\n",
    b"@MARKER@ state 99999999",
    b"@MARKER@ state 1048577",
    b"@MARKER@ log -1",
    b"@MARKER@ journal 0\n",
    b"@MARKER@ beat 0\n",
    b"@MARKER@ refused 12\nno-root\n\x1b[2J\n",
    b"@MARKER@ status 9\n0 " + b"9" * 7,
    b"@MARKER@ conffiles 4\n/a\nb",
    b"state=busy",
    b"state=ended",
    b"more=yes",
    b"exit=" + b"9" * 4000,
    b"exit=\xc2\xb2",
    b"other=another\x1b[31m",
    b"uptime=1e308",
    b"uptime=nan",
    b"1e308\tbegan\tb\tsetsid\tapt\t5",
    b"1\tbegan\tb\tsetsid\tzypper\t1000000",
    b"0.0\tended\t1\tsucceeded\t0\t0",
    b"9999999999\tbatch\t1\t1\t0\ta/b c",
    b"1\tleft\tcancelled\t",
    b"1\tnote",
)
_JOB = "run-1-install"
_ORDER = JobOrder(_JOB, JobKind.INSTALL, (PackageOrder("acme-tool", "all", "1.1-1"),), 600)
_MACHINE = Machine("id", "hostile", TransportKind.SSH, datetime.now(UTC), become=Become.NONE)


class _Hostile:
    """A machine that answers everything with the same bytes, in pieces of some size."""

    def __init__(self, answer: bytes, piece: int) -> None:
        self._answer = answer
        self._piece = piece

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        answer = self._answer.replace(b"@MARKER@", marker_of(script))
        if on_output is None:
            return CommandResult(answer, b"", 0, 0.1)
        for start in range(0, len(answer), self._piece):
            on_output(answer[start : start + self._piece])
        return CommandResult(b"", b"", 0, 0.1)

    async def close(self) -> None:
        """Nothing is open."""


def _worker(answer: bytes, piece: int = 4096) -> SshMachineWorker:
    worker = SshMachineWorker(
        _MACHINE, lambda: _Hostile(answer, piece), WorkerOptions(deadline_seconds=5), lambda: datetime.now(UTC)
    )
    worker._manager_name = "apt"
    return worker


def _ask(worker: SshMachineWorker, seed: str, take: Callable[[JobReport], None]) -> Awaitable[object]:
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "simulation": lambda: worker.simulate(_ORDER),
        "start": lambda: worker.start(_ORDER),
        "busy": lambda: worker.start(_ORDER),
        "look": worker.look,
        "script": lambda: worker.run_script(b"true", environment={}, stdin=b"", timeout_seconds=5),
        "gate": lambda: worker.probe("true", (22, 81), timeout_seconds=5),
        "forget": lambda: worker.forget(_JOB),
        "reboot": lambda: worker.reboot(notice_minutes=0, message=""),
    }
    return asked.get(seed, lambda: worker.follow(_JOB, 7, take, for_seconds=0))()


@st.composite
def hostile_answers(draw: st.DrawFn) -> tuple[str, bytes]:
    """A captured answer with one to six lines changed, repeated, lost or put in; lengths mended or not; often cut."""
    seed = draw(st.sampled_from(sorted(_SEEDS)))
    lines = list(_SEEDS[seed])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        line, cut = lines[at], draw(st.integers(0, len(lines[at])))
        changed: tuple[list[bytes], ...] = (
            [],
            [line, line],
            [line, draw(st.sampled_from(_HOSTILE_LINES))],
            [draw(st.sampled_from(_HOSTILE_LINES))],
            [line[:cut] + draw(st.sampled_from(HOSTILE_TOKENS)) + line[cut:]],
            [draw(st.sampled_from(lines))],
        )
        lines[at : at + 1] = draw(st.sampled_from(changed))
        lines = lines or [b""]
    text = b"\n".join(lines)
    if draw(st.booleans()):
        text = _mend_lengths(text)
    return seed, text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 9)) == 0 else text


def _mend_lengths(text: bytes) -> bytes:
    """The frames with the lengths that they have: what is inside of them is read then."""
    mended = []
    for part in text.split(b"@MARKER@ ")[1:]:
        header, newline, content = part.partition(b"\n")
        kind = header.partition(b" ")[0]
        is_frame = newline and header.rpartition(b" ")[2].isdigit()
        content = content.removesuffix(b"\n")
        mended.append(b"%s %d\n%s\n" % (kind, len(content), content) if is_frame and kind != b"end" else part)
    return b"".join(b"@MARKER@ " + part for part in mended)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=hostile_answers(), piece=st.integers(1, 5000))
def test_any_answer_about_a_job_is_a_report_or_a_failure(answer: tuple[str, bytes], piece: int) -> None:
    """Of the job that was asked for, with a log without gaps, harmless words and numbers that are some."""
    seed, text = answer
    seen: list[JobReport] = []
    with suppress(TransportFailed):
        asyncio.run(_asked(_worker(text, piece), seed, seen))
    for report in seen:
        _is_harmless(report)
    if seen:
        assert seen[-1].log_end == 7 + sum(len(report.log) for report in seen)


async def _asked(worker: SshMachineWorker, seed: str, seen: list[JobReport]) -> None:
    said = await _ask(worker, seed, seen.append)
    if isinstance(said, JobReport) and seed in ("start", "busy"):
        _is_harmless(said)


def _is_harmless(report: JobReport) -> None:
    assert report.id == _JOB
    words = [report.boot_id, report.began_in_boot, report.detached_by, report.other_job, *report.conffiles]
    words += [note.text for note in report.notes]
    words += [text for batch in report.batches for package in batch.packages for text in package]
    if report.progress:
        assert report.progress.percent is None or 0 <= report.progress.percent <= 100
        words += [report.progress.package, report.progress.doing]
    assert all(text == clean(text) and len(text) <= TEXT_CHARACTERS for text in words)
    assert report.exit_status is None or 0 <= report.exit_status <= 999
    assert report.elapsed_seconds is None or 0 <= report.elapsed_seconds < 1e11


def _frame(kind: bytes, content: bytes) -> bytes:
    return b"@MARKER@ %s %d\n%s\n" % (kind, len(content), content)


_STATE = b"state=running\nboot=b\nuptime=20.0\nclaim=\nexit=\nother=\nmore=yes"
_BEGAN = b"1.0\tbegan\tb\tsetsid\tdnf\t2\n1.0\tbatch\t1\t1\t0\ta/b\n"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "answer",
    [
        b"".join(_frame(b"journal", b"%d\tbatch\t%d\t1\t0\ta/b\n" % (n, n)) for n in range(60_000)),
        _frame(b"journal", _BEGAN)
        + b"".join(_frame(b"journal", b"9\tended\t77\tfailed\t1\t1\n" * 9) for _ in range(6000)),
        b"".join(_frame(b"journal", b"1\tnote\tx\n" * 90_000) + _frame(b"state", _STATE) for _ in range(9)),
        _frame(b"journal", _BEGAN)
        + b"".join(_frame(b"log", b"Upgrading:" + b" " * 4000) + _frame(b"state", _STATE) for _ in range(5000)),
        _frame(b"state", _STATE) * 200_000,
        _frame(b"journal", b"x") * 500_000,
        b"\n".join([b"noise"] * 2_000_000),
    ],
    ids=["batches", "ends", "notes", "progress", "states", "bytes", "noise"],
)
def test_flood_ends_as_a_failure(answer: bytes) -> None:
    """A million transactions, reports without end, a log that is slow to read: refused before anybody waits for it."""
    seen: list[JobReport] = []
    with pytest.raises(TransportFailed):
        asyncio.run(_asked(_worker(answer, 65536), "follow", seen))
    assert len(seen) <= 2_500


def test_machine_that_always_has_more_is_left_at_some_time() -> None:
    """A byte of the log with each connection, and more to come: the follow ends all the same."""
    answer = _frame(b"log", b"x") + _frame(b"state", _STATE) + b"@MARKER@ end 0\n\n"
    seen: list[JobReport] = []

    asyncio.run(_asked(_worker(answer), "follow", seen))

    assert 1 < len(seen) <= 100


def test_log_that_holds_our_marker_is_log() -> None:
    """Even the marker of this very answer, with a frame that says the job ended."""
    inner = b"\n@MARKER@ state 11\nstate=ended\n@MARKER@ end 0\n\n"
    marker_length = len("patchdeck-") + 32
    length = len(inner.replace(b"@MARKER@", b"x" * marker_length))
    state = _STATE.replace(b"yes", b"no")
    answer = b"@MARKER@ log %d\n%s\n" % (length, inner) + _frame(b"state", state) + b"@MARKER@ end 0\n\n"
    seen: list[JobReport] = []

    asyncio.run(_asked(_worker(answer), "follow", seen))

    assert [report.state for report in seen] == [JobState.RUNNING]
    assert seen[0].log_end == 7 + length


@pytest.mark.parametrize("missing", ["command", "port"])
def test_gate_without_an_answer_does_not_hold(missing: str) -> None:
    """Silence is no success: each question has its answer, or the gate was not looked at."""
    frames = {"command": _frame(b"command", b"0\n"), "port": _frame(b"port", b"22\n") + _frame(b"port", b"81\n")}
    whole = b"".join(frames.values()) + b"@MARKER@ end 0\n\n"
    partial = b"".join(text for kind, text in frames.items() if kind != missing) + b"@MARKER@ end 0\n\n"

    assert asyncio.run(_worker(whole).probe("true", (22, 81), timeout_seconds=5)) == ()
    with pytest.raises(TransportFailed):
        asyncio.run(_worker(partial).probe("true", (22, 81), timeout_seconds=5))


def test_reboot_that_is_not_confirmed_failed() -> None:
    """Nobody waits for a machine that never said that it goes."""
    with pytest.raises(TransportFailed):
        asyncio.run(_worker(b"@MARKER@ end 0\n\n").reboot(notice_minutes=0, message=""))


def test_list_of_settings_has_an_end() -> None:
    """The machine's side sends 64 KiB."""
    with pytest.raises(ValueError, match="longer"):
        ReportReader(_JOB, 0).take(Frame("conffiles", b"a\n" * 40_000))
