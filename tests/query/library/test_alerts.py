"""Queries of the group Alerts: their values over hand-made tables."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENED, REPEATED, ACKNOWLEDGED, RESOLVED = "Opened", "Repeated", "Acknowledged", "Resolved"


@pytest.fixture
def event(now: datetime) -> Make:
    """A row of Alert: what became, so many hours ago, of an alert that opened so many hours ago."""
    numbers = iter(range(1, 1000))

    def make(alert: str, hours: float, state: str, raised: float, **more: object) -> Row:
        return {
            "TimeGenerated": now - hours * HOUR,
            "Sequence": next(numbers),
            "AlertId": alert,
            "AlertName": "not-assessed",
            "AlertSeverity": "Warning",
            "AlertState": state,
            "AlertDescription": f"told {hours:g} h ago",
            "AlertKey": "",
            "RuleKind": "Query",
            "Value": None if state == RESOLVED else hours,
            "Threshold": 0.0,
            "TimeRaised": now - raised * HOUR,
            "Caller": "",
            "Note": "",
            **more,
        }

    return make


@pytest.fixture
def alerts(write_rows: WriteRows, event: Make) -> None:
    """Six alerts: of a disk that somebody took twice, of two machines, of a run, of the fleet, and of a channel."""
    disk = {"AlertName": "disk-low", "AlertSeverity": "Critical", "AlertKey": "web-01"}
    write_rows(
        "Alert",
        event("long", 1000, OPENED, 1000, AlertKey="web-01"),
        event("run", 60, OPENED, 60, AlertName="run-failed", AlertSeverity="Error", AlertKey="web-02"),
        event("disk", 50, OPENED, 50, **disk),
        event("gone", 50, OPENED, 50, AlertKey="web-02"),
        event("disk", 49.5, ACKNOWLEDGED, 50, Caller="bob", Note="on it", **disk),
        event("gone", 48, RESOLVED, 50, AlertKey="web-02"),
        event("fleet", 40, OPENED, 40, AlertKey=""),
        event("run", 30, RESOLVED, 60, AlertName="run-failed", AlertSeverity="Error", AlertKey="web-02"),
        event("disk", 20, REPEATED, 50, **disk),
        event("fleet", 10, ACKNOWLEDGED, 40, Caller="root (alice)", Note="power cut"),
        event("disk", 5, ACKNOWLEDGED, 50, Caller="alice", Note="ordered", **disk),
        event("lost", 4, OPENED, 4, AlertName="channel does not deliver", AlertSeverity="Error", AlertKey="ops"),
        event("long", 0, RESOLVED, 1000, AlertKey="web-01"),
    )


@pytest.mark.usefixtures("alerts")
def test_open_alerts_are_those_whose_last_word_is_not_that_they_ended(ask: Ask, now: datetime) -> None:
    """The gravest first, and of each who has taken it."""
    columns = "AlertId AlertSeverity AlertKey OpenHours IsAcknowledged AcknowledgedBy AcknowledgedAt Note"
    assert ask("open-alerts", columns) == [
        ("disk", "Critical", "web-01", 50.0, True, "alice", now - 5 * HOUR, "ordered"),
        ("lost", "Error", "ops", 4.0, False, "", None, ""),
        ("fleet", "Warning", "", 40.0, True, "root (alice)", now - 10 * HOUR, "power cut"),
    ]
    assert ask("open-alerts", "Value AlertDescription", rule="disk-*") == [(5.0, "told 5 h ago")]
    assert ask("open-alerts", "AlertId", only_unacknowledged=True) == [("lost",)]


def test_an_alert_that_got_worse_is_nobodys(ask: Ask, write_rows: WriteRows, event: Make) -> None:
    """Once it is told again, as for the service itself."""
    write_rows("Alert", event("a", 3, OPENED, 3), event("a", 2, ACKNOWLEDGED, 3, Caller="bob", Note="mine"))
    write_rows("Alert", event("a", 1, REPEATED, 3))
    assert ask("open-alerts", "IsAcknowledged AcknowledgedBy AcknowledgedAt Note") == [(False, "", None, "")]


def test_the_last_word_is_that_of_the_highest_number(ask: Ask, write_rows: WriteRows, event: Make) -> None:
    """Also where a clock was set back in between."""
    write_rows("Alert", event("back", 3, OPENED, 3), event("back", 5, RESOLVED, 3))
    write_rows("Alert", event("on", 2, OPENED, 2), event("on", 4, ACKNOWLEDGED, 2, Caller="bob"))
    assert ask("open-alerts", "AlertId AcknowledgedBy") == [("on", "bob")]


@pytest.mark.usefixtures("alerts")
def test_alerts_of_rules_add_up(ask: Ask) -> None:
    """Those that were open and those that opened are those that ended and those that are open, as `open-alerts` says.

    Two of one rule ended after 2 and 1000 hours: their mean is 501, and 95 of 100 take up to 2 + 0.95 * 998.
    """
    columns = "AlertName AlertSeverity OpenBefore Opened Resolved StillOpen Acknowledged MeanHours P95Hours"
    assert ask("alerts-by-rule", columns) == [
        ("disk-low", "Critical", 0, 1, 0, 1, 1, None, None),
        ("channel does not deliver", "Error", 0, 1, 0, 1, 0, None, None),
        ("run-failed", "Error", 0, 1, 1, 0, 0, 30.0, 30.0),
        ("not-assessed", "Warning", 1, 2, 2, 1, 1, 501.0, 950.1),
    ]


@pytest.mark.usefixtures("alerts")
def test_alerts_of_a_period_are_as_they_were_at_its_end(ask: Ask) -> None:
    """From 50 hours ago, which is without that instant, to 20 hours ago."""
    assert ask("alerts-by-rule", since="50 hours", until="20 hours") == [
        ("disk-low", "Critical", 1, 0, 0, 1, 1, None, None),
        ("run-failed", "Error", 1, 0, 1, 0, 0, 30.0, 30.0),
        ("not-assessed", "Warning", 2, 1, 1, 2, 0, 2.0, 2.0),
    ]
    assert ask("alerts-by-rule", "Opened", since="2026-11-18", until="2026-11-18T10:00", rule="d*") == [(1,)]
    assert ask("alerts-by-rule", "AlertName", since="1 hours", rule="run-*") == []


def test_an_alert_counts_under_the_newest_name_of_its_rule(ask: Ask, write_rows: WriteRows, event: Make) -> None:
    """And under its newest severity, once."""
    newer = {"AlertName": "silent", "AlertSeverity": "Error"}
    write_rows("Alert", event("a", 3, OPENED, 3), event("a", 1, RESOLVED, 3, **newer))
    assert ask("alerts-by-rule", "AlertName AlertSeverity Opened Resolved") == [("silent", "Error", 1, 1)]


@pytest.mark.usefixtures("alerts")
def test_alerts_of_a_machine_are_told_newest_first(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """Until when each was open, and who took it; what is about the fleet or a channel is not among them."""
    write_rows("Machine", machine("web-01"), machine("web-02"))
    assert ask("alerts-of-machine", "AlertId AlertState ResolvedAt OpenHours AcknowledgedBy", machine="web-01") == [
        ("disk", ACKNOWLEDGED, None, 50.0, "alice"),
        ("long", RESOLVED, now, 1000.0, ""),
    ]
    assert ask("alerts-of-machine", "Computer AlertId", machine="*") == [
        ("web-01", "disk"),
        ("web-02", "gone"),
        ("web-02", "run"),
        ("web-01", "long"),
    ]
    assert ask("alerts-of-machine", "AlertId", machine="*", days=1) == [("disk",), ("long",)]


def test_a_machine_is_found_in_each_part_of_a_key(
    ask: Ask, write_rows: WriteRows, event: Make, machine: Make, attempt: Make, now: datetime
) -> None:
    """By name or id, whole, each alert once; removed machines by their assessments; never a deployment of that name."""
    write_rows("Machine", machine("web"))
    write_rows("Assessment", attempt("old", now - DAY), attempt("old", now - 2 * DAY))
    write_rows(
        "Alert",
        event("first", 1, OPENED, 1, AlertKey="web / repo"),
        event("last", 2, OPENED, 2, AlertKey="openssl / web"),
        event("both", 3, OPENED, 3, AlertKey="web / id-web"),
        event("id", 4, OPENED, 4, AlertKey="id-web", RuleKind="MachineRuns"),
        event("removed", 5, OPENED, 5, AlertKey="old"),
        event("word", 6, OPENED, 6, AlertKey="deb http://a/web web main / repo"),
        event("part", 7, OPENED, 7, AlertKey="web-1"),
        event("deployment", 8, OPENED, 8, AlertKey="web", RuleKind="DeploymentRuns"),
    )
    assert ask("alerts-of-machine", "AlertId Computer", machine="*") == [
        ("first", "web"),
        ("last", "web"),
        ("both", "web"),
        ("id", "web"),
        ("removed", "old"),
    ]


@pytest.mark.usefixtures("alerts")
def test_acknowledgements_say_how_soon_somebody_took_an_alert(ask: Ask, now: datetime) -> None:
    """The newest first, each time; and when it was resolved."""
    assert ask("acknowledgements", "AlertId Caller Minutes IsFirst Note ResolvedAt") == [
        ("disk", "alice", 2700.0, False, "ordered", None),
        ("fleet", "root (alice)", 1800.0, True, "power cut", None),
        ("disk", "bob", 30.0, True, "on it", None),
    ]
    assert ask("acknowledgements", "AlertId", by="*alice*") == [("disk",), ("fleet",)]
    assert ask("acknowledgements", "TimeGenerated", days=1) == [(now - 5 * HOUR,), (now - 10 * HOUR,)]


def test_what_somebody_took_may_have_ended(ask: Ask, write_rows: WriteRows, event: Make, now: datetime) -> None:
    """The time of its end is told beside it."""
    write_rows("Alert", event("a", 3, OPENED, 3), event("a", 2.5, ACKNOWLEDGED, 3, Caller="bob"))
    write_rows("Alert", event("a", 1, RESOLVED, 3))
    assert ask("acknowledgements", "Caller Minutes ResolvedAt") == [("bob", 30.0, now - HOUR)]


@pytest.mark.usefixtures("alerts")
def test_alerts_that_opened_are_counted_by_week(ask: Ask) -> None:
    """Of the six, one opened six weeks ago, and all others since Sunday, of four rules."""
    assert ask("alerts-by-week", "Opened Critical Error Warning Informational Rules") == [
        (1, 0, 0, 1, 0, 1),
        (5, 1, 2, 2, 0, 4),
    ]
    assert ask("alerts-by-week", "Opened", days=2) == [(2,)]
