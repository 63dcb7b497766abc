"""Python's search for garbage: not while much is made that stays, and seldom from then on."""

import gc
from collections.abc import Iterator

import pytest

from tui.garbage import include_all, unsearched


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leaves the search as the other tests have it."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    include_all()


def test_nothing_is_searched_while_it_holds() -> None:
    """And what was made meanwhile is never looked through again."""
    with unsearched():
        assert not gc.isenabled()
        frozen = gc.get_freeze_count()
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen
    assert gc.get_threshold()[0] >= 10_000


def test_search_goes_on_after_an_error() -> None:
    """An app that cannot be made does not leave a process that never searches."""
    with pytest.raises(ValueError, match="broken"), unsearched():
        raise ValueError("broken")
    assert gc.isenabled()
