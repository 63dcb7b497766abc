"""The order of apk's versions: 1.2.3a_rc1_p2-r4."""

import re
from functools import cmp_to_key

# apk-package(5): numbers, one letter, suffixes, a commit, a release.
_VERSION = re.compile(
    r"(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<letter>[a-z]?)(?P<suffixes>(?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?"
    r"(?:-r(?P<release>[0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
# A version without a suffix lies between those before it and those after it.
_BEFORE = ("alpha", "beta", "pre", "rc")
_AFTER = ("cvs", "svn", "git", "hg", "p")


def compare_apk(left: str, right: str) -> int:
    """Below 0, 0 or above 0 as ``left`` is older than, as new as, or newer than ``right``.

    What is no version for apk is older than every version, and sorts as text.

    Source: apk-package(5); checked with test/version.data of apk-tools.
    """
    one, two = _VERSION.fullmatch(left), _VERSION.fullmatch(right)
    if one is None or two is None or not (_is_known(one) and _is_known(two)):
        mine, other = (one is not None and _is_known(one), left), (two is not None and _is_known(two), right)
        return (mine > other) - (mine < other)
    order = _compare_numbers(one["numbers"], two["numbers"])
    if order:
        return order
    mine_rest, other_rest = _rest(one), _rest(two)
    return (mine_rest > other_rest) - (mine_rest < other_rest)


apk_key = cmp_to_key(compare_apk)
"""A key by which versions sort as apk sorts them."""


def _is_known(version: re.Match[str]) -> bool:
    return all(name in _BEFORE or name in _AFTER for name, _ in _SUFFIX.findall(version["suffixes"]))


def _compare_numbers(left: str, right: str) -> int:
    one, two = left.split("."), right.split(".")
    first_one, first_two = _number(one[0]), _number(two[0])
    if first_one != first_two:
        return 1 if first_one > first_two else -1
    for mine, other in zip(one[1:], two[1:], strict=False):
        order = _compare_parts(mine, other)
        if order:
            return order
    return (len(one) > len(two)) - (len(one) < len(two))


def _compare_parts(left: str, right: str) -> int:
    """Parts behind a dot are fractions as soon as one of them begins with a zero: 1.02 is older than 1.1."""
    if left.startswith("0") or right.startswith("0"):
        return (left > right) - (left < right)
    mine, other = _number(left), _number(right)
    return (mine > other) - (mine < other)


def _number(digits: str) -> tuple[int, str]:
    """Orders numbers of any length without making one of them: no machine may make us count for minutes."""
    bare = digits.lstrip("0")
    return len(bare), bare


def _rest(version: re.Match[str]) -> tuple[str, list[tuple[int, tuple[int, str]]], tuple[int, str]]:
    suffixes = [(_weight(name), _number(digits)) for name, digits in _SUFFIX.findall(version["suffixes"])]
    return version["letter"], [*suffixes, (0, (0, ""))], _number(version["release"] or "")


def _weight(name: str) -> int:
    return _BEFORE.index(name) - len(_BEFORE) if name in _BEFORE else _AFTER.index(name) + 1
