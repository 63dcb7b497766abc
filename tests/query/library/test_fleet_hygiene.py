"""Queries of the group Fleet hygiene: their values over hand-made tables."""

from collections.abc import Callable
from datetime import datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def repository(name: str, machine: str, **more: object) -> Row:
    return {
        "Repository": name,
        "Computer": machine,
        "SourceComputerId": f"id-{machine}",
        "PackageManager": "apt",
        **more,
    }


def test_failing_repositories_are_counted_among_those_that_use_them(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """Of enabled machines; the same name of another manager is another repository."""
    write_rows("Machine", *map(machine, "abc"), machine("off", Enabled=False))
    write_rows(
        "Repository",
        repository("main", "a", IsFailing=True, MadeAt=now - DAY),
        repository("main", "b", IsFailing=True),
        repository("main", "c", IsFailing=False, MadeAt=now),
        repository("main", "off", IsFailing=True),
        repository("extra", "c", IsFailing=True),
        repository("fine", "c", IsFailing=False),
    )

    assert ask("failing-repositories") == [
        ("apt", "main", 2, 3, now, "a, b"),
        ("apt", "extra", 1, 1, None, "c"),
    ]


def test_kernels_are_counted_by_version(ask: Ask, write_rows: WriteRows, machine: Make, now: datetime) -> None:
    """With those that wait for a reboot; a machine that never answered has none."""
    same: Row = {"OSName": "Debian", "OSVersion": "12", "Architecture": "x86_64"}
    write_rows(
        "Machine",
        machine("a", Kernel="6.1.0-48", BootedAt=now - 3 * DAY, **same),
        machine("b", Kernel="6.1.0-47", RebootRequired="yes", BootedAt=now - 90 * DAY, **same),
        machine("c", Kernel="6.1.0-47", RebootRequired="unknown", BootedAt=now - DAY, **same),
        machine("never", LastAnswered=None, Kernel="", **same),
        machine("off", Enabled=False, Kernel="5", **same),
    )

    assert ask("kernels", "Kernel Machines RebootRequired RebootUnknown LongestUp MachineNames") == [
        ("6.1.0-47", 2, 1, 1, 90, "b, c"),
        ("6.1.0-48", 1, 0, 0, 3, "a"),
    ]


def test_wrong_clocks_are_listed_whichever_way_they_are_off(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """The farthest first; unknown is not wrong."""
    write_rows(
        "Machine",
        machine("ahead", ClockSkewSeconds=5.0),
        machine("behind", ClockSkewSeconds=-93.9),
        machine("right", ClockSkewSeconds=4.9),
        machine("unknown"),
    )

    assert ask("clock-skew", "Computer ClockSkewSeconds") == [("behind", -93.9), ("ahead", 5.0)]


def test_machines_come_and_go(ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, now: datetime) -> None:
    """Removed is who was assessed lately and is enrolled no more."""
    write_rows("Machine", machine("new", AddedAt=now - 2 * DAY, LastAnswered=None), machine("old"))
    write_rows(
        "Assessment",
        attempt("gone", now - 9 * DAY),
        attempt("gone", now - 8 * DAY, Outcome="failed", OSType=""),
        attempt("long gone", now - 50 * DAY),
        attempt("old", now - DAY),
    )

    assert ask("machines-added-and-removed", "Change Computer OSType ChangedAt LastAnswered") == [
        ("added", "new", "Linux", now - 2 * DAY, None),
        ("removed", "gone", "Linux", now - 8 * DAY, now - 9 * DAY),
    ]


def test_versions_of_a_package_are_as_updates_tell(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """The installed one where an update is missing, else what was installed last; what fell away tells nothing."""
    write_rows("Machine", *map(machine, "abcde"), machine("off", Enabled=False))
    write_rows("Update", change("a", "openssl", "Needed", now), change("off", "openssl", "Needed", now))
    write_rows(
        "UpdateHistory",
        change("b", "openssl", "Installed", now - DAY),
        change("c", "openssl", "Installed", now - 9 * DAY, ProductVersion="1"),
        change("c", "openssl", "Installed", now - DAY),
        change("d", "openssl", "Installed", now - 9 * DAY),
        change("d", "openssl", "NotNeeded", now - DAY),
        change("b", "vim", "Installed", now - DAY),
    )

    assert ask("package-versions") == [
        ("openssl", 2, "2", 2, 0, "b, c"),
        ("openssl", 2, "1", 1, 1, "a"),
    ]
    assert ask("package-versions", "Product Version Machines", product="v*", versions=1) == [("vim", "2", 1)]


def test_intervals_are_between_answers_and_up_to_now(
    ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, now: datetime
) -> None:
    """A machine that was enrolled yesterday was not silent before; one answer has no mean. A pinned now hides what is
    later.
    """
    added = (machine("once", AddedAt=now - DAY), machine("later", AddedAt=now + DAY))
    write_rows("Machine", machine("busy"), *added, machine("silent"))
    write_rows(
        "Assessment",
        *(attempt("busy", now - hours * HOUR) for hours in (715, 705, 699, 0)),
        attempt("busy", now - HOUR, Outcome="failed"),
        attempt("once", now - 6 * HOUR),
        attempt("once", now + HOUR),
        attempt("silent", now + HOUR, Outcome="failed"),
    )

    assert ask("assessment-intervals", "Computer Answers Failed MeanHours LongestHours") == [
        ("silent", 0, 0, None, 720.0),
        ("busy", 4, 1, 238.3, 699.0),
        ("once", 1, 0, None, 18.0),
    ]


def test_who_else_patches_a_machine_is_told_with_what_they_did(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, step: Make, now: datetime
) -> None:
    """None and not known are two answers."""
    write_rows(
        "Machine",
        machine("a", OtherUpdaters='["apt-daily","x"]', OtherUpdaterRuns='{"x":"2026-11-20T06:25:00+00:00"}'),
        machine("b", OtherUpdaters="[]", OtherUpdaterRuns="{}"),
        machine("c"),
    )
    seen: Row = {"FirstSeen": now - 5 * DAY}
    write_rows("UpdateHistory", *(change("a", product, "Installed", now - DAY, **seen) for product in ("p", "q")))
    write_rows("UpdateRunProgress", step("a", "r1", "p", "Succeeded", now - DAY))
    ran_at = now.replace(hour=6, minute=25)

    assert ask("updaters-of-machine") == [
        ("a", "apt-daily", None, 1, 2),
        ("a", "x", ran_at, 1, 2),
        ("b", "(none)", None, 0, 0),
        ("c", "(unknown)", None, 0, 0),
    ]
    assert ask("updaters-of-machine", "Updater", machine="c") == [("(unknown)",)]


def test_little_room_is_a_fifth_for_kernels(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """The fullest first; machines that told nothing are not shown."""
    mebibyte = 1024 * 1024
    disks = [("/", 3000), ("/var", 2047), ("/boot", 409)]
    text = ",".join(f'{{"path":"{path}","free":{free * mebibyte},"total":{4096 * mebibyte}}}' for path, free in disks)
    write_rows(
        "Machine", machine("a", Disks=f"[{text}]"), machine("b"), machine("off", Enabled=False, Disks=f"[{text}]")
    )

    assert ask("low-disk-space", "Computer Path FreeBytes FreePercent") == [
        ("a", "/boot", 409 * mebibyte, 10.0),
        ("a", "/var", 2047 * mebibyte, 50.0),
    ]


def test_systems_are_counted_with_those_that_answered(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """A machine that never answered is of no known system."""
    write_rows(
        "Machine",
        machine("b", OSFullName="Debian 12"),
        machine("a", OSFullName="Debian 12", LastAnswered=now - 2 * DAY),
        machine("new", OSFullName="", LastAnswered=None),
        machine("off", OSFullName="Debian 12", Enabled=False),
    )

    assert ask("systems") == [("Debian 12", 2, 1, "a, b"), ("(unknown)", 1, 0, "new")]


def test_names_are_told_of_renamed_machines_and_of_names_used_again(
    ask: Ask, write_rows: WriteRows, machine: Make, attempt: Make, now: datetime
) -> None:
    """One id under two names, and one name of two ids, come first; then machines that only ever had their own name."""
    write_rows(
        "Machine", machine("new", SourceComputerId="id-1"), machine("old", SourceComputerId="id-2"), machine("x")
    )
    write_rows(
        "Assessment",
        attempt("old", now - 9 * DAY, SourceComputerId="id-1"),
        attempt("old", now - 8 * DAY, SourceComputerId="id-1"),
        attempt("new", now - DAY, SourceComputerId="id-1"),
        attempt("x", now),
    )

    assert ask("names-of-machines") == [
        ("new", "id-1", now - DAY, now - DAY, True, True, 2, 1),
        ("old", "id-1", now - 9 * DAY, now - 8 * DAY, False, True, 2, 2),
        ("old", "id-2", None, None, True, True, 1, 2),
        ("x", "id-x", now, now, True, True, 1, 1),
    ]
