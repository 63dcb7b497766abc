"""The last line of defence: no control character of any widget reaches the terminal."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from fleet.hostile import scrub


class ControlFilter(LineFilter):
    """Shows steering characters as U+FFFD in every line that any widget draws.

    Texts are cleaned where they are stored and where they are shown; this is for the one that was forgotten.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # Textual's signature
        """``segments`` without steering characters; the terminal's own control segments are not text and stay."""
        if all(segment.control or segment.text.isprintable() for segment in segments):
            return segments
        return [segment if segment.control else Segment(scrub(segment.text), segment.style) for segment in segments]
