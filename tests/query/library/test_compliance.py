"""Queries of the group Compliance, and those over its history: their values over hand-made tables."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from fleet.answers import Coverage
from fleet.assessments import MissingCounts
from fleet.compliance import Compliance, judge
from fleet.failures import FailureKind
from fleet.machines import OSType

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[Any]]  # rows of columns of several types
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """A machine, the domain's verdict on it, what it would be if it were enabled, and whether it failed just now."""

    name: str
    verdict: Compliance
    verdict_if_enabled: Compliance
    is_counted_now: bool


@pytest.fixture
def every_case(write_rows: WriteRows, machine: Make, attempt: Make, now: datetime) -> list[Case]:
    """Machines of every combination of what is known of one, each with the domain's verdict."""
    ages = (None, HOUR, 5 * HOUR, 6 * HOUR, 15 * HOUR)
    cases, machines, attempts = [], [], []
    combined = itertools.product((True, False), (None, *FailureKind), ages, OSType, Coverage, (0, 2), (0, 1))
    # A query answers with at most 10,000 rows; of disabled machines, what they failed by changes nothing.
    every = (each for each in combined if each[0] or each[1] in (None, FailureKind.LOGIN_REFUSED, FailureKind.INTERNAL))
    for number, (enabled, failure, age, os_type, coverage, security, unclassified) in enumerate(every):
        name = f"m{number:04}"
        answered_at = None if age is None else now - age
        verdict = partial(
            judge,
            now=now,
            os_type=os_type,
            last_failure=failure,
            answered_at=answered_at,
            coverage=coverage,
            counts=MissingCounts(security=security, unclassified=unclassified),
        )
        cases.append(Case(name, verdict(enabled=enabled), verdict(enabled=True), enabled or failure is not None))
        said: Row = {
            "Coverage": coverage.value,
            "OSType": os_type.value,
            "SecurityUpdatesMissing": security,
            "UnclassifiedUpdatesMissing": unclassified,
        }
        last: Row = {"FailureKind": failure.value if failure else ""}
        outcome = "failed" if failure else "succeeded"
        machines.append(machine(name, Enabled=enabled, LastAnswered=answered_at, LastOutcome=outcome, **said, **last))
        attempts += [attempt(name, answered_at, **said)] if answered_at else []
        attempts += [attempt(name, now, Outcome=outcome, **said, **last)] if failure else []
    write_rows("Machine", *machines)
    write_rows("Assessment", *attempts)
    return cases


def test_compliance_at_a_date_judges_as_the_domain_does(ask: Ask, every_case: list[Case]) -> None:
    """At this instant, for every combination; of disabled machines, those that were assessed at it."""
    expected = Counter(case.verdict_if_enabled.value for case in every_case if case.is_counted_now)

    assert dict(ask("compliance-at", "Compliance Machines", at="0 days")) == expected


def test_machines_are_listed_with_the_domains_verdict(ask: Ask, every_case: list[Case]) -> None:
    """Each with its own."""
    answer = dict(ask("machines-and-updates", "Computer Compliance"))

    assert answer == {case.name: case.verdict.value for case in every_case}


def test_chosen_machines_are_judged_as_the_domain_does(ask: Ask, every_case: list[Case]) -> None:
    """Each, and summed up, for every combination."""
    expected = {case.name: case.verdict.value for case in every_case}

    assert dict(ask("machines-judged", "Computer Compliance")) == expected
    assert dict(ask("compliance-of-machines", "Compliance Machines")) == Counter(expected.values())


def test_compliance_by_tag_sums_up_to_the_domains_verdicts(ask: Ask, every_case: list[Case]) -> None:
    """Of all enabled machines, none of which has the tag."""
    enabled = [case.verdict for case in every_case if case.verdict is not Compliance.DISABLED]
    count = Counter(enabled)

    assert ask("compliance-by-tag") == [
        (
            "(untagged)",
            len(enabled),
            count[Compliance.COMPLIANT] + count[Compliance.NON_COMPLIANT],
            count[Compliance.COMPLIANT],
            count[Compliance.NON_COMPLIANT],
            count[Compliance.UNKNOWN],
            count[Compliance.STALE],
            count[Compliance.UNREACHABLE] + count[Compliance.FAILED],
            count[Compliance.NOT_ASSESSED],
            pytest.approx(100 * count[Compliance.COMPLIANT] / len(enabled), abs=0.0501),  # rounded
        )
    ]


def test_machines_outside_the_scope_are_counted_apart(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """They are neither compliant nor not assessed."""
    write_rows("Machine", machine("in", LastAnswered=None), machine("out", InScope=False, LastAnswered=None))

    assert dict(ask("fleet-compliance", "Compliance Machines")) == {"not-assessed": 1, "outside-scope": 1}
    assert dict(ask("machines-and-updates", "Computer Compliance"))["out"] == "outside-scope"
    assert ask("compliance-by-tag", "Machines") == [(1,)]
    assert ask("not-assessed", "Computer") == [("in",)]


def test_compliance_by_tag_has_a_row_for_each_value(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """The least compliant first; names of tags are any text."""
    write_rows(
        "Machine",
        machine("a", Tags='{"$.x":"one"}'),
        machine("b", Tags='{"$.x":"one"}', SecurityUpdatesMissing=1),
        machine("c", Tags='{"$.x":"two"}', SecurityUpdatesMissing=1),
        machine("off", Tags='{"$.x":"two"}', Enabled=False),
    )

    assert ask("compliance-by-tag", "Value Machines Compliant Percent", tag="$.x") == [
        ("two", 1, 0, 0.0),
        ("one", 2, 1, 50.0),
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-10", {"non-compliant": 1, "compliant": 1}),
        ("2026-11-12", {"compliant": 2, "non-compliant": 1}),
        ("2026-11-14", {"compliant": 1, "stale": 1}),
        ("6 days", {"compliant": 1, "stale": 1}),
        ("2026-10-01", {}),
    ],
)
def test_compliance_at_a_date_is_that_of_then(
    ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, at: str, expected: dict[str, int]
) -> None:
    """A machine that is removed counts while it was assessed; one that was not enrolled yet does not."""
    early, later, last = (datetime.fromisoformat(f"2026-11-{day}T00:00:00+00:00") for day in ("10", "12", "14"))
    write_rows(
        "Machine",
        machine("steady", AddedAt=early - DAY),
        machine("new", AddedAt=later),
    )
    write_rows(
        "Assessment",
        attempt("steady", early, SecurityUpdatesMissing=3),
        attempt("gone", early),
        attempt("steady", later),
        attempt("new", later),
        attempt("gone", later, CriticalUpdatesMissing=1),
        attempt("steady", last),
        attempt("steady", last + 12 * HOUR),
    )

    assert dict(ask("compliance-at", "Compliance Machines", at=at)) == expected


def test_compliance_at_a_date_sees_security_updates_that_the_summary_does_not_know(
    ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, change: Make, now: datetime
) -> None:
    """As long as they were needed."""
    unsure: Row = {"Coverage": "security-unknown", "SecurityUpdatesMissing": None}
    write_rows("Machine", machine("web"))
    write_rows("Assessment", attempt("web", now - 2 * DAY, **unsure), attempt("web", now - DAY, **unsure))
    write_rows(
        "UpdateHistory",
        change("web", "openssl", "Needed", now - 2 * DAY),
        change("web", "openssl", "Installed", now - DAY),
    )

    assert ask("compliance-at", "Compliance Machines", at="2 days") == [("non-compliant", 1)]
    assert ask("compliance-at", "Compliance Machines", at="1 day") == [("unknown", 1)]


def test_machines_summary_counts_machines_by_need(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """One that needs two classes counts in both; who saw nothing because it could not look is unknown."""
    write_rows(
        "Machine",
        machine("both"),
        machine("plain"),
        machine("clean"),
        machine("blind", Coverage="unknown"),
        machine("stale", LastAnswered=now - 6 * HOUR),
        machine("never", LastAnswered=None, LastOutcome="", OSType=""),
        machine("off", Enabled=False),
        machine("outside", InScope=False),
    )
    write_rows(
        "Update",
        change("both", "a", "Needed", now, Classification="Critical Updates"),
        change("both", "b", "Needed", now),
        change("plain", "c", "Needed", now, Classification="Others"),
        change("stale", "d", "Needed", now),
        change("off", "e", "Needed", now),
    )

    assert ask("machines-summary") == [
        ("Linux", 5, 4, 1, 1, 1, 1, 1, 1, 1, 1),
        ("unknown", 1, 0, 0, 0, 0, 0, 0, 1, 0, 0),
    ]


def test_breaches_are_those_whose_time_is_over(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """By class; the latest past first; disabled machines and ordinary updates have no deadline."""
    critical: Row = {"Classification": "Critical Updates"}
    write_rows("Machine", machine("a"), machine("off", Enabled=False))
    write_rows(
        "Update",
        change("a", "late", "Needed", now - 10 * DAY, **critical),
        change("a", "just", "Needed", now - 7 * DAY, **critical),
        change("a", "later", "Needed", now - 41 * DAY),
        change("a", "young", "Needed", now - 29 * DAY),
        change("a", "plain", "Needed", now - 400 * DAY, Classification="Others"),
        change("off", "late", "Needed", now - 400 * DAY),
    )

    assert ask("sla-breaches", "Product DueAt DaysLate") == [
        ("later", now - 11 * DAY, 11),
        ("late", now - 3 * DAY, 3),
    ]
    assert ask("sla-breaches", "Product", critical_days=30, security_days=28) == [("later",), ("young",)]


def test_compliance_of_each_day_is_by_the_last_answer_of_that_day(
    ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, now: datetime
) -> None:
    """Silent machines are in the denominator; removed ones while they were assessed; new ones from their first day."""
    write_rows(
        "Machine",
        machine("a", Tags='{"env":"prod"}'),
        machine("b", AddedAt=now - DAY, OSType="Windows", Tags="{}"),
        machine("off", Enabled=False),
    )
    write_rows(
        "Assessment",
        attempt("a", now - 2 * DAY, SecurityUpdatesMissing=1),
        attempt("a", now - 2 * DAY + HOUR),
        attempt("a", now - DAY, Outcome="failed", SecurityUpdatesMissing=None, CriticalUpdatesMissing=None),
        attempt("a", now, Coverage="security-unknown", SecurityUpdatesMissing=None),
        attempt("b", now - DAY, CriticalUpdatesMissing=1, OSType="Windows"),
        attempt("gone", now - 2 * DAY),
        attempt("gone", now - DAY),
        attempt("off", now - 2 * DAY),
    )
    days = [date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)]

    assert ask("compliance-over-time", days=3) == [
        (days[0], "fleet", 3, 3, 3, 0, 0, 100.0),
        (days[1], "fleet", 3, 2, 1, 1, 0, 33.3),
        (days[2], "fleet", 2, 1, 0, 0, 1, 0.0),
    ]
    assert ask("compliance-over-time", "Day Part Machines", days=2, by="tag") == [
        (days[1], "(removed)", 1),
        (days[1], "(untagged)", 1),
        (days[1], "prod", 1),
        (days[2], "(untagged)", 1),
        (days[2], "prod", 1),
    ]
    assert [row[:1] for row in ask("compliance-over-time", "Part", days=1, by="os")] == [("Linux",), ("Windows",)]
