"""Machines are assessed once in their period, spread over it, soon after a start, and sooner again after a failure."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput
from fleet.machines import Machine, OSType, TransportKind
from ops.config import Settings
from ops.service.rounds import plan_round
from ops.service.timetable import (
    Timetable,
    due_at,
    find_unused,
    parse_override,
    periods_of,
    timetable_of,
    wants_refresh,
)
from ops.state.scheduled import LastAssessed

_HOUR = timedelta(hours=1)
_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_LONG_AGO = _NOW - timedelta(days=30)
_IDS = st.uuids().map(str)
_MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda passed: _NOW + passed)


def _machine(name: str, **more: object) -> Machine:
    return Machine(f"id-{name}", name, TransportKind.LOCAL, _LONG_AGO, **more)  # type: ignore[arg-type]


def test_machines_are_spread_over_the_period() -> None:
    """Of many machines, each tenth of an hour has about a tenth."""
    last = LastAssessed(_NOW, _NOW)
    tenths = Counter(
        int((due_at(f"id-{number}", _HOUR, last, _LONG_AGO, _NOW) - _NOW - _HOUR / 2) / (_HOUR / 10))
        for number in range(5_000)
    )
    assert set(tenths) == set(range(10))
    assert all(400 < count < 600 for count in tenths.values())


@given(_IDS, st.integers(1, 2_000), _MOMENTS)
def test_a_machine_comes_at_its_own_moment_of_each_period(machine_id: str, minutes: int, start: datetime) -> None:
    """From one assessment to the next it is exactly a period, once the machine has its moment."""
    period = timedelta(minutes=minutes)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    first = due_at(machine_id, period, LastAssessed(start, start), since, start)
    second = due_at(machine_id, period, LastAssessed(first, first), since, first)
    assert period / 2 <= first - start <= period * 3 / 2
    assert abs(second - first - period) <= timedelta(microseconds=1)


@given(_IDS, st.none() | st.timedeltas(_HOUR * 2, timedelta(days=400)))
def test_what_is_due_at_a_start_is_begun_within_ten_minutes(machine_id: str, ago: timedelta | None) -> None:
    """Machines that were never assessed, or too long ago, are due in the first minutes of a service."""
    last = LastAssessed() if ago is None else LastAssessed(_NOW - ago, _NOW - ago)
    assert _NOW <= due_at(machine_id, _HOUR, last, _NOW, _NOW) <= _NOW + timedelta(minutes=10)


def test_an_unreachable_machine_is_tried_again_with_back_off() -> None:
    """5, 10 and 20 minutes after an attempt, then in its period: never every minute."""
    gaps = []
    for failures in range(1, 6):
        last = LastAssessed(_LONG_AGO, _NOW, failures)
        gaps.append(due_at("id-1", timedelta(hours=12), last, _LONG_AGO, _NOW) - _NOW)
    minutes = [gap.total_seconds() / 60 for gap in gaps]
    assert minutes == [5, 10, 20, 40, 80]
    worst = due_at("id-1", _HOUR, LastAssessed(_LONG_AGO, _NOW, 40), _LONG_AGO, _NOW) - _NOW
    assert worst <= _HOUR * 3 / 2


@given(_IDS, st.timedeltas(timedelta(0), timedelta(days=4_000)))
def test_a_clock_set_back_starves_no_machine(machine_id: str, ahead: timedelta) -> None:
    """An assessment that lies in the future delays the next by a few periods at most."""
    last = LastAssessed(_NOW + ahead, _NOW + ahead)
    assert due_at(machine_id, _HOUR, last, _NOW, _NOW) <= _NOW + 3 * _HOUR


def test_windows_has_its_own_period_and_the_first_override_decides() -> None:
    """Disabled machines and those that are never assessed have no period."""
    settings = Settings(service_assess_every=("tag:ring=canary 15", "lab-* never", "os:windows 1440"))
    machines = [
        _machine("web-1"),
        _machine("win-1", os_type=OSType.WINDOWS),
        _machine("lab-1", tags={"ring": "canary"}),
        _machine("lab-2"),
        _machine("off", enabled=False),
    ]
    periods = periods_of(machines, timetable_of(settings))
    minutes = {machine_id: period.total_seconds() / 60 for machine_id, period in periods.items()}
    assert minutes == {"id-web-1": 60, "id-win-1": 1440, "id-lab-1": 15}
    assert periods_of([machines[1]], timetable_of(Settings()))["id-win-1"] == timedelta(hours=12)


def test_an_override_that_names_no_machine_is_told() -> None:
    """It may be misspelt, or the machine may still come: it is no error."""
    timetable = timetable_of(Settings(service_assess_every=("web-* 15", "tag:nope 5")))
    assert find_unused([_machine("web-1")], timetable) == ("tag:nope",)


@pytest.mark.parametrize("text", ["", "15", "web-1", "web-1 ", "web-1 0", "web-1 -5", "web-1 1.5", "web-1 soon"])
def test_an_unusable_override_is_refused(text: str) -> None:
    """It says what to write."""
    with pytest.raises(BadInput, match="tag:env=prod 15"):
        parse_override(text)


def test_lists_are_fetched_in_a_period_of_their_own() -> None:
    """Never without the setting, at once where they never were, then after about a day."""
    day = timedelta(days=1)
    assert not wants_refresh("id-1", None, LastAssessed(), _NOW)
    assert wants_refresh("id-1", day, LastAssessed(), _NOW)
    assert not wants_refresh("id-1", day, LastAssessed(refreshed_at=_NOW), _NOW + day / 3)
    assert wants_refresh("id-1", day, LastAssessed(refreshed_at=_NOW), _NOW + day * 3 / 2)


def test_machines_of_a_run_are_left_alone_for_a_while() -> None:
    """A busy machine is not in the round, and is looked at again in a minute."""
    machines = [_machine("a"), _machine("b")]
    timetable = Timetable(_HOUR, _HOUR, refresh=None)
    later = _NOW + timedelta(minutes=11)
    planned = plan_round(machines, {}, timetable, busy={"id-b"}, since=_NOW, now=later)
    assert [machine.name for machine in planned.machines] == ["a"]
    assert planned.next_at == later + timedelta(minutes=1)
