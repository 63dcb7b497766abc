"""Numbers of Windows Update, in each of the ways in which they are written."""

import pytest

from collectors.windows.result_kinds import ResultClass
from collectors.windows.result_table import RESULTS
from collectors.windows.results import explain, is_success, normalise


@pytest.mark.parametrize("number", ["0x8024402C", "0x8024402c", -2145107924, "-2145107924", 2149859372])
def test_a_number_is_the_same_however_it_is_written(number: str | int) -> None:
    """PowerShell prints it signed."""
    assert normalise(number) == "0x8024402C"
    assert explain(number).treat_as is ResultClass.NETWORK


@pytest.mark.parametrize("number", ["", None, "words", "0x123456789"])
def test_what_is_no_number_is_none(number: str | None) -> None:
    """And is explained as such."""
    assert (normalise(number), explain(number).treat_as) == ("", ResultClass.UNKNOWN)


def test_an_unlisted_number_keeps_itself() -> None:
    """So that it can be looked up."""
    assert "0x8024FFFF" in explain("0x8024FFFF").describe()


def test_success_has_no_highest_bit() -> None:
    """0x00240005 means that a reboot is wanted, and is a success."""
    assert (is_success("0x00240005"), is_success(0), is_success("0x80240022"), is_success("")) == (
        True,
        True,
        False,
        False,
    )


def test_each_listed_number_says_what_to_do() -> None:
    """A name, a meaning and a remedy, under its own number."""
    assert [code for code, row in RESULTS.items() if row.code != code or normalise(code) != code] == []
    assert [code for code, row in RESULTS.items() if not (row.name and row.meaning and row.remedy)] == []


@pytest.mark.parametrize("code", ["0x80240438", "0x8024401C", "0x80244022", "0x80246007", "0x80240009", "0x80072EE2"])
def test_what_passes_by_itself_may_be_tried_again(code: str) -> None:
    """Servers that are overloaded, networks that are down, installers that are busy."""
    assert explain(code).treat_as.is_passing
