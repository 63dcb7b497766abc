"""Until when systems get security updates, by their own word or by the table."""

from datetime import date

import pytest

from fleet.end_of_life import ROLLING, find_end_of_life


@pytest.mark.parametrize(
    ("os_id", "version", "ends"),
    [
        ("debian", "12", date(2026, 6, 10)),
        ("raspbian", "11", date(2024, 8, 14)),
        ("ubuntu", "22.04", date(2027, 4, 1)),
        ("rhel", "9.4", date(2032, 5, 31)),
        ("rocky", "8.10", date(2029, 5, 31)),
        ("ol", "7.9", date(2024, 12, 31)),
        ("amzn", "2", date(2026, 6, 30)),
        ("sles", "15.6", date(2025, 12, 31)),
        ("opensuse-leap", "15.6", date(2026, 4, 30)),
        ("alpine", "3.20.3", date(2026, 4, 1)),
    ],
)
def test_dates_of_each_family(os_id: str, version: str, ends: date) -> None:
    """By the version that os-release gives, or the part of it that the vendor supports as one."""
    found = find_end_of_life(os_id, version)

    assert found.ends == ends
    assert "as of" in found.source


def test_the_system_itself_comes_first() -> None:
    """SUPPORT_END of os-release(5) is newer than any table."""
    found = find_end_of_life("amzn", "2023", support_end="2029-06-30")

    assert (found.ends, "SUPPORT_END" in found.source) == (date(2029, 6, 30), True)


def test_what_follows_is_a_note() -> None:
    """Not for every package, or not for everybody."""
    assert find_end_of_life("debian", "12").note == "Debian LTS, for most packages until 2028-06-30."
    assert "Ubuntu Pro" in find_end_of_life("ubuntu", "20.04").note


def test_rolling_releases_have_no_end() -> None:
    """Not applicable is not unknown."""
    found = find_end_of_life("opensuse-tumbleweed", "20261120")

    assert (found.ends, found.source) == (None, ROLLING)
    assert find_end_of_life("alpine", "3.24_alpha20261101").source == ROLLING


def test_stream_is_not_the_centos_that_ended() -> None:
    """Both call themselves centos 8 or 9; the name tells."""
    assert find_end_of_life("centos", "8", name="CentOS Linux").ends == date(2021, 12, 31)
    assert find_end_of_life("centos", "8", name="CentOS Stream").ends == date(2024, 5, 31)


@pytest.mark.parametrize(("os_id", "version"), [("debian", None), ("debian", "99"), ("plan9", "4"), (None, None)])
def test_what_nobody_knows_is_unknown(os_id: str | None, version: str | None) -> None:
    """No date and no source."""
    found = find_end_of_life(os_id, version, support_end="soon")

    assert (found.ends, found.source) == (None, "")
