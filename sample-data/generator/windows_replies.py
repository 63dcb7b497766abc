"""What a transcript has of a Windows machine of the sample."""

from collections.abc import Iterator
from datetime import datetime

from collectors.transports.transcripts import Reply
from generator.conditions import failure_at
from generator.era import chance
from generator.windows_box import WindowsBox
from generator.windows_output import outputs_of

# What the demo waits before a machine answers, so that progress can be seen.
_LONGEST_WAIT_SECONDS = 3.5


def windows_replies(box: WindowsBox, at: datetime) -> Iterator[Reply]:
    """The machine as it is at ``at``, a reply for each script that an assessment runs there."""
    wait_seconds = round(chance("wait", box.member.name).uniform(0.5, _LONGEST_WAIT_SECONDS), 1)
    failure = failure_at(box.member, at)
    if failure is not None:
        yield Reply(failure=failure, delay_seconds=wait_seconds)
        return
    for output in outputs_of(box, at):
        yield Reply(output, b"", 0, delay_seconds=wait_seconds)
