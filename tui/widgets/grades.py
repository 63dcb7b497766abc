"""What compares in an order of its own: how grave something is, versions, and times against ages."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any  # numbers or texts, as `operator` compares them

Compare = Callable[[Any, Any], bool]

# Severities of Microsoft's updates, of alerts and of findings, on one scale.
_GRADES = {
    "unspecified": 0, "low": 1, "info": 1, "informational": 1, "moderate": 2, "medium": 2, "warning": 2,
    "important": 3, "high": 3, "error": 3, "critical": 4,
}  # fmt: skip
_FEWEST_LETTERS = 2
_INSTANT = re.compile(r"\d{4}-\d\d(-\d\d([ t]\d\d:\d\d)?)?z?")
_VERSION = re.compile(r"(?:(\d+):)?(\d+)(?:\.(\d+))?((?:[.+~^_-]|[a-z])[a-z0-9.+~^_-]*)?")
_VERSIONS = re.compile(rf"\n(?=({_VERSION.pattern})\n)")


def grade_of(word: str) -> int | None:
    """How grave the lower-case ``word`` says that something is; its beginning is enough where that is clear."""
    if word in _GRADES:
        return _GRADES[word]
    found = {grade for name, grade in _GRADES.items() if len(word) >= _FEWEST_LETTERS and name.startswith(word)}
    return found.pop() if len(found) == 1 else None


def instant_of(text: str) -> datetime | None:
    """The time of the lower-case ``2026-11``, ``2026-11-22`` or ``2026-11-22 14:05z``; None where it is none."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat((text if len(text) > 8 else f"{text[:7]}-01").rstrip("z")).replace(tzinfo=UTC)
    except ValueError:
        return None


def age_in(text: str, now: datetime) -> float | None:
    """How many seconds before ``now`` the time ``text`` is, None where it is none."""
    instant = instant_of(text)
    return (now - instant) / timedelta(seconds=1) if instant else None


def fitting_versions(whole: str, compare: Compare, wanted: str) -> set[str]:
    """Those of the lines of the lower-case ``whole`` that are versions and stand so to the version ``wanted``.

    Compared as dpkg does, number by number; an epoch counts only where ``wanted`` has one. Whatever is no version fits
    nowhere.
    """
    from collectors.managers.deb_versions import deb_key

    limit = _VERSION.fullmatch(wanted)
    if limit is None or instant_of(wanted):
        return set()
    first, second, key, has_epoch = int(limit[2]), int(limit[3] or -1), deb_key(wanted), limit[1] is not None
    fitting = set()
    for text, epoch, one, other, _ in _VERSIONS.findall(f"\n{whole}\n"):
        # Of 100,000 versions few begin as the wanted one: only those are looked at more closely.
        if not has_epoch and (number := int(one)) != first:
            fits = compare(number, first)
        elif not has_epoch and other and second >= 0 and (number := int(other)) != second:
            fits = compare(number, second)
        elif wanted == one and other:
            fits = compare(1, 0)
        else:
            fits = compare(deb_key(text if has_epoch or not epoch else text[len(epoch) + 1 :]), key)
        if fits and not (text[4:5] == "-" and instant_of(text)):
            fitting.add(text)
    return fitting


def fitting_grades(texts: Sequence[str], compare: Compare, grade: int) -> list[bool]:
    """Whether each of ``texts`` says a severity that stands so to ``grade``."""
    grades = [_GRADES.get(text) for text in texts]
    return [each is not None and compare(each, grade) for each in grades]
