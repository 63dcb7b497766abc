"""What a rule would have done: over runs at each change, over queries at steps, with what is not known said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.alerts.back_test import BackTest
from fleet.alerts.rule import AlertRule, Comparison, RuleKind
from fleet.errors import BadInput
from ops.alerts.back_test import run_back_test
from ops.alerts.book import list_open
from ops.config import Settings
from ops.home import Home
from tests.ops.alerts.conftest import HOUR, NOON, EndRun, messages, query_rule, run_rule, save_query

_DAY = timedelta(days=1)


def _run(home: Home, rule: AlertRule, days: int = 10, **more: object) -> BackTest:
    return run_back_test(home, Settings(), rule, NOON - days * _DAY, NOON, **more)  # type: ignore[arg-type]  # several


def test_rule_over_runs_would_have_fired_when_runs_failed(home: Home, end_run: EndRun) -> None:
    """At the minute after, until they left the window; nothing is kept, nobody is told."""
    for days in (9, 5, 5):
        end_run("web", "Failed", NOON - days * _DAY + timedelta(seconds=30))
    end_run("web", "Succeeded", NOON - 3 * _DAY)
    test = _run(home, run_rule())

    assert (test.fired, test.opened, test.step, test.is_whole) == (2, 2, None, True)
    assert [(each.at, bool(each.told.opened)) for each in test.tellings] == [
        (NOON - 9 * _DAY + timedelta(minutes=1), True),
        (NOON - 9 * _DAY + HOUR + timedelta(minutes=1), False),
        (NOON - 5 * _DAY + timedelta(minutes=1), True),
        (NOON - 5 * _DAY + HOUR + timedelta(minutes=1), False),
    ]
    assert test.notes[0].startswith("Nothing is known of runs before 2026-11-11")
    assert (list_open(home), messages(home)) == ([], [])


def test_back_test_says_what_it_says_live(home: Home, end_run: EndRun) -> None:
    """Resolved after its time, repeated in its time, also where no run changes anything then."""
    end_run("web", "Failed", NOON - 2 * _DAY)
    rule = run_rule(repeat_minutes=30, resolve_minutes=20)
    test = _run(home, rule, 3)
    states = [(event.state.value, event.at - (NOON - 2 * _DAY)) for event in test.events]
    assert states == [
        ("Opened", timedelta(0)),
        ("Repeated", timedelta(minutes=30)),
        ("Repeated", timedelta(minutes=60)),
        ("Resolved", timedelta(minutes=80)),
    ]


def test_rule_that_fires_at_none_looks_at_the_whole_time(home: Home, end_run: EndRun) -> None:
    """And at its end it is open."""
    end_run("web", "Succeeded", NOON - 5 * _DAY)
    rule = run_rule(split_by=(), comparison=Comparison.LESS, threshold=1.0, window_minutes=2 * 24 * 60)
    rule = replace(rule, signal=replace(rule.signal, statuses=("Succeeded",)))
    test = _run(home, rule, 4)
    assert [telling.at for telling in test.tellings] == [NOON - 3 * _DAY]
    assert [record.key for record in test.still_open] == [""]


def test_rule_over_a_query_is_asked_of_the_past(home: Home, end_run: EndRun) -> None:
    """At even steps, each over what was known then."""
    end_run("web", "Failed", NOON - 5 * _DAY - HOUR, m1="Failed")
    save_query(home, "lately", "SELECT * FROM MachineRun WHERE TimeGenerated > now() - INTERVAL 2 DAY")
    test = _run(home, query_rule("lately"), 8, step=_DAY)
    assert [(each.at, [record.key for record in each.told.opened]) for each in test.tellings] == [
        (NOON - 5 * _DAY, ["m1"]),
        (NOON - 3 * _DAY, []),
    ]
    assert (test.evaluations, test.step, test.failures) == (9, _DAY, 0)


def test_steps_are_chosen_so_that_the_deadline_holds(home: Home) -> None:
    """The whole time is gone through, in fewer steps where each takes long; what is given is kept."""
    save_query(home, "slow", "SELECT 'web' AS Computer, count(*) AS N FROM range(30000000)")
    test = _run(home, query_rule("slow"), 91, deadline_seconds=0.5)
    assert test.step is not None
    assert test.step > _DAY
    given = _run(home, query_rule("slow"), 91, step=_DAY, deadline_seconds=0.01)
    assert (given.is_whole, given.step, given.end) == (False, _DAY, NOON - 91 * _DAY)


def test_failing_evaluations_say_nothing_of_the_fleet(home: Home) -> None:
    """They are counted, with why."""
    save_query(home, "broken", "SELECT 'web' AS Computer, CAST(upper('much') AS INT) AS Free")
    rule = query_rule("broken")
    rule = replace(rule, measure=replace(rule.measure, column="Free") if rule.measure else None)
    test = _run(home, rule, 2, step=_DAY)
    assert (test.opened, test.failures, test.evaluations) == (0, 3, 3)
    assert "its query failed" in test.problem


@pytest.mark.parametrize(
    ("days", "step", "said"), [(0, None, "forward"), (91, timedelta(minutes=1), "more than 5,000")]
)
def test_what_cannot_be_gone_through_is_refused(home: Home, days: int, step: timedelta | None, said: str) -> None:
    """Before anything is asked."""
    for rule in (run_rule(), query_rule("silent-machines")):
        with pytest.raises(BadInput, match=said):
            _run(home, rule, days, step=step)


def test_machine_runs_of_a_quarter_are_gone_through(home: Home, end_run: EndRun) -> None:
    """Each with its machines."""
    end_run("web", "Failed", NOON - 30 * _DAY, **{f"m{number}": "Failed" for number in range(50)})
    test = _run(home, run_rule(kind=RuleKind.MACHINE_RUNS, split_by=("machine",)), 91)
    assert (test.fired, test.opened) == (1, 50)
