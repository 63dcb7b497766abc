"""Patterns among many sorted texts."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from fleet.globs import find_fitting, has_signs

_TEXTS = st.text("ab-[]*?.\U0010ffff", max_size=5)


@given(st.lists(_TEXTS, unique=True), _TEXTS)
def test_finds_what_fits_and_nothing_else(texts: list[str], pattern: str) -> None:
    """The same as when each of them is tried."""
    known = sorted(texts)

    assert [known[at] for at in find_fitting(known, pattern)] == [text for text in known if fnmatchcase(text, pattern)]


def test_text_without_signs_fits_itself_alone() -> None:
    """So it need not be tried against others."""
    assert not has_signs("web-01")
    assert all(has_signs(pattern) for pattern in ("web-*", "web-0?", "web-[01]"))
