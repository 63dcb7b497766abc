"""The order of pacman's versions, and that it is the one of vercmp where that is installed."""

import random
import shutil
import subprocess

import pytest

from collectors.managers.alpm_versions import alpm_key, compare_alpm

# vercmp(8).
_ASCENDING = ["1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"]


def test_order_of_the_manual() -> None:
    """Letters behind a number make a version older, a further part makes it newer."""
    assert sorted(random.Random(1).sample(_ASCENDING, len(_ASCENDING)), key=alpm_key) == _ASCENDING
    numbers = ["1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"]
    assert sorted(random.Random(1).sample(numbers, len(numbers)), key=alpm_key) == numbers


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [("1:1.0-1", "2.0-1", 1), ("1.5", "1.5-1", 0), ("1.5-1", "1.5-2", -1), ("1.0010", "1.10", 0), ("1.0.", "1.0", 1)],
)
def test_epoch_release_and_zeros(left: str, right: str, order: int) -> None:
    """An epoch counts first, a release only where both have one, zeros before a number not at all."""
    assert compare_alpm(left, right) == order
    assert compare_alpm(right, left) == -order


@pytest.mark.skipif(not shutil.which("vercmp"), reason="vercmp is not installed here")
def test_order_is_that_of_vercmp() -> None:
    """Six hundred pairs of short texts of every kind of character."""
    chooser = random.Random(7)
    texts = ["".join(chooser.choices("01229ab.:-_+~", k=chooser.randint(1, 7))) for _ in range(1200)]
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    script = "".join(f"vercmp '{left}' '{right}'\n" for left, right in pairs)

    said = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True, timeout=60).stdout.split()

    wrong = [
        (pair, word)
        for pair, word in zip(pairs, said, strict=True)
        if not any(part.startswith("-") for part in pair) and compare_alpm(*pair) != int(word)
    ]
    assert wrong == []
