"""Queries of the group Trends: their values over hand-made tables."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SECURITY, OTHERS = "Security Updates", "Others"


def test_deadlines_are_kept_by_the_month_in_which_they_fell_due(
    ask: Ask, write_rows: WriteRows, change: Make, now: datetime
) -> None:
    """A newer version settles an older one; what fell away in time was not due."""
    first = now - 50 * DAY  # due on the 31st of October
    later = now - 35 * DAY  # due on the 15th of November
    seen: Row = {"FirstSeen": first}
    write_rows(
        "UpdateHistory",
        change("a", "intime", "Needed", first),
        change("a", "intime", "Installed", first + 5 * DAY, **seen),
        change("a", "late", "Needed", first),
        change("a", "late", "Installed", first + 31 * DAY, **seen),
        change("a", "missing", "Needed", first),
        change("a", "away", "Needed", first),
        change("a", "away", "NotNeeded", first + 5 * DAY, **seen),
        change("a", "awaylate", "Needed", first),
        change("a", "awaylate", "NotNeeded", first + 40 * DAY, **seen),
        # Version 2 is superseded by 3 and so settled with it: in time for 3, late for 2.
        change("b", "both", "Needed", first),
        change("b", "both", "Needed", later, ProductVersion="3"),
        change("b", "both", "Installed", later + 20 * DAY, FirstSeen=later),
        # A step on the way is no installation of what is needed.
        change("b", "step", "Needed", later),
        change("b", "step", "Installed", later + DAY, FirstSeen=later),
        change("b", "step", "Needed", later + DAY + timedelta(microseconds=1), FirstSeen=later),
        change("b", "young", "Needed", now - 29 * DAY),
        change("b", "plain", "Needed", first, Classification=OTHERS),
    )

    assert ask("sla-by-month") == [
        (OCTOBER, SECURITY, 5, 1, 2, 2, 20.0),
        (NOVEMBER, SECURITY, 2, 1, 0, 1, 50.0),
    ]


def test_installations_are_told_by_who_made_them(
    ask: Ask, write_rows: WriteRows, change: Make, step: Make, now: datetime
) -> None:
    """By the month in which a scan noticed them."""
    seen: Row = {"FirstSeen": now - 40 * DAY}
    write_rows(
        "UpdateHistory",
        change("a", "p", "Installed", now - DAY, **seen),
        change("b", "p", "Installed", now - DAY, **seen),
        change("a", "q", "Installed", now - DAY, Classification=OTHERS, **seen),
        change("a", "r", "Installed", now - 30 * DAY, **seen),
        change("a", "s", "NotNeeded", now - 30 * DAY, **seen),
    )
    write_rows("UpdateRunProgress", step("a", "r1", "p", "Succeeded", now - DAY - HOUR))

    assert ask("installed-by-month") == [
        (OCTOBER, SECURITY, 1, 0, 1, 1),
        (NOVEMBER, OTHERS, 1, 0, 1, 1),
        (NOVEMBER, SECURITY, 2, 1, 1, 2),
    ]


def test_coverage_is_over_all_machines_with_the_tag(
    ask: Ask, write_rows: WriteRows, machine: Make, turn: Make, now: datetime
) -> None:
    """Also in a month without runs; machines count from the month of their enrolment."""
    prod: Row = {"Tags": '{"env":"prod"}'}
    write_rows(
        "Machine",
        machine("a", **prod),
        machine("b", **prod),
        machine("c", AddedAt=now - DAY, **prod),
        machine("d"),
        machine("off", Enabled=False, **prod),
    )
    write_rows(
        "MachineRun",
        turn("a", "r1", now - 30 * DAY, Status="Failed"),
        turn("a", "r2", now - 29 * DAY),
        turn("b", "r2", now - 29 * DAY, Status="Unreachable"),
        turn("b", "r3", now - DAY, Status="NotStarted"),
    )

    assert ask("coverage-by-tag", months=2) == [
        (OCTOBER, "(untagged)", 1, 0, 0, 0.0),
        (OCTOBER, "prod", 2, 2, 1, 50.0),
        (NOVEMBER, "(untagged)", 1, 0, 0, 0.0),
        (NOVEMBER, "prod", 3, 0, 0, 0.0),
    ]


def test_missing_updates_of_a_day_are_by_each_machines_last_answer(
    ask: Ask, write_rows: WriteRows, now: datetime
) -> None:
    """Days without answers are there; who could not tell is counted."""

    def answer(name: str, at: datetime, critical: int | None, security: int | None, others: int | None) -> Row:
        counts = {"CriticalUpdatesMissing": critical, "SecurityUpdatesMissing": security, "OtherUpdatesMissing": others}
        return {"TimeGenerated": at, "SourceComputerId": name, "Computer": name, **counts}

    write_rows(
        "UpdateSummary",
        answer("a", now - 2 * DAY, 5, 5, 5),
        answer("a", now - 2 * DAY + HOUR, 1, 2, 3),
        answer("b", now - 2 * DAY, 0, 4, 0),
        answer("c", now - 2 * DAY, 1, None, 1),
        answer("c", now, None, None, None),
    )
    today = now.date()

    assert ask("missing-over-time", days=3) == [
        (today - 2 * DAY, 3, 2, 6, 4, 1, 3.5),
        (today - DAY, 0, 0, 0, 0, 0, None),
        (today, 1, 0, 0, 0, 1, None),
    ]


def test_runs_are_counted_by_outcome_and_month(ask: Ask, write_rows: WriteRows, run: Make, now: datetime) -> None:
    """In the month in which they began, by the last word on each."""
    write_rows(
        "DeploymentRun",
        run("weekly", "r1", now - 30 * DAY, MachinesTargeted=4, MachinesSucceeded=3, Status="Failed"),
        run("weekly", "r2", now - 29 * DAY, MachinesTargeted=4, MachinesSucceeded=4),
        run("weekly", "r3", now - DAY, Status="InProgress"),
        run("weekly", "r3", now, StartTime=now - DAY, Status="Cancelled", MachinesTargeted=2, MachinesSucceeded=1),
        run("monthly", "r4", now, Status="Paused", MachinesTargeted=0, MachinesSucceeded=0),
    )

    assert ask("runs-by-month") == [
        (OCTOBER, 2, 1, 1, 0, 0, 8, 7, 87.5),
        (NOVEMBER, 2, 0, 0, 1, 1, 2, 1, 50.0),
    ]
    assert ask("runs-by-month", "Month Runs", run="month*") == [(NOVEMBER, 1)]


def test_answers_are_counted_by_the_hour(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Each machine once an hour, each answer as often as it came."""
    beats = [("a", 0), ("a", 10), ("b", 59), ("a", 60), ("c", 49 * 60)]
    write_rows(
        "Heartbeat",
        *(
            {"TimeGenerated": now - timedelta(minutes=minutes + 1), "SourceComputerId": name, "Computer": name}
            for name, minutes in beats
        ),
    )

    assert ask("answers-by-hour") == [(now - 2 * HOUR, 1, 1), (now - HOUR, 2, 3)]
