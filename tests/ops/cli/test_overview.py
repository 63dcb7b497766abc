"""`patchdeck overview`: what needs somebody, and the same figures for programs."""

import json
from pathlib import Path

from tests.ops.cli.conftest import Patchdeck


def test_empty_home_says_how_to_begin(patchdeck: Patchdeck) -> None:
    """There is nothing to look over; it is no failure."""
    ended = patchdeck("overview")
    assert "patchdeck machines add" in ended.err


def test_overview_is_the_same_for_people_and_programs(patchdeck: Patchdeck, home: Path) -> None:
    """A machine that was never assessed needs somebody, and is not compliant; programs get its id."""
    patchdeck("machines", "add", "web-01", "--address", "192.0.2.7")
    patchdeck("groups", "add", "web", "all")

    told = patchdeck("overview", "--no-trend").out
    rows = json.loads(patchdeck("overview", "--no-trend", "--json").out)

    by_name = {(row["section"], row["name"]): row for row in rows}
    need = by_name["now", "Not assessed"]
    assert (need["count"], need["total"], need["kind"]) == (1, 1, "not-assessed")
    assert len(need["ids"]) == 1
    for section, name in (("fleet", "fleet"), ("system", "(unknown)"), ("group", "web")):
        row = by_name[section, name]
        assert (row["count"], row["total"], row["assessed"], row["percent"]) == (0, 1, 0, 0.0)
    assert "1 not-assessed: web-01" in told
    assert home.exists()


def test_time_of_which_nothing_is_kept_is_told_as_unknown(patchdeck: Patchdeck) -> None:
    """No machine then and nothing known of then are two answers."""
    ended = patchdeck("overview", "--as-of", "2020-01-01")
    assert "What machines said by then is unknown: no assessment is stored." in ended.err
