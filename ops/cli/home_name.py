"""Telling on which home something is done, where it has a name: it saves production from what was meant for a lab."""

import os

from fleet.hostile import clean
from ops.cli.terminal import harmless, is_terminal, say_styled
from ops.config import Settings
from ops.home import Home

_LONGEST = 40
# SGR: bold, and the colour in front; the terminal's own palette.
_CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}


def tell_home(home: Home, settings: Settings, *, has_colours: bool | None = None) -> None:
    """Says the name of ``home`` on standard error, in its colour on a terminal; nothing where it has none."""
    if settings.app_name is None:
        return
    name = clean(settings.app_name, _LONGEST)
    coloured = is_terminal(2) and not os.environ.get("NO_COLOR") if has_colours is None else has_colours
    if settings.app_colour is not None and coloured:
        name = f"\x1b[1;{_CODES[settings.app_colour]}m{name}\x1b[0m"
    say_styled(f"On {name} ({harmless(str(home.path))}).")
