"""Stand-ins of ASCII: as wide as what they stand for, lines for lines, and no letter for another letter."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.cells.ascii_text import in_ascii

DRAWN = st.characters(min_codepoint=0x2010, max_codepoint=0x2BFF)


@given(st.text(st.characters(exclude_categories=["C"]) | DRAWN))
def test_stand_ins_are_ascii_and_as_wide(text: str) -> None:
    """Character by character: what is beside them stays where it is."""
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == sum(map(cell_len, text))


def test_what_patchdeck_draws_stays_readable() -> None:
    """Frames, arrows, what was cut, a sparkline from low to high."""
    assert in_ascii("┌─┐│└┤ ▴ › … · ▁▄█ a → b") == "+-+|++ ^ > ~ . _-# a > b"


def test_letters_are_not_made_others() -> None:
    """A machine called bär is not called bar."""
    assert in_ascii("bär 日本 é") == "b?r ???? ?"


def test_ascii_is_left_as_it_is() -> None:
    """With escape sequences in it."""
    assert in_ascii("\x1b[38;5;110mweb-01\x1b[K") == "\x1b[38;5;110mweb-01\x1b[K"
