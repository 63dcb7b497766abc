"""Each start of a schedule is dealt with once, whatever is killed, edited or set meanwhile."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.deployments.deployment import Deployment
from fleet.deployments.occurrences import missed_starts
from fleet.deployments.runs import Run, RunStatus
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.updates import Classification
from ops.service.starts import StartsDuty
from ops.state import Audit, connect
from ops.state.deployments import DeploymentBook
from ops.state.lease import LeaseBook
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook, StartOutcome
from tests.ops.service.conftest import BEGINNING, Console

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_NAME = "nightly"


def _schedule(first: datetime, **more: object) -> Schedule:
    return Schedule(first.replace(tzinfo=None), "UTC", rule="FREQ=HOURLY", **more)  # type: ignore[arg-type]


def _define(console: Console, schedule: Schedule | None = None, **more: object) -> Deployment:
    updates = UpdateRules(classes=(Classification.SECURITY,))
    deployment = Deployment(
        _NAME,
        ("all",),
        updates,
        schedule or _schedule(BEGINNING + _HOUR / 2),
        **more,  # type: ignore[arg-type]
    )
    with closing(connect(console.home.state_file)) as connection:
        book = DeploymentBook(connection, Audit(connection, clock=console.time.wall))
        known = [stored.deployment for stored in book.list()]
        if any(each.name == _NAME for each in known):
            book.replace(deployment)
        else:
            book.add(deployment)
    return deployment


def _attend(duty: StartsDuty, console: Console) -> datetime | None:
    return asyncio.run(duty.attend(console.look()))


def _outcomes(console: Console) -> list[StartOutcome]:
    with closing(connect(console.home.state_file)) as connection:
        return [*reversed(ScheduleBook(connection).recent_starts(10_000))]


def _runs(console: Console) -> list[Run]:
    with closing(connect(console.home.state_file)) as connection:
        return [*reversed(RunBook(connection).list())]


def _end_runs(console: Console) -> None:
    with closing(connect(console.home.state_file)) as connection:
        book = RunBook(connection)
        for run in book.list(statuses=[RunStatus.WAITING]):
            book.save(replace(run, status=RunStatus.SUCCEEDED))


def test_a_start_makes_a_run_when_its_time_has_come(console: Console) -> None:
    """Its window opens when it was due, and the schedule has asked for it."""
    _define(console)
    duty = StartsDuty(console.post())
    next_at = _attend(duty, console)
    assert next_at == BEGINNING + _HOUR / 2
    assert _runs(console) == []
    console.time.true = _HOUR / 2 + timedelta(seconds=1)
    assert _attend(duty, console) == BEGINNING + _HOUR * 3 / 2
    (run,) = _runs(console)
    assert (run.status, run.opens_at, run.requester.user) == (RunStatus.WAITING, BEGINNING + _HOUR / 2, "schedule")
    assert [outcome.run_id for outcome in _outcomes(console)] == [run.id]


def test_a_start_is_not_made_while_its_last_run_goes_on(console: Console) -> None:
    """That is said, in the starts and in the audit."""
    _define(console)
    duty = StartsDuty(console.post())
    for minutes in (30, 90):
        console.time.true = minutes * _MINUTE
        _attend(duty, console)
    (run,) = _runs(console)
    assert _outcomes(console)[1].outcome == f"skipped: the run {run.id} still goes on"
    with closing(connect(console.home.state_file)) as connection:
        entry = Audit(connection).list_entries(1)[0]
    assert (entry.action, entry.target, entry.actor.user) == ("start.skip", _NAME, "schedule")


def test_a_run_is_made_early_enough_to_download(console: Console) -> None:
    """Its window opens at the start all the same."""
    _define(console, predownload_minutes=20)
    duty = StartsDuty(console.post())
    assert _attend(duty, console) == BEGINNING + 10 * _MINUTE
    console.time.true = 10 * _MINUTE
    assert _attend(duty, console) == BEGINNING + 30 * _MINUTE
    assert [run.opens_at for run in _runs(console)] == [BEGINNING + 30 * _MINUTE]
    console.time.true = 31 * _MINUTE
    _attend(duty, console)
    assert len(_runs(console)) == 1


def test_a_missed_start_is_made_up_for_as_the_policy_allows(console: Console) -> None:
    """Within two hours the newest is, with a window from now; the older ones are told of."""
    policy = {"missed": MissedStart.RUN_WITHIN, "missed_within_hours": 2.0}
    _define(console, _schedule(BEGINNING + _HOUR, **policy))
    _attend(StartsDuty(console.post()), console)
    console.restart()
    console.time.true = timedelta(hours=3, minutes=40)
    _attend(StartsDuty(console.post()), console)
    (run,) = _runs(console)
    assert run.opens_at == console.time.wall()
    assert [outcome.run_id for outcome in _outcomes(console)] == ["", "", run.id]


def test_a_missed_start_is_skipped_without_such_a_policy(console: Console) -> None:
    """The reason is kept."""
    _define(console)
    _attend(StartsDuty(console.post()), console)
    console.restart()
    console.time.true = 50 * _MINUTE
    _attend(StartsDuty(console.post()), console)
    assert _runs(console) == []
    assert _outcomes(console)[0].outcome == "skipped: missed 20 min ago, missed starts are skipped"


def test_a_clock_set_forward_over_a_start_does_not_miss_it(console: Console) -> None:
    """Nobody was away: the run is made, though missed starts are skipped."""
    _define(console)
    duty = StartsDuty(console.post())
    console.time.true = 20 * _MINUTE
    _attend(duty, console)
    console.time.offset = 40 * _MINUTE
    console.time.true += timedelta(seconds=1)
    _attend(duty, console)
    (run,) = _runs(console)
    assert run.opens_at == console.time.wall()


def test_a_console_that_slept_over_a_start_has_missed_it(console: Console) -> None:
    """Time did pass: the policy decides."""
    _define(console)
    duty = StartsDuty(console.post())
    _attend(duty, console)
    console.time.true = console.time.asleep = 50 * _MINUTE
    _attend(duty, console)
    assert _runs(console) == []
    assert len(_outcomes(console)) == 1


def test_a_clock_set_back_over_a_start_does_not_make_it_twice(console: Console) -> None:
    """The next one comes when the clock says so again."""
    _define(console)
    duty = StartsDuty(console.post())
    _attend(duty, console)
    console.time.true = 31 * _MINUTE
    _attend(duty, console)
    _end_runs(console)
    console.time.offset = -_HOUR
    for minutes in range(32, 152):
        console.time.true = minutes * _MINUTE
        _attend(duty, console)
    assert [outcome.due_at - BEGINNING for outcome in _outcomes(console)] == [_HOUR / 2, _HOUR * 3 / 2]
    assert len(_runs(console)) == 2


def test_starts_before_a_schedule_was_given_are_none(console: Console) -> None:
    """An edit of the schedule, or enabling the deployment, does not make up for what lay before it."""
    policy = {"missed": MissedStart.RUN_WITHIN, "missed_within_hours": 24.0}
    deployment = _define(console, _schedule(BEGINNING - timedelta(days=2), **policy))
    _attend(StartsDuty(console.post()), console)
    assert _outcomes(console) == []
    with closing(connect(console.home.state_file)) as connection:
        book = DeploymentBook(connection, Audit(connection, clock=console.time.wall))
        book.set_enabled(_NAME, enabled=False)
        console.time.true = 5 * _HOUR + _MINUTE
        book.set_enabled(deployment.name, enabled=True)
    _attend(StartsDuty(console.post()), console)
    assert _outcomes(console) == []


def test_an_edit_of_something_else_loses_no_start(console: Console) -> None:
    """A new description after a missed start, before the service is back, leaves the start to be made up for."""
    schedule = _schedule(BEGINNING + _HOUR, missed=MissedStart.RUN_WITHIN, missed_within_hours=24.0)
    _define(console, schedule)
    console.time.true = _HOUR * 3 / 2
    _define(console, schedule, description="another")
    _attend(StartsDuty(console.post()), console)
    assert [run.deployment.description for run in _runs(console)] == ["another"]


def test_a_calendar_that_cannot_be_read_starts_nothing_and_is_told(console: Console, tmp_path: Path) -> None:
    """Blackouts may be in it; once it can be read again, the policy decides about what was missed."""
    calendar = tmp_path / "blackouts.ics"
    _define(console, _schedule(BEGINNING + _HOUR, blackouts=str(calendar)))
    duty = StartsDuty(console.post())
    _attend(duty, console)
    console.time.true = _HOUR + _MINUTE
    assert _attend(duty, console) == console.time.wall() + _MINUTE / 2
    assert [trouble.duty for trouble in duty.troubles()] == ["starts"]
    assert _outcomes(console) == []
    calendar.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nEND:VCALENDAR\r\n", "ascii")
    console.time.true = _HOUR + 2 * _MINUTE
    _attend(duty, console)
    assert len(_runs(console)) == 1
    assert duty.troubles() == []


def test_whoever_has_lost_the_lease_makes_no_run(console: Console) -> None:
    """The service that has it will."""
    _define(console)
    duty = StartsDuty(console.post())
    with closing(connect(console.home.state_file)) as connection:
        LeaseBook(connection).take(replace(console.held.lease, token="another"))
    console.time.true = 31 * _MINUTE
    _attend(duty, console)
    assert _outcomes(console) == []


_EVENTS = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 200)),
    st.tuples(st.just("down"), st.integers(0, 300)),
    st.tuples(st.just("set"), st.integers(-90, 90)),
    st.tuples(st.just("sleep"), st.integers(2, 200)),
    st.tuples(st.just("edit"), st.integers(0, 5)),
)


class _Story:
    """A service that lives, dies and has its clock set, over one hourly schedule; runs end at once."""

    def __init__(self, console: Console, schedule: Schedule) -> None:
        self.console = console
        self.schedule = schedule
        self.seen_until = console.time.wall()
        _define(console, schedule)
        self._begin()

    def tell(self, event: str, amount: int) -> None:
        """What happens next."""
        time, span = self.console.time, amount * _MINUTE
        if event == "set":
            time.offset += span
        elif event == "edit":
            _define(self.console, self.schedule, description=f"edition {amount}")
        elif event == "sleep":
            time.true, time.asleep = time.true + span, time.asleep + span
        elif event == "down":
            time.true += span
            self._begin()
        else:
            self._live_until(time.true + span)
        self._look()

    def _begin(self) -> None:
        self.console.restart()
        self.duty = StartsDuty(self.console.post())
        self._look()

    def _live_until(self, end: timedelta) -> None:
        time = self.console.time
        while time.true < end:
            wait = timedelta(minutes=10) if self.next_at is None else self.next_at - time.wall()
            time.true = min(end, time.true + max(timedelta(seconds=1), min(wait, timedelta(minutes=10))))
            self._look()

    def _look(self) -> None:
        self.next_at = _attend(self.duty, self.console)
        self.seen_until = max(self.seen_until, self.console.time.wall())
        _end_runs(self.console)


# Each example has a home of its own.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(_EVENTS, max_size=12), makes_up=st.booleans())
def test_every_start_is_dealt_with_exactly_once(
    make_consoles: Callable[[], Console], events: list[tuple[str, int]], makes_up: bool
) -> None:
    """Under restarts, pauses, edits and clocks set forward and back: no start is made twice, none lost."""
    policy = MissedStart.RUN_WITHIN if makes_up else MissedStart.SKIP
    schedule = _schedule(BEGINNING + _HOUR / 2, missed=policy, missed_within_hours=1.0 if makes_up else 0.0)
    story = _Story(make_consoles(), schedule)
    for event, amount in events:
        story.tell(event, amount)
    outcomes = _outcomes(story.console)
    due = [start.at for start in missed_starts(schedule, (), BEGINNING, story.seen_until)]
    assert [outcome.due_at for outcome in outcomes] == due
    made = [outcome.run_id for outcome in outcomes if outcome.run_id]
    assert sorted(run.id for run in _runs(story.console)) == sorted(made)
    if all(event in ("run", "edit") for event, _ in events):
        assert len(made) == len(due)
