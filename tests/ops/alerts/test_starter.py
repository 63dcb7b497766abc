"""The starter set: enough of it, usable as it is, off until somebody chooses."""

from dataclasses import replace

import pytest

from fleet.alerts.rule import AlertRule
from ops.alerts.book import define_rule, enable_rule, find_rule, list_rules
from ops.alerts.evaluating import measure_rules, new_id
from ops.alerts.starter import list_starters
from ops.config import Settings
from ops.home import Home
from tests.ops.alerts.conftest import NOON

_STARTERS = list_starters()


def test_set_holds_what_the_issue_names() -> None:
    """Each with a reason that says what to do, off, and told to nobody."""
    names = {rule.name for rule in _STARTERS}
    assert len(names) == len(_STARTERS) >= 10
    assert {
        "security-overdue",
        "not-assessed",
        "no-return",
        "run-failed",
        "failure-budget",
        "window-exceeded",
        "repository-stale",
        "disk-low",
        "clones",
        "host-key-changed",
        "end-of-life",
        "known-exploited",
    } <= names
    assert not any(rule.is_enabled or rule.channels or not rule.description for rule in _STARTERS)


@pytest.mark.parametrize("rule", _STARTERS, ids=lambda rule: rule.name)
def test_each_can_be_kept(home: Home, rule: AlertRule) -> None:
    """Its query is there, takes its parameters and gives its columns."""
    define_rule(home, replace(rule, id=new_id(), is_enabled=True, channels=("ops",)))
    assert [each.name for each in list_rules(home)] == [rule.name]


def test_all_can_be_evaluated_over_nothing(home: Home) -> None:
    """A new home fires at nothing but that nothing was deployed."""
    findings = measure_rules(home, Settings(), _STARTERS, NOON)
    assert [each.measured.problem for each in findings] == [""] * len(_STARTERS)
    fires = [
        each.rule.name
        for each in findings
        if any(one.value is not None and each.rule.finds(one.value) for one in each.measured.instances)
    ]
    assert fires == ["nothing-deployed"]


def test_starter_is_added_by_enabling_it(home: Home) -> None:
    """A second time changes nothing."""
    assert enable_rule(home, "disk-low", enabled=True)[1]
    assert not enable_rule(home, "disk-low", enabled=True)[1]
    assert find_rule(home, "disk-low").starter == "disk-low"
