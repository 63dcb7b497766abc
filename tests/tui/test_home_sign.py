"""The name and the colour of a home, in the corner of every screen."""

from collections.abc import Awaitable, Callable

import pytest
from rich.color import ANSI_COLOR_NAMES
from textual.pilot import Pilot

from ops.home import Home
from tests.tui.conftest import NOW
from tui.app import PatchdeckApp
from tui.opening import app_over
from tui.widgets.context_bar import HOME_COLOURS, ContextBar

UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


async def _corner(app: PatchdeckApp, until: UntilOf) -> tuple[str, object]:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.screen.query_one(ContextBar).text)
        first, *_ = app.screen.query_one(ContextBar).render_line(0)
    return first.text, first.style


def _opened(home: Home, settings: str) -> PatchdeckApp:
    home.config_file.write_text(settings)
    return app_over(home, clock=lambda: NOW)


@pytest.mark.parametrize("colour", HOME_COLOURS)
async def test_named_home_stands_in_the_corner(fleet_home: Home, until: UntilOf, colour: str) -> None:
    """As a block in the colour of the terminal's own palette that the settings name."""
    app = _opened(fleet_home, f'[app]\nname = "production"\ncolour = "{colour}"\n')
    text, style = await _corner(app, until)
    assert text == " production "
    assert style.reverse  # type: ignore[attr-defined]
    assert style.color.number == ANSI_COLOR_NAMES[colour]  # type: ignore[attr-defined]


async def test_colour_alone_colours_the_title(fleet_home: Home, until: UntilOf) -> None:
    """A home that is only red says Patchdeck on red."""
    text, style = await _corner(_opened(fleet_home, '[app]\ncolour = "red"\n'), until)
    assert (text, style.reverse) == (" Patchdeck ", True)  # type: ignore[attr-defined]


async def test_name_cannot_write_to_the_terminal(fleet_home: Home, until: UntilOf) -> None:
    """A name is text from a file: it is cut, and its control characters are not sent."""
    app = _opened(fleet_home, f'[app]\nname = "lab\\u001b[2J{"x" * 60}"\n')
    text, _ = await _corner(app, until)
    assert "\x1b" not in text
    assert text.endswith("… ")
    assert len(text) <= 34
