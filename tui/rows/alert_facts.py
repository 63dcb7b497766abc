"""What the header says of alerts, on every screen."""

from ops.cli.values import count_of
from tui.tones import Tone
from tui.widgets.line import Piece


def alert_facts(open_alerts: int) -> list[Piece]:
    """``3 alerts``; nothing where none is open."""
    return [Piece(count_of(open_alerts, "alert"), Tone.BAD)] if open_alerts else []
