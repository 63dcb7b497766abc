"""When a run begins that somebody asks for: the zone that is meant, the next time of day, what is no time."""

from datetime import UTC, datetime

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.errors import BadInput
from ops.cli.run_time import read_start

_NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
_BERLIN = Deployment(
    "web",
    ("all",),
    schedule=Schedule(datetime(2026, 1, 1), "Europe/Berlin"),  # noqa: DTZ001  (a wall-clock time)
)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-28T13:30Z", datetime(2026, 3, 28, 13, 30, tzinfo=UTC)),
        ("2026-03-28 14:30+01:00", datetime(2026, 3, 28, 13, 30, tzinfo=UTC)),
        ("2026-03-28 14:30", datetime(2026, 3, 28, 13, 30, tzinfo=UTC)),
        ("14:30", datetime(2026, 3, 28, 13, 30, tzinfo=UTC)),
        ("12:30", datetime(2026, 3, 29, 10, 30, tzinfo=UTC)),
        # The change of clocks leaves this one out.
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_times_are_those_of_the_schedule(text: str, at: datetime) -> None:
    """A time of day that is over today is tomorrow's; an offset means what it says."""
    assert read_start(text, _BERLIN, _NOW) == at


def test_without_a_schedule_times_are_the_console_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone of whoever types."""
    import time

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert read_start("2026-03-28 09:30", Deployment("web", ("all",)), _NOW) == datetime(
            2026, 3, 28, 13, 30, tzinfo=UTC
        )
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "2026-02-30 10:00", "2026-03-27 10:00", "2028-01-01T00:00Z", "9999-12-31T23:59-23:00"]
)
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    """Past, too far away, or no time at all."""
    with pytest.raises(BadInput, match="--at: "):
        read_start(text, _BERLIN, _NOW)
