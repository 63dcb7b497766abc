"""Python's search for garbage, kept from what lives long: to look through all of the app holds the screen up."""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_MADE_BEFORE_SEARCH = 20_000


def spare_what_is_there() -> None:
    """Leaves out whatever there is now, from any thread; looking through it took a tenth of a second and more."""
    _look_through_all_at_exit()
    gc.freeze()


@contextmanager
def unsearched() -> Iterator[None]:
    """Does not search while much is made that stays, as by imports, which take a sixth longer otherwise.

    From then on it is searched seldom: ten thousand machines that are read set it off ten times, not a thousand.
    """
    gc.disable()
    try:
        yield
    finally:
        spare_what_is_there()
        gc.set_threshold(_MADE_BEFORE_SEARCH, *gc.get_threshold()[1:])
        gc.enable()


def give_back() -> None:
    """Gives the system what was needed only while much was read. For a thread: it takes some milliseconds.

    Of 28 MB that ten thousand machines take to be read, 2.5 MB came back. Python keeps what small objects lay in.
    """
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others give back by themselves, or never
    if trim is not None:
        trim(0)


def include_all() -> None:
    """Looks through everything again."""
    gc.unfreeze()


@cache
def _look_through_all_at_exit() -> None:
    """Else what is left at the end would be left for good, and DuckDB's binding prints about that on the terminal."""
    atexit.register(include_all)
