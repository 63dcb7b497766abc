"""A time of the past: from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.widgets.line import Piece


@dataclass(frozen=True, slots=True)
class Span:
    """From one time to another one."""

    begins_at: datetime
    ends_at: datetime


class SpanForm(Form[Span]):
    """Gives the time; it begins with ``proposed``."""

    DEFAULT_CSS = "SpanForm .hint { max-height: 8; }"

    def __init__(self, title: str, effect: str, proposed: Span, *, takes: str) -> None:
        super().__init__()
        self._title = title
        self._effect = effect
        self._proposed = proposed
        self.TAKES = takes

    def title_text(self) -> str:
        """What is asked."""
        return self._title

    def fields(self) -> Sequence[Field]:
        """Both ends."""
        return (
            Field("begins", "From", f"{self._proposed.begins_at:%Y-%m-%d}", "2026-09-01, or 2026-09-01T02:30Z"),
            Field("ends", "To", f"{self._proposed.ends_at:%Y-%m-%dT%H:%MZ}", "as above"),
        )

    def hint(self) -> None:
        """What is done with it."""
        self.tell(Piece(self._effect))

    def made(self, texts: dict[str, str]) -> Span:
        """The time.

        Raises:
            BadInput: a text is no time, or the end is not after the beginning.
        """
        from ops.cli.query_run import parse_moment

        span = Span(parse_moment(texts["begins"]), parse_moment(texts["ends"]))
        if span.begins_at >= span.ends_at:
            raise BadInput("It ends before it begins.")
        return span
