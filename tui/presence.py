"""Whether a screen still has its widgets: what comes in later than it was left is not shown."""

from typing import Any  # screens of every kind of answer, as Textual types them

from textual.screen import Screen


def is_up(screen: Screen[Any]) -> bool:
    """Whether ``screen`` has its widgets: from when it is mounted until it is left, also while another is in front.

    A screen that is being left, or whose app ends, loses its widgets one after the other and stays attached until the
    last is gone. By ``display`` Textual tells that this has begun.
    """
    return screen.is_mounted and screen.is_attached and screen.display
