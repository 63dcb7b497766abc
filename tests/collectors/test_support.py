"""The end of a system's life as a finding."""

from datetime import date

import pytest

from collectors.support import find_support_end
from fleet.end_of_life import EndOfLife, Support, find_end_of_life
from fleet.failures import Severity

_END = EndOfLife(date(2026, 6, 30), "the vendor", Support(date(2026, 6, 30)))


@pytest.mark.parametrize(
    ("today", "text"),
    [
        (date(2026, 3, 31), None),
        (date(2026, 4, 1), "end on 2026-06-30"),
        (date(2026, 6, 30), "end on 2026-06-30"),
        (date(2026, 7, 1), "ended on 2026-06-30"),
    ],
)
def test_it_is_told_from_ninety_days_before(today: date, text: str | None) -> None:
    """And ever after."""
    found = [finding.text for finding in find_support_end("Acme 2", _END, today)]

    assert [text in each for each in found if text] == ([True] if text else [])
    assert bool(found) is bool(text)


def test_an_extension_for_everybody_makes_it_information() -> None:
    """Debian 12 still gets updates from the same repository, if not for every package."""
    end = find_end_of_life("debian", "12")

    severities = [
        finding.severity
        for day in (date(2026, 11, 1), date(2028, 7, 1))
        for finding in find_support_end("Debian 12", end, day)
    ]

    assert severities == [Severity.INFO, Severity.WARNING]


def test_rolling_and_unknown_ends_are_no_finding() -> None:
    """There is nothing to plan for."""
    assert list(find_support_end("Arch", find_end_of_life("arch", None), date(2026, 11, 1))) == []
    assert list(find_support_end("Plan 9", EndOfLife(), date(2026, 11, 1))) == []
