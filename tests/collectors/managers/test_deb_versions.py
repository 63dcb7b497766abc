"""The order of Debian versions is dpkg's own."""

import itertools
import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.managers.deb_versions import compare_deb

# From the pages of Debian's policy and from what archives really hold.
VERSIONS = [
    "0",
    "1.0",
    "1.0~rc1",
    "1.0~rc1-1",
    "1.0-1",
    "1.0-1~deb12u1",
    "1.0-1+b1",
    "1.0-1+deb12u10",
    "1.0-1+deb12u9",
    "1:0.9",
    "2:1.02.185-2",
    "2.03.16-2",
    "3.0.11-1~deb12u2",
    "3.0.2-0ubuntu1.15",
    "3.0.2-0ubuntu1.9",
    "1.1.1n-0+deb11u5",
    "1.1.1w-0+deb11u1",
    "7.4.3-4ubuntu2.29",
    "8.1.0~rc4-1ubuntu2",
    "1.0.0010",
    "1.0.10",
    "1.a",
    "1.+",
    "1",
    "1.0.",
    "1.0-0",
    "9.2.20-1ubuntu1~esm1",
    "12.2.0-14+deb12u1",
]
texts = st.from_regex(r"\A[0-9][a-z0-9.+~]{0,6}(-[a-z0-9.+~]{1,4})?\Z")

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not installed")


def dpkg_says(left: str, right: str) -> int:
    """What `dpkg --compare-versions` says."""
    for relation, order in (("lt", -1), ("gt", 1)):
        if (
            subprocess.run(["dpkg", "--compare-versions", left, relation, right], check=False, timeout=60).returncode
            == 0
        ):
            return order
    return 0


@needs_dpkg
def test_versions_of_archives_sort_as_dpkg_sorts_them() -> None:
    """Each of two dozen real versions against its neighbours and the plain one."""
    pairs = [*itertools.pairwise(VERSIONS), *((one, "1.0-1") for one in VERSIONS)]
    assert {pair: compare_deb(*pair) for pair in pairs} == {pair: dpkg_says(*pair) for pair in pairs}


@needs_dpkg
@settings(max_examples=60, deadline=None)
@given(texts, texts)
@example("0", "0~")
@example("0-0", "0~-0")
def test_any_two_versions_sort_as_dpkg_sorts_them(left: str, right: str) -> None:
    """Whatever dpkg takes as versions."""
    assert compare_deb(left, right) == dpkg_says(left, right)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_the_order_is_an_order_for_any_text(one: str, two: str, three: str) -> None:
    """Versions of hostile machines compare without an exception, and consistently."""
    assert compare_deb(one, one) == 0
    assert compare_deb(one, two) == -compare_deb(two, one)
    if compare_deb(one, two) <= 0 and compare_deb(two, three) <= 0:
        assert compare_deb(one, three) <= 0


def test_numbers_of_any_length_compare() -> None:
    """Numbers beyond Python's limit for reading them are only large."""
    assert compare_deb("9" * 5000, "1") == 1
