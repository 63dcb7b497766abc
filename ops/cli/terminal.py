"""What the three streams are: a terminal or not, how wide, whether colours are wanted."""

import os
import re
import shutil
import sys
from collections.abc import Iterable
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


def show_lines(lines: Iterable[str]) -> None:
    """Lines of an answer for people, on standard output, without what steers a terminal."""
    sys.stdout.writelines(f"{harmless(line)}\n" for line in lines)


def show_text(text: str) -> None:
    """A whole text, as in a file, on standard output: as it is to a program, without what steers one to a terminal."""
    sys.stdout.write(harmless(text) if is_terminal(1) else text)


def say(text: str) -> None:
    """A line of talk, on standard error, without what steers a terminal; one that is gone is no reason to stop."""
    say_styled(harmless(text))


def say_styled(text: str) -> None:
    """`say` of a line with colours of ours, in which whoever made it has made all else `harmless`."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def harmless(text: str) -> str:
    """``text`` for a terminal: its lines and tabs stay, what else steers one is U+FFFD."""
    # Letters that are blank by design count as printable.
    if text.isascii() and text.isprintable():
        return text
    return re.sub(r"[^\n\t]+", lambda part: scrub(part[0]), text)
