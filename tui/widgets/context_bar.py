"""The row at the top: where you are, and what is true of the whole fleet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual import events

from fleet.hostile import clean
from tui.tones import Tone
from tui.widgets.line import Line, Piece, cut_to_cells, fit_pieces

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

HOME_COLOURS = ("red", "yellow", "green", "cyan", "blue", "magenta")
# A name in the path is cut at this; its own screen shows it whole.
CRUMB_CELLS = 32


class ContextBar(Line):
    """``Patchdeck › Machines › web-01          42 of 45 assessed · 17 non-compliant``.

    A home that has a name begins with it, as a block in its colour; ``colour`` is one of `HOME_COLOURS` or empty.
    """

    # The terminal's own palette, as the verbs have it: red is the red that this administrator knows.
    DEFAULT_CSS = (
        "ContextBar { background: $panel; padding: 0 1; & > .tone--home { text-style: bold reverse; }"
        " & > .tone--past { color: $warning; text-style: bold reverse; } }"
        + "".join(f" ContextBar.-{colour} > .tone--home {{ color: ansi_{colour}; }}" for colour in HOME_COLOURS)
    )

    def __init__(self, name: str = "", colour: str = "") -> None:
        super().__init__()
        self.take_sign(name, colour)
        self._before_crumbs = 1
        # How many more than one ``…`` stands for.
        self._crumbs_hidden = 0

    def take_sign(self, name: str, colour: str) -> None:
        """The name of the home and its colour from now on; shown with the next path."""
        self._name = cut_to_cells(clean(name), CRUMB_CELLS)
        self._has_sign = bool(name or colour)
        self.set_classes(f"-{colour}" if colour in HOME_COLOURS else "")

    def on_click(self, event: events.Click) -> None:
        """A click on a part of the path goes back there."""
        crumb = self.crumb_at(event.x)
        if crumb is not None:
            cast("PatchdeckApp", self.app).back_to(crumb)

    def crumb_at(self, x: int) -> int | None:
        """The number of the part of the path that is drawn at ``x``, None where none is."""
        piece = self.left_piece_at(x)
        place = -1 if piece is None else piece - self._before_crumbs
        return place // 2 + self._crumbs_hidden if place >= 0 and place % 2 else None

    def fit_left(self, pieces: Sequence[Piece], width: int) -> list[Piece]:
        """The path; where there is no room, ``…`` for its first parts: where you are is left out last."""
        head, path = pieces[: self._before_crumbs], pieces[self._before_crumbs :]
        shown = [*pieces]
        for left_out in range(len(path) // 2):
            more = [*path[:1], Piece("…", Tone.DIM)] if left_out else []
            shown = [*head, *more, *path[2 * left_out :]]
            self._crumbs_hidden = max(0, left_out - 1)
            if sum(cell_len(piece.text) for piece in shown) <= width:
                return shown
        room = width - sum(cell_len(piece.text) for piece in shown[:-1])
        last = shown[-1]
        return [*shown[:-1], Piece(cut_to_cells(last.text, room), last.tone)] if room > 1 else fit_pieces(head, width)

    def show_context(self, title: str, crumbs: Sequence[str], facts: Sequence[Piece], past: str = "") -> None:
        """Shows the path of ``crumbs``, the last one strong, and ``facts`` from the most to the least important.

        ``past`` comes first of all: that not the present is shown, but another time.
        """
        sign = Piece(f" {self._name or title} ", Tone.HOME)
        left = [Piece(f" {past} ", Tone.PAST), Piece(" ")] if past else []
        left.append(sign if self._has_sign else Piece(title, Tone.ACCENT))
        self._before_crumbs = len(left)
        for number, crumb in enumerate((cut_to_cells(clean(each), CRUMB_CELLS) for each in crumbs), start=1):
            left += [Piece(" › ", Tone.DIM), Piece(crumb, Tone.STRONG if number == len(crumbs) else Tone.NORMAL)]
        right = []
        for number, fact in enumerate(facts):
            text = f" · {fact.text}" if number else fact.text
            right.append(Piece(text, fact.tone))
        self.show(left, right)
