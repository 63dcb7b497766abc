"""The themes that are Patchdeck's own; Textual's others can be chosen too."""

from typing import TYPE_CHECKING

from textual.theme import Theme

from fleet.errors import UnknownName

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

DARK = Theme(
    name="patchdeck-dark",
    primary="#7aa2d6",
    secondary="#c397d8",
    accent="#e2b86b",
    warning="#dcb15f",
    error="#e8727a",
    success="#8fbf86",
    foreground="#d3d7de",
    background="#15181d",
    surface="#1b1f26",
    panel="#20252d",
    dark=True,
)
LIGHT = Theme(
    name="patchdeck-light",
    primary="#2f5f9e",
    secondary="#8a3fa0",
    accent="#9a5b00",
    warning="#8f5a00",
    error="#b3202c",
    success="#2f7032",
    foreground="#22262c",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e9e9e4",
    dark=False,
)
OWN_THEMES = (DARK, LIGHT)


def choose_theme(wanted: str, *, has_many_colours: bool, known: frozenset[str]) -> str:
    """The theme to begin with: ``wanted`` where it exists; the terminal's own colours where it has only sixteen."""
    if wanted in known:
        return wanted
    return DARK.name if has_many_colours else "ansi-dark"


def pick_theme(deck: "PatchdeckApp", name: str = "") -> None:
    """Changes the colours of ``deck``; without a name the palette lists them.

    Raises:
        UnknownName: there is no such theme.
    """
    if not name:
        deck.search_themes()
    elif name in deck.available_themes:
        deck.theme = name
    else:
        raise UnknownName("theme", name, deck.available_themes)
