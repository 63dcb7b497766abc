"""Messages: one for a rule however much fires, and one for many rules at once."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from fleet.alerts.measured import Instance, Measured
from fleet.alerts.severity import Severity
from fleet.alerts.telling import Posting, bundle, tell
from fleet.messages import MessageKind
from tests.fleet.alerts.made_rules import Watched, found, made_rule


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Ids that are numbered."""
    numbers = itertools.count(1)
    return lambda: f"message-{next(numbers)}"


def _posting(name: str, channels: tuple[str, ...], new_id: Callable[[], str], severity: Severity) -> Posting:
    rule = made_rule(name=name, channels=channels, severity=severity)
    posting = tell(rule, Watched(rule).see(found(web=1.0)).told, Watched(rule).now, new_id)
    assert posting is not None
    return posting


def test_ten_thousand_alerts_are_one_message(new_id: Callable[[], str]) -> None:
    """With the first ten of them and their number."""
    watched = Watched(made_rule())
    told = watched.see(Measured(tuple(Instance(f"m-{n:05}", 1.0, "disk full") for n in range(10_000)))).told
    posting = tell(watched.rule, told, watched.now, new_id)
    assert posting is not None
    message = posting.message
    assert message.title == "disk-low: 10,000 opened"
    assert (message.item_count, len(message.items), message.items[0]) == (10_000, 10, "m-00000: disk full")
    assert message.kind is MessageKind.ALERT_OPENED


def test_message_names_the_one_that_it_is_about(new_id: Callable[[], str]) -> None:
    """And what is to be done."""
    posting = _posting("disk-low", ("ops",), new_id, Severity.ERROR)
    assert posting.message.title == "disk-low: opened: web"
    assert "patchdeck alerts ack disk-low --note" in posting.message.text
    assert posting.channels == ("ops",)


def test_end_of_a_critical_alert_is_not_critical(new_id: Callable[[], str]) -> None:
    """Nobody is woken for it."""
    watched = Watched(made_rule(severity=Severity.CRITICAL))
    watched.see(found(web=1.0))
    posting = tell(watched.rule, watched.see(found()).told, watched.now, new_id)
    assert posting is not None
    assert posting.message.severity is Severity.INFORMATIONAL
    assert (posting.message.kind, posting.message.title) == (
        MessageKind.ALERT_RESOLVED,
        "disk-low: resolved: web",
    )


def test_rule_without_channels_tells_nobody(new_id: Callable[[], str]) -> None:
    """It shows in the list of open alerts."""
    watched = Watched(made_rule(channels=()))
    assert tell(watched.rule, watched.see(found(web=1.0)).told, watched.now, new_id) is None


def test_many_rules_at_once_are_one_message_for_a_channel(new_id: Callable[[], str]) -> None:
    """A channel with few of them has each; channels with the same ones share their message."""
    all_of_them = [_posting(f"rule-{n}", ("ops", "chat"), new_id, Severity.WARNING) for n in range(4)]
    all_of_them[0] = replace(all_of_them[0], channels=("ops", "chat", "boss"))
    told = bundle(all_of_them, new_id)

    assert [(posting.message.item_count, posting.channels) for posting in told] == [
        (1, ("boss",)),
        (4, ("ops", "chat")),
    ]
    assert told[1].message.title == "4 alert rules at once, first rule-0: opened: web"
    assert bundle(all_of_them[:3], new_id) == all_of_them[:3]
