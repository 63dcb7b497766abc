"""The order of pacman's versions: epoch:version-release."""

import re
from functools import cmp_to_key
from itertools import zip_longest

# A run of separators, digits or letters; what is none of them separates.
_PARTS = re.compile(r"([^0-9A-Za-z]*)([0-9]+|[A-Za-z]+|)")
_EPOCH = re.compile(r"([0-9]*):(.*)", re.DOTALL)


def compare_alpm(left: str, right: str) -> int:
    """Below 0, 0 or above 0 as ``left`` is older than, as new as, or newer than ``right``.

    A release counts only where both have one, so 1.5 is as new as 1.5-1.

    Source: vercmp(8) and lib/libalpm/version.c of pacman 6.0.2.
    """
    left_epoch, left_version, left_release = _split(left)
    right_epoch, right_version, right_release = _split(right)
    order = _compare(left_epoch, right_epoch) or _compare(left_version, right_version)
    return order or (_compare(left_release, right_release) if left_release and right_release else 0)


alpm_key = cmp_to_key(compare_alpm)
"""A key by which versions sort as pacman sorts them."""


def _split(text: str) -> tuple[str, str, str]:
    match = _EPOCH.fullmatch(text)
    epoch, rest = (match[1] or "0", match[2]) if match else ("0", text)
    version, dash, release = rest.rpartition("-")
    return epoch, version if dash else rest, release if dash else ""


def _compare(left: str, right: str) -> int:
    if left == right:
        return 0
    left_parts, right_parts = _PARTS.findall(left)[:-1], _PARTS.findall(right)[:-1]
    for one, two in zip_longest(left_parts, right_parts):
        if one is None or two is None:
            return _compare_rest(one, two)
        order = _compare_parts(one, two)
        if order:
            return order
    return 0


def _compare_rest(one: tuple[str, str] | None, two: tuple[str, str] | None) -> int:
    """Letters that follow without a separator make a version older (1.0rc), whatever else follows makes it newer."""
    part = one or two or ("", "")
    is_older = not part[0] and part[1].isalpha()
    return -1 if (one is not None) == is_older else 1


def _compare_parts(one: tuple[str, str], two: tuple[str, str]) -> int:
    (gap, left), (other_gap, right) = one, two
    if not left or not right:
        return _compare_ends(left, right)
    if len(gap) != len(other_gap):
        return -1 if len(gap) < len(other_gap) else 1
    if left.isdigit() != right.isdigit():
        return 1 if left.isdigit() else -1
    if left.isdigit():
        left, right = left.lstrip("0"), right.lstrip("0")
        if len(left) != len(right):
            return -1 if len(left) < len(right) else 1
    return (left > right) - (left < right)


def _compare_ends(left: str, right: str) -> int:
    """One or both end with a separator, which vercmp passes over before it looks at what is left."""
    if not left and not right:
        return 0
    rest, is_left = (left, True) if left else (right, False)
    return -1 if is_left == rest.isalpha() else 1
