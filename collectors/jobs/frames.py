"""The frames that requests answer in, read as they come: a header line, so many bytes, a newline (`frames.sh`)."""

import re
from dataclasses import dataclass

# A report has at most 256 KiB of a log in a frame; more than this was not printed by us.
_MOST_BYTES = 1024 * 1024
_MOST_NOISE_BYTES = 256 * 1024
_HEADER = re.compile(rb"([a-z]{1,20}) (\d{1,8})")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its kind, and what it holds, verbatim."""

    kind: str
    content: bytes


class FrameReader:
    """Takes an answer apart piece by piece. What a shell prints before the first frame is left out.

    ``trouble`` says, once there is any, why nothing more can be read. ``has_ended`` is whether the last frame came.
    """

    def __init__(self, marker: str) -> None:
        self.trouble = ""
        self.has_ended = False
        self._marker = marker.encode() + b" "
        self._waiting = bytearray()
        self._has_begun = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now, in order."""
        if self.trouble or self.has_ended:
            return []
        self._waiting += data
        frames: list[Frame] = []
        while (frame := self._next()) is not None:
            if frame.kind == "end":
                self.has_ended = True
                break
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        if not self._has_begun and not self._skip_noise():
            return None
        line_end = self._waiting.find(b"\n")
        if line_end < 0:
            if len(self._waiting) > len(self._marker) + 40:
                self.trouble = "a line that is no header of a frame"
            return None
        match = _HEADER.fullmatch(self._waiting, len(self._marker), line_end)
        if not self._waiting.startswith(self._marker) or match is None or int(match[2]) > _MOST_BYTES:
            self.trouble = "a line that is no header of a frame"
            return None
        begin, end = line_end + 1, line_end + 1 + int(match[2])
        if len(self._waiting) <= end:
            return None
        if self._waiting[end] != 0x0A:
            self.trouble = "a frame that is not as long as it said"
            return None
        frame = Frame(match[1].decode(), bytes(self._waiting[begin:end]))
        del self._waiting[: end + 1]
        return frame

    def _skip_noise(self) -> bool:
        position = self._waiting.find(self._marker)
        if position < 0:
            if len(self._waiting) > _MOST_NOISE_BYTES:
                self.trouble = "no frame at all"
            return False
        del self._waiting[:position]
        self._has_begun = True
        return True
