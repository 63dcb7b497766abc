"""From rows to values: counted, measured, split, held against a window, and refused where they cannot be."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from fleet.alerts.grouping import has_machines, measure_rows
from fleet.alerts.records import EVALUATION
from fleet.alerts.rule import Aggregate, AlertRule, Comparison, QueryMeasure, RuleKind
from fleet.errors import BadInput, UnknownName
from tests.fleet.alerts.made_rules import NOON, made_rule

_COLUMNS = ("Computer", "Free", "At")


def _column(aggregate: Aggregate = Aggregate.WORST, **more: object) -> AlertRule:
    return made_rule(measure=QueryMeasure("q", column="Free", aggregate=aggregate, time_column="At"), **more)


def _values(rule: AlertRule, *rows: tuple[object, ...]) -> dict[str, float | None]:
    return {each.key: each.value for each in measure_rows(rule, _COLUMNS, rows, NOON)}


def test_rows_are_counted_by_key() -> None:
    """Whatever the case of the column; names of machines are harmless text."""
    rule = made_rule(split_by=("computer",))
    assert _values(rule, ("web", 1, NOON), ("db", 2, NOON), ("web", 3, NOON)) == {"web": 2.0, "db": 1.0}
    assert _values(rule, ("\x1b[31mweb\n", 1, NOON)) == {"\ufffd[31mweb": 1.0}


@pytest.mark.parametrize("column", ["computer", "COMPUTER", "Computer"])
def test_machine_of_an_alert_is_known_however_its_column_is_spelt(column: str) -> None:
    """While it is silent its alert stays."""
    rule = made_rule(split_by=(column,))
    (instance,) = measure_rows(rule, (column, "Free"), [("web", 1)], NOON)
    assert (has_machines(rule), instance.machine) == (True, "web")


def test_rule_that_is_not_split_counts_none_too() -> None:
    """So that it can fire where there is too little."""
    assert _values(made_rule(split_by=())) == {"": 0.0}


def test_column_is_measured_as_asked() -> None:
    """The worst is the one that is nearest to firing."""
    rows = (("web", 4, NOON), ("web", Decimal("1.5"), NOON), ("web", None, NOON))
    expected = {
        Aggregate.WORST: 4.0,
        Aggregate.TOTAL: 5.5,
        Aggregate.AVERAGE: 2.75,
        Aggregate.MINIMUM: 1.5,
        Aggregate.MAXIMUM: 4.0,
    }
    assert {each: _values(_column(each), *rows)["web"] for each in Aggregate} == expected
    assert _values(_column(comparison=Comparison.LESS), *rows) == {"web": 1.5}
    assert _values(_column(comparison=Comparison.EQUAL, threshold=1.5), *rows) == {"web": 1.5}


def test_value_that_is_missing_is_not_known() -> None:
    """It is not zero."""
    assert _values(_column(), ("web", None, NOON), ("db", float("nan"), NOON)) == {"web": None, "db": None}


def test_infinity_is_a_number_that_can_be_kept() -> None:
    """A division by none; it is told in a few digits."""
    (seen,) = measure_rows(_column(), _COLUMNS, [("web", float("inf"), NOON)], NOON)
    assert seen.value is not None
    assert seen.value > 1e300
    assert len(seen.text) < 80


def test_rows_outside_the_window_do_not_count() -> None:
    """Nor do those without a time; days count from their beginning."""
    rule = replace(_column(), window_minutes=60, measure=QueryMeasure("q", time_column="At"))
    rows = (("in", 1, NOON), ("old", 1, NOON - timedelta(hours=1)), ("none", 1, None), ("day", 1, NOON.date()))
    assert _values(rule, *rows) == {"in": 1.0}


def test_what_cannot_be_measured_is_refused() -> None:
    """With the column, and the nearest one."""
    with pytest.raises(UnknownName, match="Did you mean 'Computer'"):
        _values(made_rule(split_by=("Computr",)))
    with pytest.raises(BadInput, match="column Free holds 'a lot'"):
        _values(_column(), ("web", "a lot", NOON))
    with pytest.raises(BadInput, match="column At holds 'then'"):
        _values(_column(window_minutes=5), ("web", 1, "then"))


def test_row_cannot_pass_for_the_alert_of_the_rule_itself() -> None:
    """Its key is another one."""
    assert EVALUATION not in _values(made_rule(), (EVALUATION, 1, NOON))


def test_machine_runs_are_told_with_what_they_say() -> None:
    """The first of them, without what the key says already."""
    rule = made_rule(kind=RuleKind.MACHINE_RUNS, measure=None, window_minutes=60, split_by=("deployment",))
    columns = ("deployment", "status", "machine", "run", "note")
    (seen,) = measure_rows(rule, columns, [("web", "Failed", "web-1", "r-1", "disk full")] * 2, NOON)
    assert (seen.key, seen.text) == (
        "web",
        "2 machine runs: status Failed, machine web-1, run r-1, note disk full",
    )
