"""The path in the top row, on screens that have no room for all of it."""

import pytest

from tui.widgets.context_bar import ContextBar

CRUMBS = ("Missing updates", "openssl 3.5.3", "web-01", "log")


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "Patchdeck › Missing updates › openssl 3.5.3 › web-01 › log"),
        (45, "Patchdeck › … › openssl 3.5.3 › web-01 › log"),
        (40, "Patchdeck › … › web-01 › log"),
        (24, "Patchdeck › … › log"),
        (18, "Patchdeck › … › l…"),
        (12, "Patchdeck"),
        (5, "Patc…"),
    ],
)
def test_where_you_are_is_left_out_last(width: int, shown: str) -> None:
    """One sign stands for the parts that the path begins with; nothing ends with a sign and no name."""
    bar = ContextBar()
    bar.show_context("Patchdeck", CRUMBS, ())
    assert "".join(piece.text for piece in bar.fit_left(bar._left, width)).rstrip() == shown


def test_click_goes_to_the_part_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where parts are left out, the sign leads to the last of them, and what stands behind it to itself."""
    bar = ContextBar()
    bar.show_context("Patchdeck", CRUMBS, ())
    bar.fit_left(bar._left, 40)
    went = []
    for piece in (2, 4, 6):
        monkeypatch.setattr(ContextBar, "left_piece_at", lambda _self, _x, piece=piece: piece)
        went.append(bar.crumb_at(0))
    assert went == [1, 2, 3]
