"""Queries of chosen machines and of periods, which reports ask: their values over hand-made tables."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[Any]]  # rows of columns of several types
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_machines_are_chosen_by_id_or_by_name(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """Several with commas between them; a name that nobody has chooses nobody, and never everybody."""
    write_rows("Machine", machine("a"), machine("b", SecurityUpdatesMissing=1), machine("c", Enabled=False))
    name = "compliance-of-machines"

    assert dict(ask(name, "Compliance Machines")) == {"non-compliant": 1, "compliant": 1, "disabled": 1}
    assert dict(ask(name, "Compliance Machines", machines="id-a,b")) == {"non-compliant": 1, "compliant": 1}
    assert ask(name, machines="nobody") == ask(name, machines="") == []
    assert ask("machines-judged", "Computer", machines="id-c") == [("c",)]


def test_judgement_says_what_it_rests_on(ask: Ask, write_rows: WriteRows, machine: Make, now: datetime) -> None:
    """A sentence for each; counts of who never answered are unknown."""
    write_rows(
        "Machine",
        machine("gone", FailureKind="no-banner", FailureText="no banner within 10 s", LastOutcome="failed"),
        machine("never", LastAnswered=None, LastOutcome=""),
        machine("old", LastAnswered=now - 9 * HOUR),
        machine("off", Enabled=False),
        machine("out", InScope=False),
        machine("well"),
    )
    assert ask("machines-judged", "Computer Compliance Because Security") == [
        ("gone", "unreachable", "no banner within 10 s", 0),
        ("never", "not-assessed", "never answered", None),
        ("off", "disabled", "disabled: not assessed and not patched", 0),
        ("old", "stale", "last answer 9 hours ago", 0),
        ("out", "outside-scope", "outside of the scope: never touched", 0),
        ("well", "compliant", "nothing critical or security missing", 0),
    ]
    assert ask("machines-left-out", "Computer LeftOut") == [("off", "disabled"), ("out", "outside-scope")]


def test_systems_count_who_is_not_judged(ask: Ask, write_rows: WriteRows, machine: Make, now: datetime) -> None:
    """Stale machines stand in the denominator; disabled ones do not."""
    system: Row = {"OSFullName": "Debian 12"}
    write_rows(
        "Machine",
        machine("a", **system),
        machine("b", **system, LastAnswered=now - DAY),
        machine("c", **system, Enabled=False),
        machine("d", LastAnswered=None, OSFullName="", OSName="", OSVersion=""),
    )
    assert ask("compliance-by-system") == [("(unknown)", 1, 0, 0, 1, 0.0), ("Debian 12", 2, 1, 0, 1, 50.0)]


def test_age_is_of_those_that_ever_answered(ask: Ask, write_rows: WriteRows, machine: Make, now: datetime) -> None:
    """One row, with the denominator."""
    write_rows(
        "Machine",
        machine("a", LastAnswered=now - 2 * HOUR),
        machine("b", LastAnswered=now - 10 * HOUR),
        machine("c", LastAnswered=None),
    )
    assert ask("age-of-answers") == [(3, 2, 1, now - 10 * HOUR, now - 2 * HOUR, 6.0)]


def test_day_without_an_answer_is_not_compliant(
    ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, now: datetime
) -> None:
    """Of the machines that were enrolled on that day; disabled ones and those outside of the scope are not counted."""
    left_out = machine("off", Enabled=False), machine("out", InScope=False)
    write_rows("Machine", machine("a"), machine("b"), machine("new", AddedAt=now), *left_out)
    write_rows("Assessment", attempt("a", now), attempt("a", now - DAY), attempt("b", now, SecurityUpdatesMissing=1))

    assert ask("compliance-by-day", "Day Machines Answered Compliant NonCompliant", days=2) == [
        (date(2026, 11, 19), 2, 1, 1, 0),
        (date(2026, 11, 20), 3, 2, 1, 1),
    ]


def test_latency_follows_each_version_to_its_end(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """Installed, or a newer one of it; missing until now; fallen away; unknown where the machine is gone. What was
    first needed before the period is not in it.
    """
    seen = now - 20 * DAY
    newer: Row = {"ProductVersion": "3", "FirstSeen": seen + 3 * DAY}
    write_rows("Machine", machine("a"))
    write_rows(
        "UpdateHistory",
        change("a", "curl", "Needed", seen),
        change("a", "curl", "Installed", seen + 2 * DAY, FirstSeen=seen),
        change("a", "vim", "Needed", seen),
        change("a", "vim", "Needed", seen + 3 * DAY, **newer),
        change("a", "vim", "Installed", seen + 9 * DAY, **newer),
        change("a", "bash", "Needed", seen),
        change("a", "zsh", "Needed", seen),
        change("a", "zsh", "NotNeeded", seen + DAY, FirstSeen=seen),
        change("gone", "curl", "Needed", seen),
        change("a", "old", "Needed", now - 99 * DAY),
    )
    columns = (
        "Needed Installed Missing FellAway Unknown InstalledPercent Within7 MedianDays LongestDays OldestMissingDays"
    )

    assert ask("latency-by-class", columns) == [(6, 3, 1, 1, 1, 60.0, 2, 6.0, 9.0, 20.0)]
    assert ask("latency-by-class", "Needed Unknown", machines="a") == [(5, 0)]
    assert ask("latency-by-class", since="10 days") == []
    assert ask("latency-by-class", "Needed", since="2026-11-03") == [(1,)]
    assert ask("latency-in-steps", "Took Versions") == [
        ("up to 3 days", 1),
        ("up to 7 days", 1),
        ("up to 14 days", 1),
        ("missing until now", 1),
        ("unknown", 1),
    ]
    assert ask("latency-by-month", "Month Needed Installed") == [(date(2026, 10, 1), 5, 2), (date(2026, 11, 1), 1, 1)]
    assert ask("latency-of-machines", "Computer Needed Missing MissingImportant") == [("a", 5, 1, 1), ("gone", 1, 0, 0)]
    assert ask("latency-slowest", "Computer Product Ending LatencyDays", most=2) == [
        ("a", "bash", "missing", 20.0),
        ("gone", "curl", "unknown", 20.0),
    ]


def test_runs_of_a_period_are_told_by_what_became_of_them_last(
    ask: Ask, write_rows: WriteRows, machine: Make, turn: Make, step: Make, now: datetime
) -> None:
    """A run belongs where it began; a machine counts as often as it took part; one run can be asked for by its id."""
    run: Row = {"UpdateRunName": "weekly", "StartTime": now - DAY, "MachinesTargeted": 2}
    write_rows("Machine", machine("a"), machine("b"))
    write_rows(
        "DeploymentRun",
        {**run, "TimeGenerated": now - DAY, "CorrelationId": "r1", "Status": "InProgress"},
        {**run, "TimeGenerated": now - HOUR, "CorrelationId": "r1", "Status": "Failed", "EndTime": now - HOUR},
        {**run, "TimeGenerated": now - 9 * DAY, "CorrelationId": "r0", "Status": "Failed", "StartTime": now - 9 * DAY},
    )
    write_rows(
        "MachineRun",
        turn("a", "r1", now - DAY, Status="InProgress"),
        turn("a", "r1", now - HOUR, UpdatesSucceeded=3, UpdatesFailed=0),
        turn("b", "r1", now - HOUR, Status="Failed", UpdatesSucceeded=1, UpdatesFailed=2),
        turn("a", "r0", now - 9 * DAY),
    )
    write_rows(
        "UpdateRunProgress",
        step("a", "r1", "curl", "InProgress", now - DAY),
        step("a", "r1", "curl", "Succeeded", now - HOUR),
        step("b", "r1", "vim", "InstallFailed", now - HOUR),
        step("b", "r1", "zsh", "NotIncluded", now - HOUR),
    )

    assert ask("runs-between", "CorrelationId Status Minutes", since="2 days") == [("r1", "Failed", 23 * 60)]
    assert ask("runs-between", "CorrelationId", until="2 days") == [("r0",)]
    assert ask("runs-between", "CorrelationId", machines="b") == [("r1",)]
    assert ask("machine-runs-by-status", "Status MachineRuns Machines UpdatesSucceeded", run="r1") == [
        ("Succeeded", 1, 1, 3),
        ("Failed", 1, 1, 1),
    ]
    assert ask("machine-runs-between", "Computer CorrelationId Status", run="weekly") == [
        ("b", "r1", "Failed"),
        ("a", "r0", "Succeeded"),
        ("a", "r1", "Succeeded"),
    ]
    assert dict(ask("updates-of-runs-by-status", "InstallationStatus Updates")) == {
        "Succeeded": 1,
        "InstallFailed": 1,
        "NotIncluded": 1,
    }
    assert ask("updates-of-runs", "Computer Product InstallationStatus") == [
        ("b", "vim", "InstallFailed"),
        ("a", "curl", "Succeeded"),
    ]


def test_what_is_held_and_who_is_not_reached(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, turn: Make, now: datetime
) -> None:
    """Holds of the machine itself; machines in no run for long, also those that only waited in one."""
    write_rows("Machine", machine("a"), machine("b"), machine("c", Enabled=False))
    write_rows("MachineRun", turn("a", "r1", now - 3 * DAY), turn("b", "r1", now - 3 * DAY, Status="NotStarted"))
    write_rows(
        "Update",
        change("a", "curl", "Needed", now - 9 * DAY, NotInstallableReason="held", IsInstallable=False),
        change("b", "curl", "Needed", now, NotInstallableReason="phased", IsInstallable=False),
        change("b", "vim", "Needed", now),
    )
    assert ask("held-on-machines", "Computer Product MissingDays") == [("a", "curl", 9)]
    assert ask("held-on-machines", machines="b") == []
    assert ask("machines-no-run-reached", "Computer LastRun") == [("b", None)]
    assert ask("missing-by-class-of-machines", "Updates Machines Missing NotInstallable") == [(2, 2, 3, 2)]
    assert ask("missing-by-class-of-machines", "Missing", machines="a") == [(1,)]
