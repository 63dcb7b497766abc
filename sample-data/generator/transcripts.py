"""Transcripts of the sample machines: what each would answer at the end of the 90 days, when the demo assesses it."""

from collections.abc import Iterator
from pathlib import Path

from collectors.transports.transcripts import Reply, write_transcript
from generator.answers import reply_of
from generator.boxes import Box, LinuxBox
from generator.era import NOW
from generator.simulation import History
from generator.windows_box import WindowsBox
from generator.windows_replies import windows_replies


def write_transcripts(history: History, folder: Path) -> None:
    """One file for each machine into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for box in history.boxes:
        write_transcript(folder / f"{box.member.name}.json", list(_replies(box)))


def _replies(box: Box) -> Iterator[Reply]:
    if isinstance(box, LinuxBox):
        yield reply_of(box, NOW)
    elif isinstance(box, WindowsBox):
        yield from windows_replies(box, NOW)
