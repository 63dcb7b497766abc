"""What the three streams are: a terminal or not, how wide, whether colours are wanted."""

import os
import re
import shutil
import sys
from contextlib import suppress

from fleet.hostile import scrub


def is_terminal(stream_number: int) -> bool:
    """Whether standard input (0), output (1) or error (2) is a terminal that can move its cursor."""
    with suppress(OSError, ValueError):
        return os.isatty(stream_number) and os.environ.get("TERM", "") != "dumb"
    return False


def is_dumb_terminal() -> bool:
    """Whether standard input and output are a terminal that says of itself that it cannot move its cursor."""
    with suppress(OSError, ValueError):
        return os.isatty(0) and os.isatty(1) and os.environ.get("TERM", "") == "dumb"
    return False


def wants_colours() -> bool:
    """Whether standard output may carry colours: a terminal, and no NO_COLOR (https://no-color.org)."""
    return is_terminal(1) and not os.environ.get("NO_COLOR")


def terminal_width() -> int | None:
    """Columns of the terminal that standard output is; None where it is none and lines may be as long as they are."""
    return shutil.get_terminal_size().columns if is_terminal(1) else None


def say(text: str) -> None:
    """A line of talk, on standard error, without what steers a terminal; one that is gone is no reason to stop."""
    with suppress(OSError):
        sys.stderr.write(f"{harmless(text)}\n")
        sys.stderr.flush()


def harmless(text: str) -> str:
    """``text`` for a terminal: its lines and tabs stay, what else steers one is U+FFFD."""
    return text if text.isprintable() else re.sub(r"[^\n\t]+", lambda part: scrub(part[0]), text)
