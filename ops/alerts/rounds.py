"""The rounds of the service: which rules are measured again when, so that a fleet where nothing happens costs nothing.

Rules are measured at once when something was stored, and when time has passed of those that go by the clock; but never
so often that measuring takes more than a small part of a core. Between that, what was measured still holds.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fleet.alerts.measured import Measured
from fleet.alerts.rule import AlertRule
from fleet.errors import PatchdeckError
from ops.alerts.changes import Stamp, read_stamp
from ops.alerts.evaluating import Finding, keep_findings
from ops.alerts.measuring import Measuring, finder, goes_by_clock, limits_of_rules
from ops.alerts.open_runs import open_rows_of
from ops.config import Settings
from ops.home import Home
from ops.logs import log_event
from ops.state.alerts import AlertBook
from ops.state.database import opened
from ops.store.place import tables_by

if TYPE_CHECKING:
    from query.engine import QueryEngine

# By the clock: a minute apart, or a 1,000th of the time, so that ten costly rules are a percent of a core; but each
# quarter of an hour at least.
_EVERY_SECONDS, _SHARE, _SELDOM_SECONDS = 60.0, 1_000, 900.0
# After something was stored: a 200th of the time, while results come in.
_SOON_SECONDS, _SOON_SHARE, _LATE_SECONDS = 5.0, 200, 300.0
# A round ends with a rule that takes longer, and those that did come last: what others found is kept at once, and they
# are measured again before the next of them. What is left of a round is measured first in the next.
_LONG_SECONDS = 5.0
_ROUND_SECONDS = 120.0
_NEVER = timedelta(hours=1)
# Files of tables and queries change without a word to the service.
_LOOK = timedelta(minutes=1)
_FORGETS_EVERY = timedelta(days=1)


@dataclass(slots=True)
class _Watched:
    """A rule with what was last measured, and what that cost; ``next_at`` is when time alone changes something of its
    alerts.
    """

    rule: AlertRule
    measured: Measured | None = None
    measured_at: datetime | None = None
    by_clock: bool = True
    next_at: datetime | None = None
    is_stale: bool = True
    cost_seconds: float = 0.0
    is_long: bool = False


class AlertRounds:
    """Evaluates the rules of ``home`` under the lease ``token``. Its methods block; one thread at a time."""

    def __init__(self, home: Home, token: str) -> None:
        self._home = home
        self._token = token
        self._watched: dict[str, _Watched] = {}
        self._stamp: Stamp | None = None
        self._engine: QueryEngine | None = None
        self._forgot_at: datetime | None = None

    @property
    def problems(self) -> Mapping[str, str]:
        """Why rules cannot be evaluated now, by their names."""
        every = [(each.rule.name, each.measured) for each in self._watched.values()]
        return {name: measured.problem for name, measured in every if measured is not None and measured.problem}

    def forget(self) -> None:
        """The clock was set: everything is measured and reckoned anew."""
        self._watched.clear()
        self._stamp = None

    def is_due(self, now: datetime, settings: Settings) -> bool:
        """Whether anything is to be evaluated at ``now``; costs next to nothing where nothing happened.

        Raises:
            StoreBusy, HomeUnusable: the state cannot be read.
        """
        self._read_rules()
        self._notice(read_stamp(self._home, settings) if self._watched else None)
        return bool(self._due(now)) or any(_is_time(each.next_at, now) for each in self._watched.values())

    def next_at(self, now: datetime) -> datetime | None:
        """When to look again, though nothing should happen; None where no rule is enabled."""
        if not self._watched:
            return None
        times = [at for each in self._watched.values() for at in (self._measures_at(each), each.next_at)]
        return min(max(at, now) for at in (*times, now + _LOOK) if at is not None)

    def evaluate(self, now: datetime, settings: Settings) -> None:
        """Evaluates what is due at ``now``, and keeps what becomes of it.

        Raises:
            StoreBusy, HomeUnusable: it is to be tried again.
            QueryCancelled: the service ends.
        """
        if due := self._due(now):
            self._measure(due, now, settings)
        self._keep([each for each in self._watched.values() if _is_time(each.next_at, now)], now)
        self._forget(now, settings)

    def cancel(self) -> None:
        """Stop what is asked now, from any thread."""
        if (engine := self._engine) is not None:
            engine.cancel()

    def _notice(self, stamp: Stamp | None) -> None:
        if stamp != self._stamp:
            for each in self._watched.values():
                each.is_stale = True
        self._stamp = stamp

    def _forget(self, now: datetime, settings: Settings) -> None:
        """Let go what became of alerts long ago; the table Alert has it as long as it is to be kept."""
        if self._forgot_at is not None and now < self._forgot_at + _FORGETS_EVERY:
            return
        self._forgot_at = now
        if settings.retention_alert_days:
            with opened(self._home.state_file) as connection:
                AlertBook(connection).forget_events(now - timedelta(days=settings.retention_alert_days))

    def _read_rules(self) -> None:
        with opened(self._home.state_file) as connection:
            rules = [rule for rule in AlertBook(connection).list() if rule.is_enabled]
        watched = {rule.id: self._watched.get(rule.id) or _Watched(rule) for rule in rules}
        for rule in rules:
            if watched[rule.id].rule != rule:
                watched[rule.id] = _Watched(rule)
        self._watched = watched

    def _due(self, now: datetime) -> Sequence[_Watched]:
        """What is to be measured now: rules that were not yet, and all others when it is time for them.

        Those that were measured quickly come first.
        """
        fresh = [each for each in self._watched.values() if each.measured is None]
        known = sorted(
            (each for each in self._watched.values() if each.measured_at is not None),
            key=lambda each: each.measured_at or now,
        )
        due = [each for each in known if _is_time(self._measures_at(each), now)]
        return sorted((*fresh, *due), key=lambda each: (each.is_long, each.measured is None))

    def _measures_at(self, watched: _Watched) -> datetime | None:
        if watched.measured_at is None:
            return None
        if watched.is_stale:
            return watched.measured_at + _span(_SOON_SECONDS, watched.cost_seconds * _SOON_SHARE, _LATE_SECONDS)
        if watched.by_clock or (watched.measured is not None and watched.measured.problem):
            return watched.measured_at + _span(_EVERY_SECONDS, watched.cost_seconds * _SHARE, _SELDOM_SECONDS)
        return watched.measured_at + _NEVER

    def _measure(self, due: Sequence[_Watched], now: datetime, settings: Settings) -> None:
        from ops.questions import open_engine

        began, find = time.monotonic(), finder(self._home)
        is_remote = not tables_by(self._home, settings).is_local  # which does not say when it was written
        limits = replace(limits_of_rules(settings), threads=1)  # all in this thread, which is timed
        with open_engine(self._home, settings, now=now, limits=limits) as engine:
            self._notice(read_stamp(self._home, settings))  # what is stored from here on is for the next round
            self._engine = engine
            try:
                measuring = Measuring(engine, find, limits, now, open_rows_of(self._home))
                for each in due:
                    if time.monotonic() - began > _ROUND_SECONDS:
                        break
                    begun, spent = time.monotonic(), time.thread_time()
                    measured = measuring.measure(each.rule)
                    each.cost_seconds = time.thread_time() - spent
                    each.is_long = time.monotonic() - begun > _LONG_SECONDS
                    each.next_at = each.next_at if measured == each.measured else now
                    each.measured, each.measured_at, each.is_stale = measured, now, False
                    each.by_clock = is_remote or _goes_by_clock(each.rule, find)
                    if each.is_long:
                        break
            finally:
                self._engine = None

    def _keep(self, due: Sequence[_Watched], now: datetime) -> None:
        findings = [Finding(each.rule, each.measured) for each in due if each.measured is not None]
        if not findings:
            return
        fired = keep_findings(self._home, findings, now, self._token)
        for each in due:
            outcome = fired.get(each.rule.id)
            each.next_at = None if outcome is None else outcome.next_at
            if outcome is not None and outcome.events:
                states = [event.state.value for event in outcome.events]
                counts = {state: states.count(state) for state in dict.fromkeys(states)}
                log_event("alerts changed", rule=each.rule.name, **counts)


def _is_time(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _span(least: float, wanted: float, most: float) -> timedelta:
    return timedelta(seconds=min(max(least, wanted), most))


def _goes_by_clock(rule: AlertRule, find: Callable[[str], object]) -> bool:
    if rule.measure is None:
        return True
    try:
        return goes_by_clock(rule, str(getattr(find(rule.measure.query), "text", "")))
    except PatchdeckError:
        return True
