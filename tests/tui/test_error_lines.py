"""The place of a mistake, as the lines under an editor show it."""

import pytest
from rich.cells import cell_len

from fleet.errors import Position
from tui.widgets.error_lines import place_of


@pytest.mark.parametrize(
    "before", ["", "SELECT ", "\tSELECT ", "SELECT '漢字' + ", "SELECT '" + "漢" * 40 + "', ", "x" * 200, "e\u0301, "]
)
def test_the_caret_stands_below_its_place(before: str) -> None:
    """Wide characters take two cells, marks upon others none; of what comes before, some thirty cells are shown."""
    line, caret = place_of(Position(1, len(before) + 1, f"{before}nope"))

    shown, found, _ = line.partition("nope")
    assert found
    assert cell_len(shown) == caret.index("^") <= 32
