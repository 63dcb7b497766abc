"""Rules evaluated over real tables: what opens is kept with its message, once, whoever evaluates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fleet.alerts.measured import Instance, Measured
from fleet.alerts.rule import AlertRule, RuleKind, RunSignal
from fleet.errors import BadInput
from fleet.machines import Machine, TransportKind
from fleet.messages import MessageKind
from ops.alerts.book import acknowledge, define_rule, enable_rule, list_events, list_open, remove_rule
from ops.alerts.evaluating import Finding, keep_findings, measure_rules, new_id
from ops.config import Settings
from ops.home import Home
from ops.messages.channels import remove_channel
from ops.messages.failure_alerts import open_alert, resolve_alert
from ops.query_files import remove_query, rename_query
from ops.service.lease import take_lease
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.machines import MachineBook
from tests.ops.alerts.conftest import HOUR, NOON, EndRun, messages, query_rule, run_rule, save_query, titles


def _evaluate(home: Home, rule: AlertRule, now: datetime, token: str | None = None) -> Measured:
    findings = measure_rules(home, Settings(), [rule], now)
    keep_findings(home, findings, now, token)
    return findings[0].measured


def _defined(home: Home, rule: AlertRule) -> AlertRule:
    define_rule(home, rule)
    return rule


def test_failed_run_opens_an_alert_until_it_leaves_the_window(home: Home, end_run: EndRun) -> None:
    """With its message; a second service that evaluates the same adds nothing."""
    rule = _defined(home, run_rule())
    end_run("web", "Failed", NOON)
    end_run("db", "Succeeded", NOON)
    for _ in range(2):
        _evaluate(home, rule, NOON + timedelta(minutes=1))
    _evaluate(home, rule, NOON + timedelta(minutes=59))
    assert [alert.record.key for alert in list_open(home)] == ["web"]
    _evaluate(home, rule, NOON + HOUR)

    assert titles(home) == ["run-failed: opened: web", "run-failed: resolved: web"]
    assert [stored.event.state.value for stored in list_events(home)] == ["Resolved", "Opened"]
    assert list_open(home) == []


def test_machine_runs_are_counted_by_every_dimension(home: Home, end_run: EndRun) -> None:
    """Masks are held against names whatever the case, statuses as they are spelt."""
    end_run("web", "Failed", NOON, a1="Failed", a2="Unreachable", b1="Failed")
    end_run("db", "Failed", NOON, a1="Failed")
    signal = RunSignal("W*", ("Failed", "Unreachable"), "A*", "r-0")
    rule = run_rule(kind=RuleKind.MACHINE_RUNS, signal=signal, split_by=("deployment", "status", "machine", "run"))
    (finding,) = measure_rules(home, Settings(), [rule], NOON + timedelta(minutes=5))
    assert sorted(each.key for each in finding.measured.instances) == [
        "web / Failed / a1 / r-0",
        "web / Unreachable / a2 / r-0",
    ]


def test_rule_whose_query_fails_is_an_alert_once_that_names_the_error(home: Home) -> None:
    """What it had opened stays open; it goes on once the query is mended."""
    save_query(home, "mine", "SELECT 'web' AS Computer, 1 AS N")
    rule = _defined(home, query_rule("mine"))
    _evaluate(home, rule, NOON)
    save_query(home, "mine", "SELECT 'web' AS Computer, 1 AS N FROM Machin")
    for minute in (1, 2, 3):
        assert "Did you mean 'Machine'" in _evaluate(home, rule, NOON + timedelta(minutes=minute)).problem
    (home.queries_dir / "mine.sql").unlink()
    assert "There is no query 'mine'" in _evaluate(home, rule, NOON + timedelta(minutes=4)).problem
    assert len(list_open(home)) == 2
    save_query(home, "mine", "SELECT 'web' AS Computer, 1 AS N WHERE false")
    _evaluate(home, rule, NOON + timedelta(minutes=5))

    first, broken, last = messages(home)
    assert first.items == ("web: 1 row: N 1",)
    assert broken.items[0].startswith("It could not be evaluated: ")
    assert broken.kind is MessageKind.ALERT_OPENED
    assert last.item_count == 2
    assert list_open(home) == []


def test_machine_that_stopped_answering_does_not_resolve_its_alert(home: Home) -> None:
    """Once it is disabled nothing is expected of it any more."""
    machine = Machine("id-web", "web", TransportKind.SCRIPTED, NOON, transcript="/nonexistent")
    with opened(home.state_file) as connection:
        MachineBook(connection).add(machine)
    rule = _defined(home, query_rule("silent-machines"))
    keep_findings(home, [Finding(rule, Measured((Instance("web", 1.0, "silent", "web"),)))], NOON)
    keep_findings(home, [Finding(rule, Measured(silent=frozenset({"web"})))], NOON + HOUR)
    assert len(list_open(home)) == 1
    keep_findings(home, [Finding(rule, Measured())], NOON + 2 * HOUR)
    assert list_open(home) == []


def test_service_that_lost_its_lease_keeps_nothing(home: Home, end_run: EndRun) -> None:
    """Another one evaluates the same rules."""
    rule = _defined(home, run_rule())
    end_run("web", "Failed", NOON)
    held = take_lease(home, clock=lambda: NOON)
    _evaluate(home, rule, NOON, "another token")
    assert (list_open(home), titles(home)) == ([], [])
    _evaluate(home, rule, NOON, held.lease.token)
    held.close()
    assert len(list_open(home)) == 1


def test_rule_that_was_changed_meanwhile_is_left_to_the_next_evaluation(home: Home, end_run: EndRun) -> None:
    """What was measured is none of its business any more."""
    rule = _defined(home, run_rule())
    end_run("web", "Failed", NOON)
    findings = measure_rules(home, Settings(), [rule], NOON)
    define_rule(home, replace(rule, threshold=5), replaces=True)
    assert keep_findings(home, findings, NOON) == {}
    assert list_open(home) == []


def test_acknowledgement_is_audited_and_stops_repeats(home: Home, end_run: EndRun) -> None:
    """A second time with the same note changes nothing; by the alert's id too."""
    rule = _defined(home, run_rule(repeat_minutes=10, window_minutes=600))
    end_run("web", "Failed", NOON)
    _evaluate(home, rule, NOON)
    (taken,) = acknowledge(home, "RUN-FAILED", "looking", clock=lambda: NOON)
    assert acknowledge(home, taken.record.alert_id[:8], "looking") == []
    _evaluate(home, rule, NOON + HOUR)
    assert len(titles(home)) == 1
    end_run("web", "Failed", NOON + HOUR)
    _evaluate(home, rule, NOON + HOUR + timedelta(minutes=1))

    assert titles(home)[1:] == ["run-failed: still open: web"]
    with opened(home.state_file) as connection:
        (after,) = connection.execute("SELECT after FROM audit WHERE action = 'alert.acknowledge'").fetchone()
    assert '"looking"' in after
    states = [stored.event.state.value for stored in list_events(home, "run-failed")]
    assert states == ["Repeated", "Acknowledged", "Opened"]


def test_removed_and_disabled_rules_end_their_alerts_and_say_so(home: Home, end_run: EndRun) -> None:
    """To those who were told of them; the history stays."""
    end_run("web", "Failed", NOON)
    for name in ("one", "two"):
        _evaluate(home, _defined(home, run_rule(name)), NOON)
    enable_rule(home, "one", enabled=False)
    remove_rule(home, "two")

    assert list_open(home) == []
    assert sorted(titles(home)) == [
        "one: opened: web",
        "one: resolved: web",
        "two: opened: web",
        "two: resolved: web",
    ]
    assert [stored.event.note for stored in list_events(home, "two")] == ["the rule was removed", ""]


def test_ten_thousand_firing_machines_are_one_message(home: Home) -> None:
    """And ten thousand rows of history."""
    rule = _defined(home, run_rule())
    many = tuple(Instance(f"m-{number:05}", 1.0, "failed") for number in range(10_000))
    keep_findings(home, [Finding(rule, Measured(many))], NOON)
    (message,) = messages(home)
    assert (message.item_count, len(message.items)) == (10_000, 10)
    assert len(list_events(home)) == len(list_open(home)) == 10_000


def test_many_rules_that_fire_at_once_are_one_message(home: Home, end_run: EndRun) -> None:
    """All rules of an evaluation together."""
    rules = [_defined(home, run_rule(f"rule-{number}", id=new_id())) for number in range(5)]
    end_run("web", "Failed", NOON)
    keep_findings(home, measure_rules(home, Settings(), rules, NOON), NOON)
    assert titles(home) == ["5 alert rules at once, first rule-0: opened: web"]


def test_rule_over_runs_that_go_on_sees_them(home: Home) -> None:
    """Where it names such a status: the tables have only what is over."""
    from tests.ops.alerts.made_run import make_run

    make_run(home, "web", NOON)
    rule = run_rule(signal=RunSignal(statuses=("Waiting",)))
    (finding,) = measure_rules(home, Settings(), [rule], NOON + 5 * HOUR)
    assert [each.key for each in finding.measured.instances] == ["web"]


def test_channel_that_does_not_deliver_is_among_the_open_alerts(home: Home) -> None:
    """Until it delivers again; no rule has it."""
    with opened(home.state_file) as connection:
        channel = ChannelBook(connection).find("ops")
        open_alert(connection, channel, ["disk-low: opened"], "it hung up", NOON)
    assert [(alert.record.key, alert.rule.name) for alert in list_open(home)] == [("ops", "channel does not deliver")]
    with opened(home.state_file) as connection:
        resolve_alert(connection, channel, NOON + HOUR)
    assert list_open(home) == []


def test_channel_that_does_not_deliver_is_acknowledged_like_a_rule(home: Home) -> None:
    """By its name or its id; it stays one alert, and ends with the channel."""
    with opened(home.state_file) as connection:
        channel = ChannelBook(connection).find("ops")
        open_alert(connection, channel, ["disk-low: opened"], "it hung up", NOON)
    assert acknowledge(home, "channel does not deliver", "I know", "ops")
    with opened(home.state_file) as connection:
        open_alert(connection, channel, ["clones: opened"], "it hung up", NOON + HOUR)
    (alert,) = list_open(home, "channel does not deliver")
    taken = alert.record.acknowledgement
    assert taken is not None
    assert (taken.note, alert.record.opened_at) == ("I know", NOON)
    assert acknowledge(home, alert.record.alert_id[:8], "I know") == []
    remove_channel(home, "ops")
    assert list_open(home) == []
    assert [stored.event.state.value for stored in list_events(home)] == ["Resolved", "Acknowledged", "Opened"]


@pytest.mark.parametrize("act", [remove_query, lambda home, name: rename_query(home, name, "other")])
def test_query_that_a_rule_asks_stays(home: Home, act: Callable[[Home, str], object]) -> None:
    """Under its name; once no rule asks it, it may go."""
    save_query(home, "mine", "SELECT 'web' AS Computer")
    define_rule(home, query_rule("mine"))
    with pytest.raises(BadInput, match="Query mine is in use: alert rule mine"):
        act(home, "mine")
    remove_rule(home, "mine")
    act(home, "mine")
