"""Rules that cannot be used are refused, and what people write of them is read."""

import pytest

from fleet.alerts.checking import check_rule
from fleet.alerts.rule import Comparison, QueryMeasure, RuleKind, RunSignal
from fleet.alerts.severity import Severity
from fleet.alerts.spelling import parse_minutes, parse_parameter, parse_threshold
from fleet.errors import BadInput
from tests.fleet.alerts.made_rules import made_rule

_RUNS: dict[str, object] = {"kind": RuleKind.DEPLOYMENT_RUNS, "measure": None, "window_minutes": 60, "split_by": ()}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "all"}, "Rule name 'all'"),
        ({"name": "0a1b2c3d"}, "not like the id of an alert"),
        ({"name": "a b"}, "Rule name"),
        ({"measure": None}, "names one"),
        ({**_RUNS, "measure": QueryMeasure("q")}, "not both"),
        ({**_RUNS, "window_minutes": 0}, "time window"),
        ({**_RUNS, "split_by": ("machine",)}, "no dimension 'machine'"),
        ({**_RUNS, "signal": RunSignal(statuses=("Faild",))}, "Did you mean 'Failed'"),
        ({**_RUNS, "signal": RunSignal(machine="web")}, "for machine runs"),
        ({**_RUNS, "signal": RunSignal(deployment="a\nb")}, "Mask"),
        ({"threshold": float("nan")}, "no threshold"),
        ({"comparison": Comparison.LESS, "threshold": 1.0}, "cannot be split"),
        ({"repeat_minutes": -1}, "repeated"),
        ({"evaluations": 0}, "evaluations"),
        ({"breaks_quiet": True}, "Only a Critical rule"),
    ],
)
def test_rule_that_cannot_be_used_is_refused(more: dict[str, object], said: str) -> None:
    """In one line that says why."""
    with pytest.raises(BadInput, match=said):
        check_rule(made_rule(**more))


def test_rules_of_all_kinds_can_be_used() -> None:
    """A rule that fires at none may not be split, others may."""
    check_rule(made_rule())
    check_rule(made_rule(**_RUNS, comparison=Comparison.LESS, threshold=1.0))
    check_rule(made_rule(severity=Severity.CRITICAL, breaks_quiet=True))
    check_rule(made_rule(measure=QueryMeasure("q", column="Free"), comparison=Comparison.LESS, threshold=5.0))


def test_spans_thresholds_and_parameters_are_read() -> None:
    """As people write them."""
    assert [parse_minutes(text) for text in ("90", "90min", "4h", "1d 12h", "2d", "0")] == [90, 90, 240, 2160, 2880, 0]
    assert parse_threshold(">= 1.5") == (Comparison.AT_LEAST, 1.5)
    assert parse_threshold("==0") == (Comparison.EQUAL, 0.0)
    assert parse_parameter("$days = 30") == ("days", "30")
    for read, text in (
        (parse_minutes, "soon"),
        (parse_threshold, "10"),
        (parse_threshold, "> e"),
        (parse_parameter, "x"),
    ):
        with pytest.raises(BadInput, match="write"):
            read(text)
