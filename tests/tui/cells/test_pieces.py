"""The order in which pieces of a screen are written, and the ways between them."""

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.cells.cursor import to_reach
from tui.cells.screen import CellScreen, Placed

GROUND = Style.parse("white on #15181d")
LOOKS = [Style.parse(f"{each} on #15181d") for each in ("#d7d7d7", "#7aa2d6", "#d6a27a")]
WIDTH, HEIGHT = 40, 10


def columns(letter: str) -> list[Placed]:
    """A table whose columns have a colour each, and nothing but ``letter`` in it."""
    pieces = [Segment(letter * 3 + " " * 7, look) for look in LOOKS]
    return [(y, 0, Strip([*pieces, Segment(" " * 10, GROUND)])) for y in range(HEIGHT)]


def sent_for(placed: list[Placed], *before: list[Placed]) -> str:
    """What is sent for ``placed`` to a terminal that shows ``before``."""
    cells = CellScreen(erases_in_colour=True)
    for each in before:
        cells.draw(each, ColorSystem.TRUECOLOR, WIDTH, HEIGHT)
    return cells.draw(placed, ColorSystem.TRUECOLOR, WIDTH, HEIGHT)


def test_each_colour_is_named_once_however_many_rows_have_it() -> None:
    """A page of a table needs as many names of colours as it has colours."""
    assert sent_for(columns("b"), columns("a")).count("38;") == len(LOOKS)


def test_one_below_the_other_is_three_bytes_away() -> None:
    """One down and one back, whatever the line makes of line feeds."""
    assert to_reach((4, 8), (5, 7)) == "\x1bD\b"


def test_place_behind_letters_of_doubtful_width_is_told_anew() -> None:
    """Terminals differ in them: no other row may stand askew for it."""
    text = sent_for([(0, 0, Strip([Segment("日", LOOKS[0])])), (1, 0, Strip([Segment("x", LOOKS[0])]))], columns("a"))

    assert "日\x1b[2H" in text
