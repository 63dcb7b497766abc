"""Lists of names in a sentence: the first few, and how many more there are."""

from collections.abc import Iterable


def some_of(names: Iterable[str], most: int = 5) -> str:
    """The first ``most`` of ``names`` with commas between them, and the number of the others."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"{', '.join(known[:most])}{more}"
