"""The shortest names of colours, and themes that have one."""

import pytest
from textual.theme import Theme

from tui.cells.look import parse_look
from tui.themes import DARK, LIGHT


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("38;2;135;175;215", "38;5;110"),
        ("38;2;0;0;0", "38;5;16"),
        ("38;2;8;8;8", "38;5;232"),
        ("38;2;238;238;238", "38;5;255"),
        ("38;2;135;175;214", "38;2;135;175;214"),
    ],
)
def test_colour_of_the_palette_is_named_by_its_number(long: str, short: str) -> None:
    """And only one that is exactly there."""
    assert parse_look(long).foreground == short
    assert parse_look(long.replace("38;", "48;", 1)).background == short.replace("38;", "48;", 1)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_own_themes_are_made_of_the_palette(theme: Theme) -> None:
    """What tables and bars are drawn with: half the bytes."""
    used = ("primary", "secondary", "accent", "warning", "error", "success", "foreground", "background", "surface")
    colours = {**theme.to_color_system().generate(), **theme.variables}
    for name in (*used, "panel", "foreground-muted", "text-disabled"):
        red, green, blue = bytes.fromhex(colours[name].removeprefix("#"))
        assert parse_look(f"38;2;{red};{green};{blue}").foreground.startswith("38;5;"), name
