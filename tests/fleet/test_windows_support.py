"""Ends of Windows: one build is several products."""

from datetime import date

import pytest

from fleet.windows_support import find_windows_end


@pytest.mark.parametrize(
    ("build", "edition", "product_type", "ends"),
    [
        ("20348.2700", "ServerStandard", 3, date(2031, 10, 14)),
        ("17763.1", "ServerDatacenter", 2, date(2029, 1, 9)),
        ("17763.1", "EnterpriseS", 1, date(2029, 1, 9)),
        ("26100.1", "Enterprise", 1, date(2027, 10, 12)),
        ("26100.1", "Professional", 1, date(2026, 10, 13)),
        ("26100.1", "EnterpriseS", 1, date(2029, 10, 9)),
        ("26100.1", "ServerStandard", 3, None),
        ("26100.1", "IoTEnterpriseS", 1, None),
        ("26100.1", "", None, None),
        ("99999.1", "Professional", 1, None),
    ],
)
def test_the_end_depends_on_build_and_product(
    build: str, edition: str, product_type: int | None, ends: date | None
) -> None:
    """What is not known for sure is not said."""
    assert find_windows_end(build, edition, product_type).ends == ends


def test_what_follows_for_a_fee_is_told() -> None:
    """It is not for everybody."""
    assert "2028-10-10" in find_windows_end("19045.1", "Professional", 1).note
