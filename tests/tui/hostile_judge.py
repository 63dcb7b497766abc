"""Whether a screen, or what is sent to a terminal, does more than show text: judged without the product's own rules."""

import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len
from textual.app import App

# Unicode's own classes: controls, format characters such as turned or joined text, halves of characters, separators of
# lines; and letters that are blank by design.
_STEERS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_BLANK = frozenset("\u115f\u1160\u3164\uffa0")
# Marks that join one letter: Unicode's Stream-Safe Text Format, UAX 15, has 30 at most; letters of languages have four.
MOST_MARKS = 8
# What the app's own layer writes: modes, cursor, colours, erasing, scrolling; asking for the size of a cell and for
# modes, once at the start.
_OWN = re.compile(
    rb"\x1b\]22;[a-z-]*\x07|\x1b\[[?>=<]?[0-9;:]*[ $]?[ABCDGHJKLMPSTXdfhlmpqrtu@`]|\x1b[()][A-Z0-9]|\x1b[=>78DM]"
)


def is_seen(letter: str) -> bool:
    """Whether a letter takes a place on the screen and does nothing else."""
    return unicodedata.category(letter) not in _STEERS and letter not in _BLANK


def offences(app: App[int]) -> list[str]:
    """What on the screen steers the terminal, acts when it is clicked, or is not as wide as the screen."""
    found = []
    for strip in app.screen._compositor.render_strips():
        line = "".join(segment.text for segment in strip)
        # What prints, as Python sees it, is nothing of this kind: nearly every line.
        if not line.isascii() or not line.isprintable():
            found += [f"steers: {line!r}"] * (not all(map(is_seen, line)))
        if strip.cell_length != app.size.width or cell_len(line) != app.size.width:
            found.append(f"is {cell_len(line)} cells wide: {line!r}")
        for segment in strip:
            style = segment.style
            if style is not None and (style.link or "boom" in str(style.meta)):
                found.append(f"acts: {segment.text!r}")
    return found


def orders_in(raw: bytes | bytearray) -> Iterator[bytes]:
    """What of ``raw``, which was sent to a terminal, is neither text nor what the app itself writes.

    Titles, links, the clipboard, questions whose answers are typed into the app, a bell, C1, a text that never ends.
    """
    rest = _OWN.sub(b"", raw)
    for found in re.finditer(rb"\x1b.{0,12}|[\x00-\x07\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]", rest, re.DOTALL):
        yield found.group()
    text = rest.decode("utf-8")  # what is none would be a C1 of a terminal that reads bytes
    for letter in {each for each in text if not is_seen(each)} - set("\x1b\r\n\x08"):
        yield letter.encode()


def marks_in_a_cell(text: str) -> int:
    """How many marks at most join one letter of ``text``."""
    return max(map(len, re.split(r"[^\1]", "".join("\1" if unicodedata.combining(each) else "." for each in text))))
