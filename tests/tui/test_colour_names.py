"""What the environment calls its colours."""

import pytest

from tui.colour_names import VARIABLE, settle_colours


@pytest.mark.parametrize(
    ("said", "meant"),
    [("16", "standard"), ("256", "256"), ("24bit", "truecolor"), ("Standard", "standard"), ("7", "auto")],
)
def test_number_of_colours_may_be_said_in_any_way(said: str, meant: str) -> None:
    """Also in a way that nobody knows: then the terminal's own word holds."""
    environment = {VARIABLE: said}
    settle_colours(environment)
    assert environment == {VARIABLE: meant}


def test_nothing_said_stays_unsaid() -> None:
    """Textual finds out by itself."""
    environment: dict[str, str] = {}
    settle_colours(environment)
    assert environment == {}
