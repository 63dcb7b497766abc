"""What a rule would have said in the past: evaluated at the steps of a time that is over, over what history holds.

Nothing is kept and nobody is told. Rules over runs are evaluated at each minute in which something changed; rules over
queries at even steps, each over the tables as they were then.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from fleet.alerts.firing import Fired, Told, fire
from fleet.alerts.grouping import measure_rows
from fleet.alerts.measured import Measured
from fleet.alerts.quiet import QuietHours
from fleet.alerts.records import AlertEvent, AlertRecord, AlertState, RuleMemory
from fleet.alerts.rule import AlertRule, RuleKind
from fleet.errors import BadInput, PatchdeckError
from ops.alerts.checking import check_query
from ops.alerts.evaluating import new_id
from ops.alerts.measuring import SIGNAL_COLUMNS, Measuring, finder, limits_of_rules, no_open_rows, run_rows
from ops.config import Settings
from ops.home import Home
from ops.interrupting import run_interruptibly

if TYPE_CHECKING:
    from query.limits import Limits

MOST_STEPS = 100
_AT_MOST_STEPS = 5_000
_MINUTE = timedelta(minutes=1)
# The steps that are chosen from: what people count in.
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1_440, 10_080))
_AT_ITEM = SIGNAL_COLUMNS.index("ended_at")


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that there would have been: when, and of which alerts."""

    at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a rule would have done.

    Args:
        begin, end: the time that was gone through; ``end`` is earlier than what was asked for where time ran out.
        step: between evaluations; None where each change was looked at.
        events: what would have become of alerts, in order.
        tellings: the messages that there would have been.
        still_open: the alerts that were open at the end.
        failures: how many evaluations failed; ``problem`` is why the first of them did.
        notes: what of the past is not known, a sentence each.
        is_whole: whether all of it was gone through before the deadline.
    """

    rule: AlertRule
    begin: datetime
    end: datetime
    step: timedelta | None
    evaluations: int
    events: tuple[AlertEvent, ...]
    tellings: tuple[Telling, ...]
    still_open: tuple[AlertRecord, ...]
    failures: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def opened(self) -> int:
        """How many alerts would have opened."""
        return sum(event.state is AlertState.OPENED for event in self.events)

    @property
    def fired(self) -> int:
        """How often people would have been told that something opened."""
        return sum(bool(telling.told.opened) for telling in self.tellings)


@dataclass(slots=True)
class _Past:
    """A rule on its way through the past."""

    rule: AlertRule
    records: dict[str, AlertRecord] = field(default_factory=dict)
    memory: RuleMemory = field(default_factory=RuleMemory)
    events: list[AlertEvent] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    evaluations: int = 0
    failures: int = 0
    problem: str = ""
    notes: dict[str, None] = field(default_factory=dict)
    due_at: datetime | None = None

    def take(self, measured: Measured, at: datetime) -> None:
        """One evaluation; one that failed says nothing of the fleet."""
        self.evaluations += 1
        if measured.problem:
            self.failures += 1
            self.problem = self.problem or measured.problem
            return
        fired: Fired = fire(self.rule, self.records, self.memory, measured, at, new_id)
        for key in fired.dropped:
            self.records.pop(key, None)
        self.records |= {record.key: record for record in fired.kept}
        self.memory, self.due_at = fired.memory, fired.next_at
        self.events += fired.events
        if fired.told:
            self.tellings.append(Telling(at, fired.told))


def run_back_test(
    home: Home,
    settings: Settings,
    rule: AlertRule,
    begin: datetime,
    end: datetime,
    *,
    step: timedelta | None = None,
    deadline_seconds: float = 60.0,
    on_step: Callable[[int, int], None] = lambda _done, _all: None,
) -> BackTest:
    """What ``rule`` would have done between ``begin`` and ``end``. Even steps may all lie in quiet hours, so that these
    count only where each change of runs is looked at.

    It stops at the deadline with what it has by then. ``on_step`` is told how many evaluations are done, and of how
    many; an exception from it ends it.

    Raises:
        BadInput: the times cannot be gone through, or the rule cannot be used.
        StoreBusy, HomeUnusable: the tables cannot be asked.
    """
    if not begin < end:
        raise BadInput("A back-test goes forward: --from is not before --to.")
    stop_at = time.monotonic() + deadline_seconds
    if rule.kind is RuleKind.QUERY:
        check_query(home, rule)
        chosen = _choose_step(begin, end, step)
        past = _Past(_for_steps(rule, chosen))
        steps = _go_by_steps(home, settings, past, begin, end, chosen)
    else:
        chosen = None
        past = _Past(rule)
        steps = _go_by_runs(home, settings, past, begin, end, step)
    reached, is_whole = begin, True
    for at, done, of_all in steps:
        reached = at
        on_step(done, of_all)
        if time.monotonic() > stop_at and done < of_all:
            is_whole = False
            break
    still_open = tuple(record for record in past.records.values() if record.is_open)
    return BackTest(
        rule,
        begin,
        end if is_whole else reached,
        step or chosen,
        past.evaluations,
        tuple(past.events),
        tuple(past.tellings),
        still_open,
        past.failures,
        past.problem,
        tuple(past.notes),
        is_whole,
    )


def _for_steps(rule: AlertRule, step: timedelta) -> AlertRule:
    """``rule`` for evaluations that are further apart than a minute: one of them is worth as many as fit between."""
    if step <= _MINUTE:
        return rule
    return replace(rule, evaluations=max(1, -(-rule.evaluations // max(1, step // _MINUTE))), quiet=QuietHours())


def _choose_step(begin: datetime, end: datetime, step: timedelta | None) -> timedelta:
    if step is None:
        return next((each for each in _STEPS if (end - begin) / each <= MOST_STEPS), (end - begin) / MOST_STEPS)
    if step < _MINUTE:
        raise BadInput("Steps of less than a minute are not usable: rules are evaluated each minute.")
    if (end - begin) / step > _AT_MOST_STEPS:
        raise BadInput(f"That is more than {_AT_MOST_STEPS:,} evaluations: take longer steps, or a shorter time.")
    return step


_Step = tuple[datetime, int, int]


def _go_by_steps(
    home: Home, settings: Settings, past: _Past, begin: datetime, end: datetime, step: timedelta
) -> Iterator[_Step]:
    from ops.questions import open_engine

    limits, find = limits_of_rules(settings), finder(home)
    count = int((end - begin) / step) + 1
    for number in range(count):
        at = begin + number * step
        with open_engine(home, settings, as_of=at, limits=limits, publishes=number == 0) as engine:
            measuring = Measuring(engine, find, limits, at, no_open_rows)
            past.take(run_interruptibly(engine, partial(measuring.measure, past.rule)), at)
            past.notes |= dict.fromkeys(measuring.notes)
        yield at, number + 1, count


def _go_by_runs(
    home: Home, settings: Settings, past: _Past, begin: datetime, end: datetime, step: timedelta | None
) -> Iterator[_Step]:
    rule, window = past.rule, timedelta(minutes=past.rule.window_minutes)
    rows = sorted(_all_runs(home, settings, rule, begin - window, end), key=_at)
    moments = _moments(rows, window, begin, end, step)
    for number, at in enumerate(_with_due(past, moments)):
        within = list(_between(rows, at - window, at))
        try:
            measured = Measured(measure_rows(rule, SIGNAL_COLUMNS, within[::-1], at))
        except PatchdeckError as error:
            measured = Measured(problem=str(error))
        past.take(measured, at)
        yield at, number + 1, max(len(moments), number + 1)


def _all_runs(
    home: Home, settings: Settings, rule: AlertRule, after: datetime, by: datetime
) -> Sequence[tuple[object, ...]]:
    from ops.questions import open_engine

    limits: Limits = limits_of_rules(settings)
    with open_engine(home, settings, limits=limits) as engine:
        return run_rows(engine, rule, by, limits, after)


def _moments(
    rows: Sequence[tuple[object, ...]],
    window: timedelta,
    begin: datetime,
    end: datetime,
    step: timedelta | None,
) -> Sequence[datetime]:
    """When to look: at the minute after a run came into the window or left it; with ``step`` evenly instead."""
    if step is not None:
        count = int((end - begin) / _choose_step(begin, end, step)) + 1
        return [begin + number * step for number in range(count)]
    changes = {at for row in rows for at in (_next_minute(_at(row)), _next_minute(_at(row) + window))}
    return sorted({begin, end, *(at for at in changes if begin <= at <= end)})


def _with_due(past: _Past, moments: Sequence[datetime]) -> Iterator[datetime]:
    """``moments``, and between them those at which time alone changes something: a rule is told again, or resolved."""
    for last, at in pairwise((moments[0], *moments)):
        while past.due_at is not None and last < (due := _next_minute(past.due_at)) < at:
            yield due
            last = due  # noqa: PLW2901 - how far it has come
        yield at


def _between(rows: Sequence[tuple[object, ...]], after: datetime, by: datetime) -> Iterator[tuple[object, ...]]:
    yield from rows[bisect_right(rows, after, key=_at) : bisect_right(rows, by, key=_at)]


def _at(row: Sequence[object]) -> datetime:
    at = row[_AT_ITEM]
    if not isinstance(at, datetime):
        raise BadInput("A run without a time cannot be looked back at.")
    return at


def _next_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + _MINUTE
