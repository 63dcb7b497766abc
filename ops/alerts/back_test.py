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

from fleet.alerts.back_test import BackTest, Telling
from fleet.alerts.firing import Fired, fire
from fleet.alerts.grouping import measure_rows
from fleet.alerts.measured import Measured
from fleet.alerts.quiet import QuietHours
from fleet.alerts.records import AlertEvent, AlertRecord, RuleMemory
from fleet.alerts.rule import AlertRule, RuleKind
from fleet.errors import BadInput, PatchdeckError
from ops.alerts.checking import check_query
from ops.alerts.evaluating import new_id
from ops.alerts.measuring import (
    SIGNAL_COLUMNS,
    Measuring,
    Row,
    finder,
    first_run_at,
    limits_of_rules,
    no_open_rows,
    run_rows,
)
from ops.config import Settings
from ops.home import Home
from ops.interrupting import run_interruptibly

MOST_STEPS = 100
_AT_MOST_STEPS = 5_000
# Of the deadline, when steps are chosen: some evaluations take longer than the first.
_MARGIN = 0.7
_MINUTE = timedelta(minutes=1)
_OPEN_STATUSES = frozenset({"Waiting", "InProgress", "Paused"})
# The steps that are chosen from: what people count in.
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1_440, 2_880, 4_320, 10_080))
_AT_ITEM = SIGNAL_COLUMNS.index("ended_at")


@dataclass(frozen=True, slots=True)
class _Span:
    """The time that is gone through, and how long that may take."""

    begin: datetime
    end: datetime
    deadline_seconds: float

    @property
    def length(self) -> timedelta:
        """From its beginning to its end."""
        return self.end - self.begin


@dataclass(slots=True)
class _Past:
    """A rule on its way through the past."""

    rule: AlertRule
    step: timedelta | None = None
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
    past = _Past(rule, step)
    go = _go_by_steps if rule.kind is RuleKind.QUERY else _go_by_runs
    reached, is_whole = begin, True
    for at, done, of_all in go(home, settings, past, _Span(begin, end, deadline_seconds)):
        reached = at
        on_step(done, of_all)
        if time.monotonic() > stop_at and done < of_all:
            is_whole = False
            break
    return BackTest(
        rule,
        begin,
        end if is_whole else reached,
        past.step,
        past.evaluations,
        tuple(past.events),
        tuple(past.tellings),
        tuple(record for record in past.records.values() if record.is_open),
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


def _check_step(span: _Span, step: timedelta) -> timedelta:
    if step < _MINUTE:
        raise BadInput("Steps of less than a minute are not usable: rules are evaluated each minute.")
    if span.length / step > _AT_MOST_STEPS:
        raise BadInput(f"That is more than {_AT_MOST_STEPS:,} evaluations: take longer steps, or a shorter time.")
    return step


def _choose_step(span: _Span, cost_seconds: float) -> timedelta:
    """The shortest of the usual steps with which the whole time is gone through before the deadline."""
    most = max(1.0, min(MOST_STEPS, span.deadline_seconds * _MARGIN / max(cost_seconds, 0.001)))
    return next((each for each in _STEPS if span.length / each <= most), span.length / most)


_Step = tuple[datetime, int, int]


def _go_by_steps(home: Home, settings: Settings, past: _Past, span: _Span) -> Iterator[_Step]:
    check_query(home, past.rule)
    if past.step is not None:
        _check_step(span, past.step)
    began = time.monotonic()
    past.take(_measure_at(home, settings, past, span.begin), span.begin)
    if past.step is None:
        past.step = _choose_step(span, time.monotonic() - began)
    past.rule = _for_steps(past.rule, past.step)
    count = int(span.length / past.step) + 1
    yield span.begin, 1, count
    for number in range(1, count):
        at = span.begin + number * past.step
        past.take(_measure_at(home, settings, past, at), at)
        yield at, number + 1, count


def _measure_at(home: Home, settings: Settings, past: _Past, at: datetime) -> Measured:
    from ops.questions import open_engine

    limits, is_first = limits_of_rules(settings), not past.evaluations
    with open_engine(home, settings, as_of=at, limits=limits, publishes=is_first) as engine:
        measuring = Measuring(engine, finder(home), limits, at, no_open_rows)
        with_silent = bool(past.records)
        measured = run_interruptibly(engine, partial(measuring.measure, past.rule, with_silent=with_silent))
    past.notes |= dict.fromkeys(measuring.notes)
    return measured


def _go_by_runs(home: Home, settings: Settings, past: _Past, span: _Span) -> Iterator[_Step]:
    rule, window = past.rule, timedelta(minutes=past.rule.window_minutes)
    known, first_at = _all_runs(home, settings, rule, span.begin - window, span.end)
    if first_at is None or first_at > span.begin - window:
        since = "at all" if first_at is None else f"before {first_at:%Y-%m-%d %H:%MZ}"
        past.notes[f"Nothing is known of runs {since}: what was then counts as no runs."] = None
    if _OPEN_STATUSES.intersection(rule.signal.statuses):
        past.notes["History has runs that are over: how many went on at a time is not kept."] = None
    rows = sorted(known, key=_at)
    moments = _moments(rows, window, span, past.step)
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
) -> tuple[Sequence[Row], datetime | None]:
    """The runs of that time, and since when any are known."""
    from ops.questions import open_engine

    limits = limits_of_rules(settings)
    with open_engine(home, settings, limits=limits) as engine:
        rows = run_interruptibly(engine, partial(run_rows, engine, rule, by, limits, after))
        return rows, first_run_at(engine, rule, limits)


def _moments(rows: Sequence[Row], window: timedelta, span: _Span, step: timedelta | None) -> Sequence[datetime]:
    """When to look: at the minute after a run came into the window or left it; with ``step`` evenly instead."""
    if step is not None:
        count = int(span.length / _check_step(span, step)) + 1
        return [span.begin + number * step for number in range(count)]
    changes = {at for row in rows for at in (_next_minute(_at(row)), _next_minute(_at(row) + window))}
    return sorted({span.begin, span.end, *(at for at in changes if span.begin <= at <= span.end)})


def _with_due(past: _Past, moments: Sequence[datetime]) -> Iterator[datetime]:
    """``moments``, and between them those at which time alone changes something: a rule is told again, or resolved."""
    for last, at in pairwise((moments[0], *moments)):
        while past.due_at is not None and last < (due := _next_minute(past.due_at)) < at:
            yield due
            last = due  # noqa: PLW2901 - how far it has come
        yield at


def _between(rows: Sequence[Row], after: datetime, by: datetime) -> Iterator[Row]:
    yield from rows[bisect_right(rows, after, key=_at) : bisect_right(rows, by, key=_at)]


def _at(row: Row) -> datetime:
    at = row[_AT_ITEM]
    if not isinstance(at, datetime):
        raise BadInput("A run without a time cannot be looked back at.")
    return at


def _next_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + _MINUTE
