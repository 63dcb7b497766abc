"""The order of apk's versions."""

import random

import pytest

from collectors.managers.apk_versions import apk_key, compare_apk

# A choice from test/version.data of apk-tools 2.12.
_PAIRS = """
2.34 > 0.1.0_alpha
0.1.0_alpha = 0.1.0_alpha
0.1.0_alpha2 > 0.1.0_alpha
2.2.39-r1 > 1.0.4-r3
1.0.4-r3 < 1.0.4-r4
1.1 > 1.1_alpha1
1.2 < 1.3_alpha
2.3.0b-r1 < 2.3.0b-r2
2.3.0b-r4 > 0.12.1
0.12 < 0.13_beta1
3.1_p16 < 3.1_p17
1.06-r6 < 006
006 > 1.0.0
1.2.2-r1 > 1.2.2
2.01.01_alpha10 > 0.94
0.94 < 1.0
1.39 > 1.00_beta2
4.2.52_p2-r1 < 4.2.52_p4-r2
1.02.07 < 1.02.10-r1
2.5.1-r8 < 2.5.1a-r1
2.0.0_rc3-r1 > 1.5
021109-r3 < 20060512
1.12-r7 < 1.12-r8
0.10.0 < 0.10.1_rc1
1.1a < 1.3a
0.15.1b-r2 > 0.15.1b
22.7 > 2.1_pre20
1.07.5 > 1.07
4.3_p2-r5 < 4.4_p1-r6
4.5_p1-r1 > 4.5_p1
1.3-r0 < 1.3.1-r0
1.3_pre1-r1 < 1.3.2
1.0_p10-r0 > 1.0_p9-r0
0.1.0_alpha_pre2 < 0.1.0_alpha
1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0
"""
_ORDERS = {"<": -1, "=": 0, ">": 1}


@pytest.mark.parametrize("line", _PAIRS.strip().splitlines())
def test_order_is_that_of_apks_own_tests(line: str) -> None:
    """Suffixes before and after a release, letters, zeros, numbers that are dates."""
    left, sign, right = line.split()

    assert compare_apk(left, right) == _ORDERS[sign]
    assert compare_apk(right, left) == -_ORDERS[sign]


def test_what_is_no_version_comes_first() -> None:
    """A machine may print anything; it sorts, and before every version."""
    texts = ["", "=cmd", "1.0_foo1", "0.1", "1", "9" * 5000]
    mixed = random.Random(3).sample(texts, len(texts))

    assert sorted(mixed, key=apk_key) == ["", "1.0_foo1", "=cmd", "0.1", "1", "9" * 5000]
