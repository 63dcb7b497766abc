"""What is sent to a terminal makes the same screen as all that Textual would send, with any updates in any order."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.cells.screen import CellScreen, Placed

COLOURS = ColorSystem.TRUECOLOR
WIDTH, HEIGHT = 24, 8
_AUTO_WRAP = 7  # DECAWM
STYLES = [
    Style.parse(text)
    for text in (
        "none",
        "#d7d7d7 on #15181d",
        "bold #7aa2d6 on #15181d",
        "reverse #7aa2d6 on #15181d",
        "dim underline on #15181d",
        "bold dim italic red",
        "black on bright_white",
        "strike color(131) on color(17)",
    )
]

narrow = st.text(st.sampled_from("ab .─▁é"), max_size=30)
any_width = st.lists(st.sampled_from([*"ab ─日本👍", "e\u0301"]), max_size=30).map("".join)


def strips(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Strip]:
    """Strips of some pieces."""
    return st.lists(
        st.tuples(texts, st.sampled_from(STYLES)).map(lambda pair: Segment(*pair)), min_size=1, max_size=4
    ).map(Strip)


@st.composite
def pieces(draw: st.DrawFn) -> list[Placed]:
    """Strips anywhere, as Textual cuts them."""
    placed = []
    for _ in range(draw(st.integers(1, HEIGHT))):
        x = draw(st.integers(0, WIDTH - 1))
        placed.append((draw(st.integers(0, HEIGHT - 1)), x, draw(strips(narrow)).crop(0, WIDTH - x)))
    return placed


@st.composite
def whole_rows(draw: st.DrawFn) -> list[Placed]:
    """Rows from edge to edge, with wide characters."""
    numbers = draw(st.lists(st.integers(0, HEIGHT - 1), min_size=1, unique=True))
    return [(y, 0, draw(strips(any_width)).adjust_cell_length(WIDTH, STYLES[1])) for y in numbers]


def rows_of_a_list(first: int, cursor: int) -> list[Placed]:
    """A list with borders, scrolled to ``first``, with a cursor and the thumb of a scroll bar."""
    placed = []
    for y in range(HEIGHT):
        style = STYLES[3] if y == cursor else STYLES[1]
        text = f"│ machine {first + y:<10}".ljust(WIDTH - 2)
        placed.append((y, 0, Strip([Segment(text, style), Segment("█" if y == first % HEIGHT else " ", STYLES[2])])))
    return placed


def shown(screen: pyte.Screen) -> list[list[object]]:
    """What one sees: of a blank only its background, and what makes it more than that."""
    return [[_seen(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def _seen(cell: pyte.screens.Char) -> object:
    more = (cell.underscore, cell.reverse, cell.strikethrough)
    ink = (cell.fg, cell.bold, cell.italics) if cell.data.strip() or any(more) else None
    return (cell.data.strip(), cell.bg, more, ink)


class Both:
    """Two terminals: one gets what is thin, the other every strip."""

    def __init__(self, *, erases_in_colour: bool, wraps: bool = True) -> None:
        self.cells = CellScreen(erases_in_colour=erases_in_colour)
        self.thin, self.whole = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
        if not wraps:
            for screen in (self.thin, self.whole):
                screen.reset_mode(_AUTO_WRAP, private=True)
        self.sent = 0

    def update(self, placed: list[Placed]) -> None:
        """Shows ``placed`` on both."""
        text = self.cells.draw(placed, COLOURS, WIDTH, HEIGHT)
        self.sent = len(text.encode())
        pyte.Stream(self.thin).feed(text)
        stream = pyte.Stream(self.whole)
        for y, x, strip in placed:
            drawn = "".join(Strip.render_style(s.style or Style(), s.text, COLOURS) for s in strip)
            stream.feed(f"\x1b[{y + 1};{x + 1}H\x1b[m{drawn}\x1b[m")


BLANK: list[Placed] = [(y, 0, Strip([Segment(" " * WIDTH, STYLES[1])])) for y in range(HEIGHT)]


@settings(max_examples=25)
@given(many=st.lists(pieces(), max_size=4), erases_in_colour=st.booleans())
def test_any_updates_make_the_same_screen(many: list[list[Placed]], *, erases_in_colour: bool) -> None:
    """Pieces of rows, in any order, on terminals that erase in colour and that don't."""
    both = Both(erases_in_colour=erases_in_colour)
    for placed in (BLANK, *many):
        both.update(placed)
        assert shown(both.thin) == shown(both.whole)


@settings(max_examples=25)
@given(many=st.lists(whole_rows(), max_size=4))
def test_wide_characters_make_the_same_screen(many: list[list[Placed]]) -> None:
    """Of two cells, and of none; pyte, unlike terminals, wraps before what has no cell behind the last column."""
    both = Both(erases_in_colour=True, wraps=False)
    for placed in (BLANK, *many):
        both.update(placed)
        assert shown(both.thin) == shown(both.whole)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, HEIGHT - 1)), min_size=2, max_size=8))
def test_lists_that_are_scrolled_make_the_same_screen(steps: list[tuple[int, int]]) -> None:
    """By any number of rows, up and down, with a cursor that stays or goes."""
    both = Both(erases_in_colour=True)
    for first, cursor in steps:
        both.update(rows_of_a_list(first, cursor))
        assert shown(both.thin) == shown(both.whole)


def test_row_that_is_scrolled_in_is_sent_and_not_the_others() -> None:
    """The terminal moves them itself."""
    both = Both(erases_in_colour=True)
    both.update(rows_of_a_list(0, HEIGHT - 1))
    both.update(rows_of_a_list(1, HEIGHT - 1))

    assert both.sent < 300
    assert shown(both.thin) == shown(both.whole)


def test_nothing_is_sent_for_what_is_there_already() -> None:
    """However often Textual draws it."""
    both = Both(erases_in_colour=True)
    both.update(rows_of_a_list(0, 2))
    both.update(rows_of_a_list(0, 2))

    assert both.sent == 0


def test_all_is_sent_once_the_terminal_is_not_known_any_more() -> None:
    """After it was lent to another program, or has another size."""
    both = Both(erases_in_colour=True)
    both.update(rows_of_a_list(0, 2))
    first = both.sent
    both.cells.forget()
    both.update(rows_of_a_list(0, 2))

    assert both.sent == first


def test_half_of_a_wide_character_that_is_covered_leaves_a_blank() -> None:
    """As terminals have it, which show no halves."""
    cells = CellScreen(erases_in_colour=True)
    cells.draw([(0, 0, Strip([Segment("日本".ljust(WIDTH - 2), STYLES[1])]))], COLOURS, WIDTH, 1)
    cells.draw([(0, 1, Strip([Segment("x", STYLES[1])]))], COLOURS, WIDTH, 1)

    again = cells.draw([(0, 0, Strip([Segment(" x本", STYLES[1])]))], COLOURS, WIDTH, 1)

    assert again == ""


def test_what_is_not_seen_does_not_reach_the_terminal() -> None:
    """Escape codes, C1, direction marks: should one come so far, a mark stands in its place."""
    text = CellScreen(erases_in_colour=True).draw(
        [(0, 0, Strip([Segment("a\x1b]0;x\x07b\x9bc\u202ed\r\n\x7f", STYLES[0])]))], COLOURS, WIDTH, 1
    )

    assert "\x1b]" not in text
    assert not set(text) & set("\x07\x9b\u202e\r\n\x7f")
