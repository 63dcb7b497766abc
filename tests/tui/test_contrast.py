"""Colours of both themes: every tone can be read on every ground, and none is all that tells one thing from another."""

import pytest
from textual.color import Color
from textual.theme import Theme

from tui.themes import OWN_THEMES

# WCAG 2.2, 1.4.3 and 1.4.6: what any text must have, and what the text that one reads all day should.
ANY_TEXT, MAIN_TEXT = 4.5, 7.0
STEPS = (0, 95, 135, 175, 215, 255)
GREYS = range(8, 239, 10)


def luminance(colour: Color) -> float:
    """The relative luminance, as WCAG 2.2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: Color, other: Color) -> float:
    """From 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def grounds(theme: Theme) -> dict[str, Color]:
    """What text stands on: screens, overlays, bars, and the field of a form that is typed into."""
    plain = {name: Color.parse(str(getattr(theme, name))) for name in ("background", "surface", "panel")}
    return {**plain, "typed into": plain["surface"].blend(Color.parse(theme.primary), 0.20)}


def tones(theme: Theme) -> dict[str, Color]:
    """What text is drawn in, and the ground that is the text's colour where the cursor stands."""
    return {name: Color.parse(text) for name, text in theme.variables.items()}


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_every_tone_can_be_read_on_every_ground(theme: Theme) -> None:
    """Dim, switched off and under the cursor, too; ordinary text far better than that."""
    below = {
        f"{tone} on {ground}": round(ratio, 2)
        for ground, at in grounds(theme).items()
        for tone, colour in tones(theme).items()
        if ground != "typed into" and (ratio := contrast(colour, at)) < ANY_TEXT
    }
    main = [contrast(Color.parse(str(theme.foreground)), at) for at in grounds(theme).values()]
    assert below == {}
    assert min(main) >= MAIN_TEXT


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_colours_are_those_that_a_terminal_of_256_has(theme: Theme) -> None:
    """So that each is named by its number: decision 0024; and what has another meaning has another colour."""
    said = {**tones(theme), **grounds(theme), "foreground": Color.parse(str(theme.foreground))}
    del said["typed into"]
    odd = {
        name
        for name, each in said.items()
        if not ({*each.rgb} <= {*STEPS} or (len({*each.rgb}) == 1 and each.r in GREYS))
    }
    assert odd == set()
    states = [theme.primary, theme.secondary, theme.accent, theme.warning, theme.error, theme.success]
    assert len({*states}) == len(states)
