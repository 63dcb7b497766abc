"""A row of the screen as cells, made of the strips that Textual draws."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

from tui.cells.look import PLAIN, Look, parse_look

# What stands in a cell, and how. The second cell of a wide character holds nothing.
Cell = tuple[str, Look]
UNKNOWN: Cell = ("\0", PLAIN)  # no strip holds that: it differs from whatever comes


# What joins a letter; the languages with most have four. A flood of them runs over the lines above, and costs bytes.
_MOST_MARKS = 8
_NOT_SEEN = "\N{REPLACEMENT CHARACTER}"


@lru_cache(maxsize=16_384)
def _look_of(style: Style, colours: ColorSystem) -> Look:
    return parse_look(Strip.render_ansi(style, colours))


def cells_of(strip: Strip, colours: ColorSystem) -> list[Cell]:
    """The cells of ``strip``, as many as it is wide."""
    cells: list[Cell] = []
    for text, style, control in strip:
        if not control:
            cells += _cells_of_text(text, style, colours)
    return cells


@lru_cache(maxsize=8_192)
def _cells_of_text(text: str, style: Style | None, colours: ColorSystem) -> tuple[Cell, ...]:
    # The last door before the terminal: nothing that is not seen goes through, whoever let it come so far.
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() or _joins(letter) else _NOT_SEEN for letter in text)
    look = PLAIN if style is None else _look_of(style, colours)
    blank = (" ", look.of_blank)
    if text.isascii():
        return tuple([blank if letter == " " else (letter, look) for letter in text])
    cells: list[Cell] = []
    for letter in text:
        width = cell_len(letter)
        if width == 0 and cells:  # it joins the one before it
            at = -1 if cells[-1][0] else -2
            if len(cells[at][0]) <= _MOST_MARKS:
                cells[at] = (cells[at][0] + letter, look)
        elif width:
            cells.append(blank if letter == " " else (letter, look))
            cells += [("", look)] * (width - 1)
    return tuple(cells)


def _joins(letter: str) -> bool:
    return unicodedata.combining(letter) > 0
