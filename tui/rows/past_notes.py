"""What screens say of the past that they show: what of it is not kept, and that nothing was known yet."""

from typing import TYPE_CHECKING

from fleet.instants import instant_text
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.past.statuses import PastFleet

# Facts that only the last answer of all tells are unknown of an earlier one.
FACTS_NOTE = "of then only the system is kept, unless it has not answered since"


def fleet_note(fleet: "PastFleet | None") -> str:
    """What of the fleet of then is not known; empty where all that a list of machines shows is."""
    if fleet is None or not fleet.statuses or not fleet.is_before_all:
        return ""
    since = f": kept since {fleet.kept_since:%Y-%m-%d}" if fleet.kept_since else ""
    return f"what they said then is unknown{since}"


def nothing_known_then(fleet: "PastFleet | None") -> tuple[tuple[Piece, ...], ...]:
    """That no machine was known then, and how to come back."""
    at = instant_text(fleet.at) if fleet else "then"
    since = f"What is stored begins on {fleet.kept_since:%Y-%m-%d}." if fleet and fleet.kept_since else ""
    back = (Piece(":asof", Tone.KEY), Piece("  comes back to now"))
    return ((Piece(f"Nothing was known yet at {at}.", Tone.STRONG),), (Piece(since, Tone.DIM),), (), back)
