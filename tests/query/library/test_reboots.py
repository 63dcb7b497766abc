"""Queries of the group Reboots: their values over hand-made tables."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_reboot_is_pending_since_the_first_answer_in_a_row(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """An answer that needs none begins it anew, one that cannot tell does not; where none is known it may be older."""
    rows = {
        "back": (True, False, True, True),
        "all": (True, True, True, True),
        "done": (True, True, True, False),
        "unsure": (False, True, None, None),
    }
    write_rows("Machine", *(machine(name, BootedAt=now - 9 * DAY) for name in rows), machine("off", Enabled=False))
    write_rows(
        "UpdateSummary",
        *(
            {
                "TimeGenerated": now - (4 - number) * DAY,
                "SourceComputerId": f"id-{name}",
                "Computer": name,
                "RestartPending": pending,
            }
            for name, answers in {**rows, "off": (True,)}.items()
            for number, pending in enumerate(answers)
        ),
    )

    assert ask("reboot-pending-since", "Computer PendingSince PendingDays IsOlder UpDays") == [
        ("all", now - 4 * DAY, 4, True, 9),
        ("unsure", now - 3 * DAY, 3, False, 9),
        ("back", now - 2 * DAY, 2, False, 9),
    ]
    assert ask("reboot-pending-since", "Computer", at_least_days=3) == [("all",), ("unsure",)]


def test_slow_reboots_are_shown_beside_what_is_usual(
    ask: Ask, write_rows: WriteRows, turn: Make, now: datetime
) -> None:
    """Machines that did not come back come first."""

    def reboot(name: str, run: str, seconds: float | None) -> Row:
        return turn(name, run, now - DAY, Rebooted=True, RebootSeconds=seconds)

    write_rows(
        "MachineRun",
        *(reboot("db", f"r{number}", seconds) for number, seconds in enumerate((400, 100, 200))),
        reboot("gone", "r1", None),
        turn("web", "r1", now, RebootSeconds=None),
    )

    assert ask("slow-reboots", "Computer RebootSeconds UsualSeconds Reboots") == [
        ("gone", None, None, 0),
        ("db", 400.0, 200.0, 3),
    ]


def test_machines_up_for_long_are_listed_and_unknown_ones_last(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """Not those that never answered."""
    write_rows(
        "Machine",
        machine("short", BootedAt=now - 59 * DAY),
        machine("long", BootedAt=now - 61 * DAY),
        machine("longer", BootedAt=now - 300 * DAY),
        machine("unknown"),
        machine("never", LastAnswered=None),
    )

    assert ask("longest-up", "Computer UpDays") == [("longer", 300), ("long", 61), ("unknown", None)]


def test_reboots_are_counted_by_month(ask: Ask, write_rows: WriteRows, turn: Make, now: datetime) -> None:
    """With those that did not come back, and new kernels only where both are known."""
    october = now - 30 * DAY
    write_rows(
        "MachineRun",
        turn("a", "r1", october, Rebooted=True, RebootSeconds=60, KernelBefore="6.1", KernelAfter="6.2"),
        turn("b", "r1", october, Rebooted=True, RebootSeconds=80, KernelBefore="", KernelAfter="6.2"),
        turn("c", "r1", october, Rebooted=True, RebootSeconds=None),
        turn("d", "r1", october),
        turn("e", "r1", october, Status="NotStarted"),
        turn("a", "r2", now),
    )

    assert ask("reboots-of-runs") == [
        (date(2026, 10, 1), 4, 3, 1, 1, 70.0, 80.0),
        (date(2026, 11, 1), 1, 0, 0, 0, None, None),
    ]
    assert len(ask("reboots-of-runs", months=1)) == 1
