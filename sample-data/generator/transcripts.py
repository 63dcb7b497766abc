"""Transcripts of the sample machines: what each would answer at the end of the 90 days, when the demo assesses it."""

from pathlib import Path

from collectors.transports.transcripts import Reply, write_transcript
from fleet.failures import Failure, FailureKind
from generator.answers import reply_of
from generator.boxes import LinuxBox
from generator.era import NOW
from generator.simulation import History

_WINDOWS = Failure(
    FailureKind.UNSUPPORTED_SYSTEM,
    "assessing a Windows machine",
    "this version of Patchdeck cannot reach Windows yet.",
    "Its history in the demo is invented; only Linux machines can be assessed again.",
)


def write_transcripts(history: History, folder: Path) -> None:
    """One file for each Linux machine into ``folder``, and one for all that run Windows."""
    folder.mkdir(parents=True, exist_ok=True)
    write_transcript(folder / "windows.json", [Reply(failure=_WINDOWS)])
    for box in history.boxes:
        if isinstance(box, LinuxBox):
            write_transcript(folder / f"{box.member.name}.json", [reply_of(box, NOW)])
