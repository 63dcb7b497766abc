"""Texts that fit a pattern with ``*``, ``?`` and ``[…]``, found among many that are sorted."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile

_SIGNS = frozenset("*?[")


def has_signs(pattern: str) -> bool:
    """Whether ``pattern`` may fit another text than itself."""
    return not _SIGNS.isdisjoint(pattern)


def find_fitting(texts: Sequence[str], pattern: str) -> Iterator[int]:
    """Where in ``texts``, which are sorted, those stand that fit ``pattern``; upper and lower case differ.

    Only those are looked at that begin as the pattern does: ``web-*`` costs next to nothing among ten thousand.
    """
    prefix = "".join(takewhile(lambda character: character not in _SIGNS, pattern))
    for index in range(bisect_left(texts, prefix), len(texts)):
        if not texts[index].startswith(prefix):
            return
        if fnmatchcase(texts[index], pattern):
            yield index
