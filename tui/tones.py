"""Tones: what a colour means. A colour never stands alone; the word or letter beside it says the same."""

from enum import StrEnum

from rich.style import Style
from textual.widget import Widget


class Tone(StrEnum):
    """How a piece of text is meant; the theme decides how that looks."""

    NORMAL = "normal"
    DIM = "dim"
    STRONG = "strong"
    HEADING = "heading"
    KEY = "key"
    ACCENT = "accent"
    GOOD = "good"
    PENDING = "pending"
    BAD = "bad"
    REBOOT = "reboot"
    OFFLINE = "offline"
    PAST = "past"  # the sign that not the present is shown; only the top row draws it
    HOME = "home"  # the name of the home that is worked on; only the top row draws it


# For the COMPONENT_CLASSES and the DEFAULT_CSS of a widget that draws with tones. Not a base class: Textual inherits
# styles from the first base only.
TONE_CLASSES = frozenset(f"tone--{tone}" for tone in Tone)
TONE_CSS = """
    & > .tone--dim { color: $foreground-muted; }
    & > .tone--strong { text-style: bold; }
    & > .tone--heading { color: $foreground-muted; text-style: bold; }
    & > .tone--key { color: $accent; text-style: bold; }
    & > .tone--accent { color: $accent; }
    & > .tone--good { color: $success; }
    & > .tone--pending { color: $warning; }
    & > .tone--bad { color: $error; }
    & > .tone--reboot { color: $secondary; }
    & > .tone--offline { color: $text-disabled; }
"""


def tone_style(widget: Widget, tone: Tone) -> Style:
    """The style of ``tone`` on the background of ``widget``, which has `TONE_CLASSES` and `TONE_CSS`."""
    # NORMAL too: Textual keeps the styles of components, but works out a widget's own one anew each time.
    return widget.get_component_rich_style(f"tone--{tone}")
