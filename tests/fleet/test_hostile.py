"""Text of machines is harmless once it is cleaned."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.hostile import REPLACEMENT, clean, clean_name, decode


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("openssl", "openssl"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b]0;owned\x07x", f"{REPLACEMENT}]0;owned{REPLACEMENT}x"),
        ("\x9b31mred", f"{REPLACEMENT}31mred"),
        ("host\u202egnp.exe", f"host{REPLACEMENT}gnp.exe"),
        ("zero\u200bwidth", f"zero{REPLACEMENT}width"),
        ("nul\x00byte", f"nul{REPLACEMENT}byte"),
        ("[red]markup stays text[/]", "[red]markup stays text[/]"),
        ("Bücher 漢字", "Bücher 漢字"),
    ],
)
def test_steering_characters_become_visible(text: str, cleaned: str) -> None:
    """What would steer a terminal is replaced; all else stays as it was."""
    assert clean(text) == cleaned


@given(st.text(), st.integers(1, 50))
def test_cleaned_text_is_one_short_printable_line(text: str, limit: int) -> None:
    """Whatever comes in, no control or format character goes out, and the limit holds."""
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in cleaned)


@given(st.text(), st.integers(1, 50))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    """What was cleaned when stored may be cleaned again when shown."""
    assert clean(clean(text, limit), limit) == clean(text, limit)


def test_cut_text_says_so() -> None:
    """A text over the limit ends with an ellipsis."""
    assert clean_name("x" * 1_000) == "x" * 255 + "…"


@given(st.binary())
def test_any_bytes_become_text(raw: bytes) -> None:
    """Invalid UTF-8 is replaced, never an error."""
    assert REPLACEMENT in decode(raw) or decode(raw).encode() == raw
