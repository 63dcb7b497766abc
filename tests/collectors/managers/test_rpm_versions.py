"""The order of rpm versions."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.managers.rpm_versions import compare_evr, evr_key, normal_evr, split_evr, split_nevra

# rpm's own tests/rpmvercmp.at, and versions of real packages.
ORDERED = [
    ("1.0", "2.0", -1),
    ("2.0.1", "2.0.1", 0),
    ("2.0.1a", "2.0.1", 1),
    ("5.5p1", "5.5p10", -1),
    ("10xyz", "10.1xyz", -1),
    ("xyz10", "xyz10.1", -1),
    ("xyz.4", "8", -1),
    ("6.0.rc1", "6.0", 1),
    ("10b2", "10a1", 1),
    ("1.0aa", "1.0a", 1),
    ("10.0001", "10.0039", -1),
    ("4.999.9", "5.0", -1),
    ("20101121", "20101122", -1),
    ("2_0", "2.0", 0),
    ("a+", "a_", 0),
    ("1.0~rc1", "1.0", -1),
    ("1.0~rc1", "1.0~rc2", -1),
    ("1.0~rc1~git123", "1.0~rc1", -1),
    ("1.0^", "1.0", 1),
    ("1.0^git1", "1.0^git2", -1),
    ("1.0^git1", "1.01", -1),
    ("1.0^20160101", "1.0.1", -1),
    ("1.0^20160102", "1.0^20160101^git1", 1),
    ("1.0~rc1^git1", "1.0~rc1", 1),
    ("1.0^git1~pre", "1.0^git1", -1),
    ("1:1.0", "2.0", 1),
    ("0:1.0", "1.0", 0),
    ("1.0-1.el9", "1.0-1.el9_4", -1),
    ("1:3.0.7-27.el9", "1:3.0.7-28.el9_4", -1),
]
VERSIONS = st.text("0123456789abzAZ.~^_+-", min_size=1, max_size=12).filter(lambda text: text.strip("-"))


@pytest.mark.parametrize(("left", "right", "expected"), ORDERED)
def test_versions_sort_as_rpm_sorts_them(left: str, right: str, expected: int) -> None:
    """The pairs of rpm's own test, both ways round."""
    assert compare_evr(left, right) == expected
    assert compare_evr(right, left) == -expected


def test_the_order_is_that_of_the_rpm_which_is_installed() -> None:
    """rpm's own comparison in Lua gives the same for pairs of odd versions."""
    if shutil.which("rpm") is None:
        pytest.skip("rpm is not installed here")
    words = sorted(
        {text for pair in ORDERED for text in pair[:2]} | {"1..0", "1.0.", "", "^", "~", "~~a", "01", "a1^~b"}
    )
    pairs = [(left, right) for left in words for right in words if left and right]
    lua = "".join(f"print(rpm.vercmp('{left}','{right}')..' ') " for left, right in pairs)
    said = subprocess.run(["rpm", "--eval", f"%{{lua:{lua}}}"], capture_output=True, text=True, check=False, timeout=30)
    if said.returncode != 0:
        pytest.skip("this rpm has no Lua")
    assert [int(line) for line in said.stdout.split()] == [compare_evr(left, right) for left, right in pairs]


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_total(one: str, two: str, three: str) -> None:
    """Comparing is antisymmetric and transitive, and never fails."""
    assert compare_evr(one, two) == -compare_evr(two, one)
    low, middle, high = sorted((one, two, three), key=evr_key)
    assert compare_evr(low, middle) <= 0
    assert compare_evr(middle, high) <= 0
    assert compare_evr(low, high) <= 0


@given(st.text(max_size=40))
def test_any_text_can_be_taken_apart(text: str) -> None:
    """No text of a machine makes it fail."""
    split_nevra(text)
    evr_key(text)
    normal_evr(text)


@given(st.integers(0, 20), st.from_regex(r"[a-z0-9.~^]+", fullmatch=True), st.from_regex(r"[a-z0-9.]+", fullmatch=True))
def test_a_version_is_written_with_its_epoch_unless_that_is_0(epoch: int, version: str, release: str) -> None:
    """What is taken apart and written again is the same, but for an epoch of 0."""
    whole = f"{version}-{release}"
    assert normal_evr(f"{epoch}:{whole}") == (f"{epoch}:{whole}" if epoch else whole)
    assert normal_evr(normal_evr(f"{epoch}:{whole}")) == normal_evr(f"{epoch}:{whole}")


def test_a_very_long_number_is_compared_as_text() -> None:
    """Numbers longer than an integer may be read from text."""
    assert compare_evr("9" * 10_000 + ":1", "9" * 9_999 + ":1") == 1


def test_name_version_and_architecture_are_told_apart() -> None:
    """Hyphens and dots belong to names, epochs stand in front of the version or of the name."""
    package = split_nevra("acme-openssl-libs-1:3.0.1-2.el9_4.x86_64")
    assert package is not None
    assert (package.name, package.evr, package.architecture) == ("acme-openssl-libs", "1:3.0.1-2.el9_4", "x86_64")
    assert split_nevra("1:acme-openssl-libs-3.0.1-2.el9_4.x86_64") == package
    assert split_nevra("glibc-0:2.17-1.el7.i686") == split_nevra("glibc-2.17-1.el7.i686")
    assert split_nevra("no.version") is None
    assert str(split_evr("0:1.2")) == "1.2"
