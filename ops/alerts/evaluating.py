"""An evaluation kept: what rules found becomes alerts, events and messages, in one transaction or not at all."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from fleet.alerts.firing import Fired, Told, end_all, fire
from fleet.alerts.measured import Measured
from fleet.alerts.rule import AlertRule
from fleet.alerts.telling import Posting, bundle, tell
from ops.alerts.measuring import Measuring, finder, limits_of_rules
from ops.alerts.open_runs import open_rows_of
from ops.config import Settings
from ops.home import Home
from ops.interrupting import run_interruptibly
from ops.state.alerts import AlertBook
from ops.state.database import opened, transaction
from ops.state.lease import LeaseBook
from ops.state.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured for a rule, as the rule was then."""

    rule: AlertRule
    measured: Measured


def new_id() -> str:
    """An id that nothing had."""
    return str(uuid4())


def measure_rules(home: Home, settings: Settings, rules: Sequence[AlertRule], now: datetime) -> Sequence[Finding]:
    """What each of ``rules`` finds now; nothing is kept. Blocking: meant for a thread.

    Raises:
        StoreBusy, HomeUnusable: the tables cannot be asked.
    """
    from ops.questions import open_engine

    limits = limits_of_rules(settings)
    with open_engine(home, settings, now=now, limits=limits) as engine:
        measuring = Measuring(engine, finder(home), limits, now, open_rows_of(home))
        return run_interruptibly(engine, lambda: [Finding(rule, measuring.measure(rule)) for rule in rules])


def keep_findings(
    home: Home, findings: Sequence[Finding], now: datetime, token: str | None = None
) -> Mapping[str, Fired]:
    """What becomes of the alerts of each rule, by its id; kept, with the messages that tell of it.

    A rule that was changed, disabled or removed since it was measured is left out. With ``token`` nothing is done where
    its service does not hold the lease any more: another one evaluates the same rules.

    Raises:
        StoreBusy, HomeUnusable: nothing was kept.
    """
    with opened(home.state_file) as connection, transaction(connection):
        if token is not None and not LeaseBook(connection).is_held_by(token):
            return {}
        book = AlertBook(connection)
        current = {rule.id: rule for rule in book.list()}
        fired = {
            each.rule.id: fire(
                each.rule, book.records(each.rule.id), book.memory(each.rule.id), each.measured, now, new_id
            )
            for each in findings
            if current.get(each.rule.id) == each.rule and each.rule.is_enabled
        }
        for rule_id, outcome in fired.items():
            _keep(book, rule_id, outcome)
        _post(connection, [(current[rule_id], outcome.told) for rule_id, outcome in fired.items()], now)
        return fired


def end_alerts(connection: sqlite3.Connection, rule: AlertRule, now: datetime, why: str) -> Fired:
    """End the alerts of ``rule``, which is disabled or removed; those who were told of them are told of that."""
    book = AlertBook(connection)
    outcome = end_all(rule, book.records(rule.id), now, why)
    _keep(book, rule.id, outcome)
    _post(connection, [(rule, outcome.told)], now)
    return outcome


def messages_of(rules: Sequence[tuple[AlertRule, Told]], now: datetime, make_id: Callable[[], str]) -> list[Posting]:
    """The messages of one evaluation of several rules."""
    postings = [posting for rule, told in rules if (posting := tell(rule, told, now, make_id)) is not None]
    return bundle(postings, make_id)


def _keep(book: AlertBook, rule_id: str, outcome: Fired) -> None:
    if not outcome.has_changed:
        return
    book.keep_records(rule_id, outcome.kept, outcome.dropped)
    book.add_events(outcome.events)
    if outcome.told:
        book.remember(rule_id, outcome.memory)


def _post(connection: sqlite3.Connection, rules: Sequence[tuple[AlertRule, Told]], now: datetime) -> None:
    outbox = Outbox(connection)
    for posting in messages_of(rules, now, new_id):
        outbox.post(posting.message, posting.channels)
