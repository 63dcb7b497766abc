"""`patchdeck diff`: how the fleet changed between two times."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives


def test_counts_come_first_and_rows_are_objects(patchdeck: Patchdeck) -> None:
    """The machines that came since a time before the first; a second word that is no time is a target."""
    for name in ("web", "db"):
        patchdeck("machines", "add", name, "--address", "192.0.2.7")
    told = patchdeck("diff", "2001-01-01").err
    rows = json.loads(patchdeck("diff", "2001-01-01", "--json").out)
    one = json.loads(patchdeck("diff", "2001-01-01", rows[0]["machine"], "--json").out)
    assert f"machines: 0, then {len(rows)}: {len(rows)} came, 0 went." in told
    assert "is unknown" in told
    assert {row["event"] for row in rows} == {"came"}
    assert [row["machine"] for row in one] == [rows[0]["machine"]]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("never",), "Time 'never' is not usable"),
        (("2002-01-01", "2001-01-01"), "write the earlier time first"),
        (("2999-01-01",), "yet to come"),
        (("run:nothing",), "no run"),
        (("2001-01-01", "no-such-machine"), "no-such-machine"),
    ],
)
def test_what_cannot_be_compared_says_why(patchdeck: Patchdeck, words: tuple[str, ...], why: str) -> None:
    """Code 2, before anything is read."""
    assert why.casefold() in patchdeck("diff", *words, code=2).err.casefold()
