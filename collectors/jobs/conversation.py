"""One request to a machine: sent, answered in frames or sections, and told to whoever keeps the list of commands."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from collectors.jobs.frames import Frame, FrameReader
from collectors.jobs.orders import MOST_BYTES, Request
from collectors.jobs.reports import Refusal, ReportReader
from collectors.secrets import NoSecrets, SecretSource
from collectors.sections import AnswerCut, AnswerMissing, Sections, split_answer
from collectors.transports.base import CommandResult, Transport, TransportFailed, clean_failure
from fleet.deployments.jobs import JobReport
from fleet.errors import UnreadableOutput
from fleet.failures import FailureKind
from fleet.hostile import clean, decode

NoteCommand = Callable[[str, float, int | None], None]
TakeReport = Callable[[JobReport], None]
_MIB = 1024 * 1024
# requests.sh reports once a second in a few frames, and some thirty times more where a log has to catch up.
_MOST_FRAMES, _MOST_FRAMES_A_SECOND = 2_000, 8
_LOOK_AGAIN = "Look at the machine again before anything else: it may be at work."


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a machine is asked. ``deadline_seconds`` is for one request, beside the time that it is asked to take;
    ``windows_deadline_seconds`` for the assessment of a Windows, None: the same.

    ``note_command`` is told every remote command as an administrator would type it, how long it took in seconds, and
    its exit status, None where nobody said it; never a secret.
    """

    deadline_seconds: float = 120.0
    max_output_bytes: int = 32 * _MIB
    secrets: SecretSource = field(default_factory=NoSecrets)
    note_command: NoteCommand | None = None
    windows_deadline_seconds: float | None = None


class Conversation:
    """Asks one machine, each time over a connection of its own."""

    def __init__(self, transport_of: Callable[[], Transport], options: WorkerOptions) -> None:
        self._transport_of = transport_of
        self._options = options

    def note(self, command: str, seconds: float, exit_status: int | None) -> None:
        """Tell of a command that ran on the machine."""
        if self._options.note_command is not None:
            self._options.note_command(command, seconds, exit_status)

    async def ask(
        self, request: Request, *, more_seconds: float = 0.0, on_output: Callable[[bytes], None] | None = None
    ) -> CommandResult:
        """What the script printed and how it ended; ``more_seconds`` is what it is meant to take.

        Raises:
            TransportFailed: it did not run to its end.
        """
        transport = self._transport_of()
        started = time.monotonic()
        status, was_sent = None, True
        try:
            result = await transport.run(
                request.script,
                deadline_seconds=self._options.deadline_seconds + more_seconds,
                max_output_bytes=max(self._options.max_output_bytes, 4 * MOST_BYTES),
                on_output=on_output,
            )
            status = result.exit_status
            return result
        except TransportFailed as error:
            was_sent = error.failure.kind is not FailureKind.OUT_OF_SCOPE
            raise
        finally:
            if was_sent:
                self.note(request.command, time.monotonic() - started, status)
            await transport.close()

    async def ask_sections(self, request: Request) -> Sections:
        """The sections of the answer.

        Raises:
            TransportFailed: there is no whole answer.
        """
        result = await self.ask(request)
        try:
            return split_answer(result.stdout, result.stderr, request.marker)
        except AnswerMissing as error:
            raise unanswered(request, result) from error
        except AnswerCut as error:
            raise failed(FailureKind.CONNECTION_LOST, request, "the answer was cut off.", _LOOK_AGAIN) from error
        except UnreadableOutput as error:
            raise unreadable(request, str(error)) from error

    async def ask_frames(self, request: Request, *, more_seconds: float = 0.0) -> list[Frame]:
        """The frames of the answer, without its last one.

        Raises:
            TransportFailed: there is no whole answer, or the machine refuses.
        """
        result = await self.ask(request, more_seconds=more_seconds)
        reader = FrameReader(request.marker)
        frames = reader.feed(result.stdout)
        for frame in frames:
            if frame.kind == "refused":
                reason, _, words = decode(frame.content).partition("\n")
                raise refused(request, Refusal(reason, words))
        _check_end(request, reader, result)
        return frames

    async def ask_reports(
        self, request: Request, reader: ReportReader, on_report: TakeReport, *, more_seconds: float = 0.0
    ) -> None:
        """Hands reports on as they come, up to the end of the answer.

        Raises:
            TransportFailed: the answer was cut off, or the machine refuses.
        """
        frames = FrameReader(request.marker)
        taker = _Taker(reader, on_report, _MOST_FRAMES + int(_MOST_FRAMES_A_SECOND * more_seconds))

        def take(data: bytes) -> None:
            for frame in frames.feed(data):
                taker.take(frame)

        result = await self.ask(request, more_seconds=more_seconds, on_output=take)
        if isinstance(taker.trouble, ValueError):
            raise unreadable(request, clean(str(taker.trouble))) from taker.trouble
        if taker.trouble is not None:
            raise taker.trouble
        if reader.refusal is not None:
            raise refused(request, reader.refusal)
        _check_end(request, frames, result)


class _Taker:
    """Hands frames to ``reader`` and its reports on. Nothing may be raised into a transport: it is kept for later."""

    def __init__(self, reader: ReportReader, on_report: TakeReport, most_frames: int) -> None:
        self.trouble: Exception | None = None
        self._left = most_frames
        self._reader = reader
        self._on_report = on_report

    def take(self, frame: Frame) -> None:
        if self.trouble is not None:
            return
        try:
            self._count()
            report = self._reader.take(frame)
            if report is not None:
                self._on_report(report)
        except Exception as error:  # noqa: BLE001 - see above
            self.trouble = error

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError("more frames than a job sends in that time")


def _check_end(request: Request, reader: FrameReader, result: CommandResult) -> None:
    if reader.trouble:
        raise unreadable(request, reader.trouble)
    if not reader.has_ended:
        raise unanswered(request, result)


def unanswered(request: Request, result: CommandResult) -> TransportFailed:
    """No answer, or none to its end: most often sudo's or a shell's own trouble, which it tells on standard error."""
    lines = [line.strip() for line in decode(result.stderr[-4096:]).splitlines() if line.strip()]
    came_back = f"no whole answer, exit status {result.exit_status}: {lines[-1] if lines else 'nothing was said'}"
    return failed(FailureKind.CONNECTION_LOST, request, clean(came_back, 600), _LOOK_AGAIN)


def unreadable(request: Request, words: str) -> TransportFailed:
    """An answer that is not ours."""
    return failed(FailureKind.OUTPUT_UNREADABLE, request, f"the answer cannot be read: {words}", "Please report this.")


def refused(request: Request, refusal: Refusal) -> TransportFailed:
    """The machine did nothing, and said why."""
    words = clean(refusal.words, 600) or "nothing was said"
    if refusal.reason == "no-root":
        remedy = "Let this user become root there: patchdeck check --sudoers --patching has the lines."
        return failed(FailureKind.NO_ROOT, request, f"root cannot be gained: {words}", remedy)
    remedy = "Look at the machine: its disk may be full, or read-only."
    return failed(FailureKind.JOB_REFUSED, request, f"nothing was begun: {words}", remedy)


def failed(kind: FailureKind, request: Request, came_back: str, remedy: str) -> TransportFailed:
    """A failure of ``request``."""
    return TransportFailed(clean_failure(kind, request.command, came_back, remedy, 0.0))
