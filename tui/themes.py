"""The themes that are Patchdeck's own; Textual's others can be chosen too."""

from typing import TYPE_CHECKING

from textual.theme import Theme

from fleet.errors import UnknownName

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def _said(*, muted: str, disabled: str, **colours: str) -> dict[str, str]:
    """The colours as they are: Textual computes its own, which come out a little different."""
    return {**colours, "foreground-muted": muted, "text-disabled": disabled, "foreground-disabled": disabled}


# Each is a colour of the terminal's palette of 256 (the cube of 6 x 6 x 6, the greys), so that naming it takes half the
# bytes and loses nothing: decision 0024. What Textual would mix of them is said, too, where tables show it. Each can be
# read on each of the three grounds: 4.5 to 1 at least, as WCAG 2.2 has it (1.4.3), ordinary text 7 to 1.
DARK = Theme(
    name="patchdeck-dark",
    primary="#87afd7",
    secondary="#d787d7",
    accent="#ffd787",
    warning="#d7af5f",
    error="#ff8787",
    success="#87d787",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    dark=True,
    variables=_said(
        primary="#87afd7",
        secondary="#d787d7",
        accent="#ffd787",
        warning="#d7af5f",
        error="#ff8787",
        success="#87d787",
        muted="#a8a8a8",
        disabled="#949494",
    ),
)
LIGHT = Theme(
    name="patchdeck-light",
    primary="#005faf",
    secondary="#8700af",
    accent="#005f5f",
    warning="#875f00",
    error="#af0000",
    success="#005f00",
    foreground="#262626",
    background="#ffffff",
    surface="#eeeeee",
    panel="#e4e4e4",
    dark=False,
    variables=_said(
        primary="#005faf",
        secondary="#8700af",
        accent="#005f5f",
        warning="#875f00",
        error="#af0000",
        success="#005f00",
        muted="#585858",
        disabled="#626262",
    ),
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
