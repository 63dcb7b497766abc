"""Queries of the group Deployment history: their values over hand-made tables."""

from collections.abc import Callable
from datetime import datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_progress_counts_the_last_step_of_each_update(
    ask: Ask, write_rows: WriteRows, step: Make, now: datetime
) -> None:
    """One row a machine of a run, those with failures first, the latest run before others."""
    steps = [
        step("a", "r1", "curl", "NotStarted", now - 3 * DAY),
        step("a", "r1", "curl", "InProgress", now - 3 * DAY + HOUR),
        step("a", "r1", "curl", "Succeeded", now - 3 * DAY + 2 * HOUR, SucceededOnRetry=True),
        step("a", "r2", "vim", "InProgress", now - DAY),
        step("a", "r2", "curl", "Excluded", now - DAY),
        step("b", "r2", "vim", "InProgress", now - DAY),
        step("b", "r2", "vim", "InstallFailed", now - DAY + HOUR, ErrorResult="no space"),
        step("b", "r2", "bash", "Failed", now - DAY, ErrorResult="broken"),
        step("b", "r2", "zsh", "MaintenanceWindowExceeded", now - DAY + HOUR),
        step("b", "r2", "nano", "NotIncluded", now - DAY),
        step("b", "r0", "nano", "Succeeded", now - 31 * DAY),
    ]
    write_rows("UpdateRunProgress", *steps)
    columns = (
        "CorrelationId Computer Updates Succeeded Failed Waiting WindowExceeded NotIncluded Excluded OnRetry FirstError"
    )

    assert ask("run-progress", columns) == [
        ("r2", "b", 4, 0, 2, 0, 1, 1, 0, 0, "broken"),
        ("r2", "a", 2, 0, 0, 1, 0, 0, 1, 0, None),
        ("r1", "a", 1, 1, 0, 0, 0, 0, 0, 1, None),
    ]
    assert ask("run-progress", "CorrelationId", machine="b", run="week*") == [("r2",)]


def test_update_keeps_failing_until_it_succeeds_once(
    ask: Ask, write_rows: WriteRows, step: Make, change: Make, now: datetime
) -> None:
    """Runs in a row count; those that left it out do not; a success ends it."""
    failed: Row = {"ErrorResult": "dpkg"}
    write_rows(
        "UpdateRunProgress",
        step("a", "r1", "grub", "Succeeded", now - 9 * DAY),
        step("a", "r2", "grub", "Failed", now - 8 * DAY, **failed),
        step("a", "r3", "grub", "NotIncluded", now - 7 * DAY),
        step("a", "r4", "grub", "InProgress", now - 6 * DAY),
        step("a", "r4", "grub", "InstallFailed", now - 6 * DAY + HOUR, ErrorResult="again"),
        step("a", "r2", "curl", "Failed", now - 8 * DAY),
        step("a", "r4", "curl", "Failed", now - 6 * DAY),
        step("a", "r5", "curl", "Succeeded", now - 5 * DAY),
        step("b", "r2", "vim", "Failed", now - 8 * DAY),
        step("b", "r3", "vim", "Failed", now - 7 * DAY),
        step("b", "r4", "vim", "Failed", now - 6 * DAY, ErrorResult="held"),
        step("c", "r2", "grub", "Failed", now - 8 * DAY),
    )
    write_rows("Update", change("a", "grub", "Needed", now))

    assert ask("failing-updates", "Computer Product Failures FailingSince LastError StillMissing") == [
        ("b", "vim", 3, now - 8 * DAY, "held", False),
        ("a", "grub", 2, now - 8 * DAY, "again", True),
    ]
    assert len(ask("failing-updates", failures=1)) == 3


def test_overruns_are_measured_from_the_close_of_the_window(
    ask: Ask, write_rows: WriteRows, run: Make, turn: Make, now: datetime
) -> None:
    """Who ended in time and lacked none of it is not shown."""
    closes: Row = {"WindowCloses": now - DAY}
    write_rows("DeploymentRun", run("weekly", "r1", now - 26 * HOUR, **closes), run("once", "r2", now - DAY))
    write_rows(
        "MachineRun",
        turn("late", "r1", now, EndTime=now - DAY + timedelta(seconds=90)),
        turn("fine", "r1", now, EndTime=now - DAY),
        turn("short", "r1", now, EndTime=now - 25 * HOUR, Status="MaintenanceWindowExceeded", UpdatesNotAttempted=4),
        turn("open", "r2", now, EndTime=now),
    )

    assert ask("window-overruns", "Computer OverrunMinutes UpdatesNotAttempted") == [
        ("late", 1.5, 0),
        ("short", 0.0, 4),
    ]


def test_success_rate_is_over_all_machines_of_ended_runs(
    ask: Ask, write_rows: WriteRows, run: Make, now: datetime
) -> None:
    """By the last word on each run."""
    counts: Row = {"MachinesTargeted": 4, "MachinesSucceeded": 1, "MachinesFailed": 2, "MachinesNotAttempted": 1}
    write_rows(
        "DeploymentRun",
        run("weekly", "r1", now - 9 * DAY, Status="InProgress", MachinesTargeted=4, MachinesSucceeded=0),
        run("weekly", "r1", now - 8 * DAY, Status="Failed", StartTime=now - 9 * DAY, **counts),
        run("weekly", "r2", now - 2 * DAY, MachinesTargeted=2, MachinesSucceeded=2),
        run("weekly", "r3", now - HOUR, Status="InProgress", MachinesTargeted=9),
        run("empty", "r4", now, MachinesTargeted=0, MachinesSucceeded=0),
    )

    assert ask("success-rates") == [
        ("weekly", 2, 1, 6, 3, 2, 1, 0, 50.0, now - 2 * DAY),
        ("empty", 1, 1, 0, 0, 0, 0, 0, None, now),
    ]


def test_longest_installations_are_by_their_median(ask: Ask, write_rows: WriteRows, step: Make, now: datetime) -> None:
    """Of succeeded installations whose time is known."""

    def took(name: str, product: str, seconds: float, status: str = "Succeeded") -> Row:
        began = now - DAY
        return step(name, name, product, status, now, StartTime=began, EndTime=began + timedelta(seconds=seconds))

    write_rows(
        "UpdateRunProgress",
        *(took(name, "kernel", seconds) for name, seconds in (("a", 10), ("b", 30), ("c", 100), ("d", 20))),
        *(took(name, "vim", 2) for name in "ab"),
        took("c", "vim", 900, "Failed"),
        step("d", "d", "vim", "Succeeded", now, StartTime=None, EndTime=now),
    )
    columns = "Product Installations Machines MedianSeconds P95Seconds LongestSeconds LongestOn"

    # Of 10, 20, 30, 100: the 95th hundredth lies 0.85 of the way from the third to the fourth.
    assert ask("longest-installations", columns) == [("kernel", 4, 4, 25.0, 89.5, 100.0, "c")]
    assert [row[0] for row in ask("longest-installations", "Product", installations=1)] == ["kernel", "vim"]


def test_missed_windows_are_those_since_the_last_turn_that_was_taken(
    ask: Ask, write_rows: WriteRows, machine: Make, turn: Make, now: datetime
) -> None:
    """A failed update is no missed window; disabled machines are left out."""
    away: Row = {"Status": "Unreachable", "ErrorResult": "no route"}
    write_rows("Machine", *map(machine, "abcd"), machine("off", Enabled=False))
    write_rows(
        "MachineRun",
        turn("a", "r1", now - 9 * DAY),
        turn("a", "r2", now - 8 * DAY, Status="NotStarted"),
        turn("a", "r3", now - 7 * DAY, **away),
        turn("b", "r2", now - 8 * DAY, **away),
        turn("b", "r3", now - 7 * DAY, Status="Failed"),
        turn("c", "r3", now - 7 * DAY, Status="MaintenanceWindowExceeded"),
        turn("d", "r2", now - 8 * DAY, **away),
        turn("d", "r3", now - 7 * DAY),
        turn("off", "r3", now - 7 * DAY, **away),
    )

    assert ask("missed-windows", "Computer Status MissedInARow LastSucceeded ErrorResult") == [
        ("a", "Unreachable", 2, now - 9 * DAY, "no route"),
        ("c", "MaintenanceWindowExceeded", 1, None, ""),
    ]


def test_installed_outside_is_what_no_run_installed(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, step: Make, now: datetime
) -> None:
    """A run that succeeded before the version was offered, or on another machine, did not install it."""
    seen: Row = {"FirstSeen": now - 5 * DAY}
    write_rows("Machine", machine("a", OtherUpdaters='["apt-daily","unattended-upgrades"]'))
    write_rows(
        "UpdateHistory",
        change("a", "ours", "Installed", now - DAY, **seen),
        change("a", "theirs", "Installed", now - DAY, **seen),
        change("b", "ours", "Installed", now - DAY, **seen),
        change("a", "tried", "Installed", now - DAY, **seen),
        change("a", "old", "Installed", now - 31 * DAY, FirstSeen=now - 40 * DAY),
        change("a", "away", "NotNeeded", now - DAY, **seen),
    )
    write_rows(
        "UpdateRunProgress",
        step("a", "r1", "ours", "Succeeded", now - DAY + HOUR),
        step("a", "r0", "theirs", "Succeeded", now - 6 * DAY),
        step("a", "r1", "tried", "Failed", now - 2 * DAY),
    )

    assert ask("installed-outside", "Computer Product OtherUpdaters") == [
        ("a", "theirs", "apt-daily, unattended-upgrades"),
        ("a", "tried", "apt-daily, unattended-upgrades"),
        ("b", "ours", None),
    ]


def test_machines_that_no_run_reached_lately_are_listed(
    ask: Ask, write_rows: WriteRows, machine: Make, turn: Make, now: datetime
) -> None:
    """Never comes first; a turn that was never begun is none; what it misses may be unknown."""
    write_rows(
        "Machine",
        machine("never", SecurityUpdatesMissing=None),
        machine("old", SecurityUpdatesMissing=3),
        machine("skipped"),
        machine("fresh"),
        machine("off", Enabled=False),
    )
    write_rows(
        "MachineRun",
        turn("old", "r1", now - 40 * DAY, UpdateRunName="monthly"),
        turn("skipped", "r2", now - DAY, Status="NotStarted"),
        turn("fresh", "r2", now - DAY),
    )

    assert ask("machines-without-deployment", "Computer LastRun LastDeployment DaysSince Security") == [
        ("never", None, None, None, None),
        ("skipped", None, None, None, 0),
        ("old", now - 40 * DAY, "monthly", 40, 3),
    ]


def test_errors_are_found_by_a_whole_word(ask: Ask, write_rows: WriteRows, step: Make, now: datetime) -> None:
    """In any case; a word that is a part of another is not found."""
    write_rows(
        "UpdateRunProgress",
        step("a", "r1", "p", "Failed", now - DAY, ErrorResult="No SPACE left"),
        step("b", "r1", "p", "InstallFailed", now - 2 * DAY, ErrorResult="No SPACE left"),
        step("a", "r1", "q", "Failed", now - DAY, ErrorResult="in userspace"),
        step("a", "r1", "s", "Succeeded", now - DAY, ErrorResult="space"),
        step("a", "r0", "p", "Failed", now - 91 * DAY, ErrorResult="no space"),
    )

    assert ask("errors-by-word") == [("No SPACE left", 2, 2, now - DAY)]
    assert ask("errors-by-word", "ErrorResult", word="userspace") == [("in userspace",)]
