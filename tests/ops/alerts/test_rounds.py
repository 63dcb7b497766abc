"""Rounds of the service: at once when something was stored, in time where time matters, and else not at all."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from fleet.alerts.measured import Measured
from fleet.alerts.rule import AlertRule, QueryMeasure
from fleet.errors import BadInput, StoreBusy
from ops.alerts import measuring
from ops.alerts import rounds as rounds_module
from ops.alerts.book import define_rule, list_open, remove_rule
from ops.alerts.rounds import AlertRounds
from ops.config import Settings
from ops.home import Home
from ops.service.lease import take_lease
from ops.state.alerts import AlertBook
from ops.state.database import opened
from ops.store import TableStore
from tests.ops.alerts.conftest import NOON, EndRun, query_rule, run_rule, save_query, titles

_MINUTE = timedelta(minutes=1)


@pytest.fixture
def rounds(home: Home) -> Iterator[AlertRounds]:
    """Those of a service that holds the lease."""
    held = take_lease(home, clock=lambda: NOON)
    yield AlertRounds(home, held.lease.token)
    held.close()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the rules that were measured, in order."""
    names: list[str] = []
    measure = measuring.Measuring.measure

    def noting(self: measuring.Measuring, rule: AlertRule, **more: bool) -> Measured:
        names.append(rule.name)
        return measure(self, rule, **more)

    monkeypatch.setattr(measuring.Measuring, "measure", noting)
    return names


def _look(rounds: AlertRounds, now: datetime) -> bool:
    is_due = rounds.is_due(now, Settings())
    if is_due:
        rounds.evaluate(now, Settings())
    return is_due


def _set_cost(rounds: AlertRounds, seconds: float) -> None:
    """What measuring took is another each time."""
    for each in rounds._watched.values():
        each.cost_seconds = seconds


def test_without_rules_there_is_nothing_to_do(rounds: AlertRounds) -> None:
    """And nothing to wait for."""
    assert not rounds.is_due(NOON, Settings())
    assert rounds.next_at(NOON) is None


def test_rule_is_evaluated_when_something_was_stored(
    home: Home, rounds: AlertRounds, end_run: EndRun, measured: list[str]
) -> None:
    """And not again while nothing happens, unless it goes by the clock."""
    save_query(home, "still", "SELECT 'web' AS Computer FROM DeploymentRun WHERE Status = 'Failed'")
    define_rule(home, query_rule("still"))
    assert _look(rounds, NOON)
    assert not _look(rounds, NOON + 10 * _MINUTE)
    end_run("web", "Failed", NOON)
    assert _look(rounds, NOON + 11 * _MINUTE)
    assert measured == ["still", "still"]
    assert titles(home) == ["still: opened: web"]
    assert not _look(rounds, NOON + 12 * _MINUTE)


def test_rule_that_goes_by_the_clock_is_evaluated_each_minute(
    home: Home, rounds: AlertRounds, measured: list[str]
) -> None:
    """While that costs little."""
    define_rule(home, query_rule("silent-machines"))
    assert _look(rounds, NOON)
    _set_cost(rounds, 0.01)
    assert rounds.next_at(NOON) == NOON + _MINUTE
    assert not _look(rounds, NOON + timedelta(seconds=59))
    assert _look(rounds, NOON + _MINUTE)
    _set_cost(rounds, 0.6)
    assert not _look(rounds, NOON + 10 * _MINUTE)
    assert _look(rounds, NOON + 11 * _MINUTE)
    assert measured == ["silent-machines"] * 3


def test_time_alone_resolves_and_repeats(home: Home, rounds: AlertRounds, end_run: EndRun) -> None:
    """Of what was measured before; nothing is asked for it."""
    save_query(home, "still", "SELECT 'web' AS Computer")
    define_rule(home, query_rule("still", repeat_minutes=30))
    _look(rounds, NOON)
    assert not _look(rounds, NOON + 29 * _MINUTE)
    assert _look(rounds, NOON + 30 * _MINUTE)
    assert titles(home)[-1] == "still: still open: web"


def test_query_that_is_edited_is_asked_again(home: Home, rounds: AlertRounds) -> None:
    """Its file says when it was written."""
    save_query(home, "still", "SELECT 'web' AS Computer")
    define_rule(home, query_rule("still"))
    _look(rounds, NOON)
    save_query(home, "still", "SELECT 'db' AS Computer")
    os.utime(home.queries_dir / "still.sql", (1, 1))
    assert _look(rounds, NOON + _MINUTE)
    assert [alert.record.key for alert in list_open(home)] == ["db"]


def test_rule_that_cannot_be_evaluated_is_told_and_holds_up_nothing(
    home: Home, rounds: AlertRounds, end_run: EndRun
) -> None:
    """The others are evaluated; once it is removed there is nothing to tell."""
    save_query(home, "broken", "SELECT 'web' AS Computer")
    define_rule(home, query_rule("broken"))
    save_query(home, "broken", "SELEC")
    define_rule(home, run_rule())
    end_run("web", "Failed", NOON)
    _look(rounds, NOON + _MINUTE)
    assert list(rounds.problems) == ["broken"]
    assert sorted(titles(home)) == ["broken: it cannot be evaluated", "run-failed: opened: web"]
    remove_rule(home, "broken")
    _look(rounds, NOON + 2 * _MINUTE)
    assert rounds.problems == {}


def test_rule_that_takes_long_holds_up_no_other(
    home: Home, rounds: AlertRounds, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found until then is kept at once, and others are measured before it the next time."""
    for name in ("a-long", "b-long", "quick"):
        save_query(home, name, "SELECT 'web' AS Computer, now() AS At")
        define_rule(home, query_rule(name))
    monkeypatch.setattr(rounds_module, "_LONG_SECONDS", -1.0)
    _look(rounds, NOON)
    assert [alert.rule.name for alert in list_open(home)] == measured == ["a-long"]
    monkeypatch.setattr(rounds_module, "_LONG_SECONDS", 1e9)
    _look(rounds, NOON + timedelta(seconds=2))
    assert measured == ["a-long", "b-long", "quick"]
    _look(rounds, NOON + 20 * _MINUTE)
    assert measured[3:] == ["b-long", "quick", "a-long"]


def test_tables_that_are_busy_are_no_fault_of_a_rule(
    home: Home, rounds: AlertRounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again."""

    def busy(_self: object, _rule: object, **_more: object) -> None:
        raise StoreBusy("somebody writes")

    define_rule(home, query_rule("silent-machines"))
    monkeypatch.setattr(measuring.Measuring, "measure", busy)
    with pytest.raises(StoreBusy):
        _look(rounds, NOON)
    monkeypatch.undo()
    assert _look(rounds, NOON + _MINUTE)
    assert rounds.problems == {}


def test_restart_neither_forgets_nor_repeats(home: Home, end_run: EndRun) -> None:
    """Another service takes up where the last one stood."""
    define_rule(home, run_rule())
    end_run("web", "Failed", NOON)
    for minute in (1, 2, 61):
        held = take_lease(home, clock=lambda: NOON)
        _look(AlertRounds(home, held.lease.token), NOON + minute * _MINUTE)
        held.close()
    assert titles(home) == ["run-failed: opened: web", "run-failed: resolved: web"]


def test_rule_with_an_unknown_query_or_column_is_not_kept(home: Home) -> None:
    """The nearest is named; so is a channel that is not there."""
    for rule, said in (
        (query_rule("silent-machine"), "Did you mean 'silent-machines'"),
        (query_rule("silent-machines", split_by=("Computr",)), "Did you mean 'Computer'"),
        (query_rule("silent-machines", window_minutes=5), "for the time of its window"),
        (query_rule("silent-machines", measure=QueryMeasure("silent-machines", column="FailureText")), "VARCHAR"),
        (query_rule("silent-machines", measure=QueryMeasure("silent-machines", column="LastAnswered")), "TIMESTAMP"),
        (
            query_rule(
                "silent-machines",
                measure=QueryMeasure("silent-machines", time_column="computer"),
                window_minutes=5,
            ),
            "not a time",
        ),
        (run_rule(channels=("op",)), "Did you mean 'ops'"),
    ):
        with pytest.raises(BadInput, match=said):
            define_rule(home, rule)


def test_history_is_let_go_once_the_table_has_it(home: Home, rounds: AlertRounds, end_run: EndRun) -> None:
    """After the time for which the table keeps it; what was not published yet stays."""
    define_rule(home, run_rule())
    end_run("web", "Failed", NOON)
    _look(rounds, NOON)
    _look(rounds, NOON + timedelta(hours=2))
    with opened(home.state_file) as connection:
        book = AlertBook(connection)
        assert book.forget_events(NOON + timedelta(days=1)) == 0
    TableStore(home).publish_machines()
    with opened(home.state_file) as connection:
        book = AlertBook(connection)
        assert book.forget_events(NOON + timedelta(hours=1)) == 1
        assert [stored.event.state.value for stored in book.events()] == ["Resolved"]
