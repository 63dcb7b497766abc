"""Python's search for garbage, kept from what lives long: to look through all of the app holds the screen up."""

import atexit
import gc
from functools import cache


def spare_what_is_there() -> None:
    """Leaves out whatever there is now, from any thread; looking through it took a tenth of a second and more."""
    _look_through_all_at_exit()
    gc.freeze()


def include_all() -> None:
    """Looks through everything again."""
    gc.unfreeze()


@cache
def _look_through_all_at_exit() -> None:
    """Else what is left at the end would be left for good, and DuckDB's binding prints about that on the terminal."""
    atexit.register(include_all)
