"""`patchdeck deployments calendar`: the coming starts of everything, and where they meet."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.errors import BadInput
from ops.cli.calendar_listing import span_of_month
from tests.ops.cli.conftest import Patchdeck

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def scheduled(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """Two deployments whose windows meet on two machines, one that cannot be told, and one that is off."""
    for name in ("web-01", "web-02"):
        patchdeck("machines", "add", name, "--address", "192.0.2.1")
    daily = ("--class", "security", "--first", "2026-01-01 02:00", "--rule", "FREQ=DAILY", "--window", "240")
    patchdeck("deployments", "add", "web", "--target", "web-*", *daily, "--time-zone", "Europe/Berlin")
    patchdeck("deployments", "add", "every", "--target", "all", *daily, "--time-zone", "UTC")
    patchdeck("deployments", "add", "broken", "--target", "group:no", *daily, "--time-zone", "UTC")
    patchdeck("deployments", "add", "off", "--target", "all", *daily, "--time-zone", "UTC")
    patchdeck("deployments", "disable", "off")


@pytest.mark.usefixtures("scheduled")
def test_calendar_tells_starts_zones_and_meetings(patchdeck: Patchdeck) -> None:
    """One row a start, in order; each zone with its own words; disabled ones are not there."""
    told = patchdeck("deployments", "calendar", "--days", "2", "--json")

    rows = json.loads(told.out)
    assert {row["name"] for row in rows} == {"web", "every", "broken"}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    web = next(row for row in rows if row["name"] == "web" and row["meets"])
    assert (web["zone"], web["machines"], web["kind"]) == ("Europe/Berlin", 2, "deployment")
    assert web["local"].endswith(("CET", "CEST"))
    assert [(each["name"], each["machines"]) for each in web["meets"]] == [("every", 2)]
    assert "broken: There is no group 'no'" in told.err
    assert "every (2)" in patchdeck("deployments", "calendar", "--days", "2").out


def test_calendar_without_a_schedule_says_so(patchdeck: Patchdeck) -> None:
    """Nothing to list is no error; two spans at once are."""
    assert "Nothing starts by a schedule" in patchdeck("deployments", "calendar").err
    assert "give one of them" in patchdeck("deployments", "calendar", "--days", "3", "--month", "2030-01", code=2).err


def test_month_ends_where_the_next_begins() -> None:
    """A start at midnight belongs to the day that begins; of the month that goes on only the rest is shown."""
    after, until = span_of_month(_NOW, "2026-12")
    assert after < datetime(2026, 12, 1, tzinfo=UTC) < until < datetime(2027, 1, 1, tzinfo=UTC)
    assert span_of_month(_NOW, "2026-11")[0] == _NOW
    for wrong in ("2026-10", "2026-13", "december"):
        with pytest.raises(BadInput):
            span_of_month(_NOW, wrong)
