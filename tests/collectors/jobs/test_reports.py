"""Reports made of frames, as they come."""

from pathlib import Path

import pytest

from collectors.jobs.conversation import Conversation, WorkerOptions
from collectors.jobs.frames import Frame
from collectors.jobs.orders import Request
from collectors.jobs.reports import ReportReader
from collectors.transports.base import TransportFailed
from collectors.transports.scripted import ScriptedTransport
from collectors.transports.transcripts import Reply, write_transcript
from fleet.deployments.jobs import JobReport, JobState
from fleet.failures import Failure, FailureKind

JOURNAL = b"100.0\tbegan\tb-1\tsetsid\tapt\t4\n101.0\tbatch\t1\t1\t0\ta/all b/all \n"
REQUEST = Request(b"marker=patchdeck-0123\n", "patchdeck-0123", "sh (job x: follow)")


def _state(state: str, **more: str) -> Frame:
    values = {"state": state, "boot": "b-2", "uptime": "160.0", "exit": "", "other": "", "more": "no", **more}
    return Frame("state", "\n".join(f"{name}={value}" for name, value in values.items()).encode())


def _read(reader: ReportReader, *frames: Frame) -> JobReport:
    report = None
    for frame in frames:
        report = reader.take(frame) or report
    assert report is not None
    return report


def test_log_is_handed_on_once() -> None:
    """Each report has what came since the last one; its end is the offset to go on from."""
    reader = ReportReader("x", 10)

    first = _read(reader, Frame("journal", JOURNAL), Frame("log", b"one\xff"), Frame("log", b"\n"), _state("running"))
    second = _read(reader, Frame("log", b"two\n"), _state("ended", exit="1"))

    assert (first.log, first.log_end) == (b"one\xff\n", 15)
    assert (second.log, second.log_end, second.state, second.exit_status) == (b"two\n", 19, JobState.ENDED, 1)


def test_progress_is_a_share_of_the_whole_job() -> None:
    """Half of a transaction of two, of four packages, is a quarter."""
    reader = ReportReader("x", 0)
    status = Frame("progress", b"pmstatus:a:37.5:Unpacking a (all)")

    report = _read(reader, Frame("journal", JOURNAL), status, _state("running"))

    assert report.progress is not None
    assert (report.progress.percent, report.progress.package) == (25.0, "a")
    assert report.elapsed_seconds == 60.0


def test_ended_job_has_its_own_time() -> None:
    """What has passed since its end is not its time, nor does another boot's clock say anything of it."""
    reader = ReportReader("x", 0)

    report = _read(reader, Frame("journal", JOURNAL + b"130.5\tover\t0\n"), _state("ended", uptime="9000.0"))

    assert (report.elapsed_seconds, report.began_in_boot, report.boot_id) == (30.5, "b-1", "b-2")
    assert report.progress is None


@pytest.mark.parametrize("frame", [Frame("state", b"state=dancing"), Frame("dance", b""), Frame("state", b"")])
def test_frame_that_is_not_ours_is_refused(frame: Frame) -> None:
    """A state or a kind that nobody knows is no report."""
    with pytest.raises(ValueError, match=r"dan|JobState"):
        ReportReader("x", 0).take(frame)


def _answer(*frames: Frame) -> bytes:
    return b"".join(b"@MARKER@ %b %d\n%b\n" % (f.kind.encode(), len(f.content), f.content) for f in frames)


async def _ask(tmp_path: Path, reply: Reply) -> tuple[list[JobReport], list[tuple[str, int | None]]]:
    write_transcript(tmp_path / "machine.json", (reply,))
    notes: list[tuple[str, int | None]] = []
    reports: list[JobReport] = []
    options = WorkerOptions(note_command=lambda line, _seconds, status: notes.append((line, status)))
    conversation = Conversation(lambda: ScriptedTransport(tmp_path / "machine.json"), options)
    await conversation.ask_reports(REQUEST, ReportReader("x", 0), reports.append)
    return reports, notes


async def test_answer_is_read_to_its_end(tmp_path: Path) -> None:
    """Reports come, and the command that asked for them is noted with its status."""
    answer = _answer(Frame("journal", JOURNAL), _state("running"), Frame("end", b""))

    reports, notes = await _ask(tmp_path, Reply(b"Welcome!\n" + answer, exit_status=0))

    assert [report.state for report in reports] == [JobState.RUNNING]
    assert notes == [("sh (job x: follow)", 0)]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(_answer(_state("running")), exit_status=0), FailureKind.CONNECTION_LOST),
        (Reply(b"", b"sudo: a terminal is required\n", exit_status=1), FailureKind.CONNECTION_LOST),
        (Reply(_answer(Frame("refused", b"no-root\nsudo: no")), exit_status=0), FailureKind.NO_ROOT),
        (Reply(_answer(Frame("refused", b"not-started\nmkdir: full")), exit_status=0), FailureKind.JOB_REFUSED),
        (Reply(_answer(_state("dancing"), Frame("end", b"")), exit_status=0), FailureKind.OUTPUT_UNREADABLE),
        (Reply(_answer(_state("running")) + b"noise\n", exit_status=0), FailureKind.OUTPUT_UNREADABLE),
        (
            Reply(_answer(_state("running")), failure=Failure(FailureKind.CONNECTION_TIMED_OUT, "a", "b.", "c")),
            FailureKind.CONNECTION_TIMED_OUT,
        ),
    ],
    ids=["cut", "sudo", "no-root", "refused", "state", "noise", "lost"],
)
async def test_answer_that_is_no_whole_one_is_a_failure(tmp_path: Path, reply: Reply, kind: FailureKind) -> None:
    """What a cut, a refusal or a stranger sends is a failure that says so, never a report of an end."""
    with pytest.raises(TransportFailed) as caught:
        await _ask(tmp_path, reply)

    assert caught.value.failure.kind is kind
    assert caught.value.failure.describe().isprintable()
    assert caught.value.failure.remedy
