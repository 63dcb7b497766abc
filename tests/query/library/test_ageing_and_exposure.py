"""Queries of the group Ageing and exposure: their values over hand-made tables."""

import json
import statistics
from collections.abc import Callable
from datetime import date, datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_days_to_install_are_from_first_seen_to_found_installed(
    ask: Ask, write_rows: WriteRows, change: Make, now: datetime
) -> None:
    """By month and class; what is needed still, was superseded or fell away is not in it."""
    days = [1, 2, 4, 9, 30]
    installed = [
        change(f"m{number}", "curl", "Installed", now - HOUR, FirstSeen=now - HOUR - took * DAY)
        for number, took in enumerate(days)
    ]
    rows = [
        change("a", "late", "Installed", now - 30 * DAY, FirstSeen=now - 36 * DAY, Classification="Others"),
        # An older version was installed; the one that was first seen then is needed still.
        change("a", "half", "Needed", now - 9 * DAY),
        change("a", "half", "Installed", now - 2 * DAY, FirstSeen=now - 9 * DAY),
        change("a", "half", "Needed", now - 2 * DAY + timedelta(microseconds=1), FirstSeen=now - 9 * DAY),
        change("a", "gone", "NotNeeded", now - DAY, FirstSeen=now - 9 * DAY),
        change("a", "loaded", "Installed", now - DAY, FirstSeen=None),
    ]
    write_rows("UpdateHistory", *installed, *rows)
    # 0.95 of the way along four gaps is 0.8 of the last one.
    p95 = 9 + 0.8 * (30 - 9)

    assert ask("days-to-install") == [
        (date(2026, 10, 1), "Others", 1, 1, 6.0, 6.0, 6.0, 6.0),
        (date(2026, 11, 1), "Security Updates", 5, 5, statistics.mean(days), statistics.median(days), p95, 30.0),
    ]
    assert len(ask("days-to-install", months=1)) == 1


def test_severity_is_that_of_feeds_then_of_the_vendor(
    ask: Ask, write_rows: WriteRows, change: Make, now: datetime
) -> None:
    """Whatever its case; unknown where nobody gives one."""
    seen: Row = {"FirstSeen": now - DAY}
    write_rows(
        "UpdateHistory",
        change("a", "p", "Installed", now, CVESeverity="critical", PackageSeverity="Low", **seen),
        change("a", "q", "Installed", now, PackageSeverity="Critical", **seen),
        change("a", "r", "Installed", now, MSRCSeverity="Important", **seen),
        change("a", "s", "Installed", now, **seen),
    )

    assert ask("days-to-install", "Part Installed", by="severity") == [
        ("critical", 2),
        ("important", 1),
        ("unknown", 1),
    ]
    assert ask("days-to-install", "Part Installed", by="os") == [("Linux", 4)]


def test_machines_are_counted_by_their_oldest_missing_security_update(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """None, unknown and never are three; buckets are in the order of their age."""
    ages = {"a": 29, "b": 30, "c": 185, "d": 210, "e": 209}
    write_rows(
        "Machine",
        *map(machine, ages),
        machine("clean"),
        machine("plain"),
        machine("unsure", Coverage="security-unknown"),
        machine("odd", Coverage="unclassified", UnclassifiedUpdatesMissing=1),
        machine("never", LastAnswered=None, Coverage=""),
        machine("off", Enabled=False),
    )
    write_rows(
        "Update",
        *(change(name, "openssl", "Needed", now - age * DAY - HOUR) for name, age in ages.items()),
        change("a", "young", "Needed", now),
        change("plain", "vim", "Needed", now - 300 * DAY, Classification="Others"),
        change("off", "openssl", "Needed", now),
    )

    assert ask("oldest-missing-buckets") == [
        ("Recent", 1, 10.0, "a"),
        ("30 days ago", 1, 10.0, "b"),
        ("180 days ago", 2, 20.0, "c, e"),
        ("Older", 1, 10.0, "d"),
        ("none missing", 2, 20.0, "clean, plain"),
        ("unknown", 2, 20.0, "odd, unsure"),
        ("never answered", 1, 10.0, "never"),
    ]


def test_wave_of_a_cve_comes_and_goes(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """By the end of each day; a machine that needs two fixes is one, until the last of them is settled."""
    bad: Row = {"CVENumbers": "CVE-2026-1;CVE-2026-2"}
    write_rows("Machine", *map(machine, "abc"))
    write_rows(
        "UpdateHistory",
        change("a", "p", "Needed", now - 9 * DAY, **bad),
        change("a", "p", "Installed", now - 2 * DAY, **bad),
        change("b", "p", "Needed", now - 2 * DAY, **bad),
        change("b", "q", "Needed", now - 2 * DAY, **bad),
        change("b", "p", "Installed", now - DAY, **bad),
        change("b", "q", "NotNeeded", now, **bad),
        change("c", "p", "Needed", now - DAY, **bad),
        change("c", "q", "Needed", now - 2 * DAY, CVENumbers="CVE-2026-11"),
        change("gone", "p", "Needed", now - 9 * DAY, **bad),
    )
    days = [now.date() - number * DAY for number in (3, 2, 1, 0)]

    assert ask("cve-wave", cve=" cve-2026-1", days=4) == [
        (days[0], 0, 0, 1),
        (days[1], 1, 1, 1),
        (days[2], 1, 0, 2),
        (days[3], 0, 1, 1),
    ]


def test_deployments_that_would_fix_a_cve_are_judged_by_their_last_run(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, run: Make, turn: Make, now: datetime
) -> None:
    """By its machines, classes and masks; what rules leave out is told from what cannot be installed."""
    bad: Row = {"CVENumbers": "CVE-2026-1"}

    def settings(classes: list[str], include: list[str], exclude: list[str]) -> str:
        return json.dumps({"classifications": classes, "include": include, "exclude": exclude})

    write_rows("Machine", *map(machine, "abcd"), machine("off", Enabled=False))
    write_rows(
        "Update",
        change("a", "openssl", "Needed", now, **bad),
        change("b", "openssl", "Needed", now, **bad),
        change("b", "libssl3", "Needed", now, **bad),
        change("c", "openssl", "Needed", now, IsInstallable=False, **bad),
        change("d", "openssl", "Needed", now, CVENumbers="CVE-2026-2"),
        change("off", "openssl", "Needed", now, **bad),
    )
    write_rows(
        "DeploymentRun",
        run("weekly", "w1", now - 9 * DAY, Settings=settings([], [], [])),
        run("weekly", "w2", now - 2 * DAY, Settings=settings(["Security Updates"], [], ["lib*"])),
        run("one", "o1", now - DAY, Settings=settings([], ["openssl"], [])),
        run("plain", "p1", now - DAY, Settings=settings(["Others"], [], [])),
    )
    write_rows(
        "MachineRun",
        turn("a", "w1", now - 9 * DAY),
        *(turn(name, "w2", now - 2 * DAY) for name in "bcd"),
        turn("a", "o1", now - DAY, UpdateRunName="one"),
        turn("b", "p1", now - DAY, UpdateRunName="plain"),
    )

    assert ask("deployments-fixing-cve", cve="cve-2026-1") == [
        ("one", now - DAY, 3, 1, 1, 0, 0, "a"),
        ("plain", now - DAY, 3, 1, 0, 1, 0, None),
        ("weekly", now - 2 * DAY, 3, 2, 0, 1, 1, None),
        (None, None, 3, 0, 0, 0, 0, None),
    ]
    assert ask("deployments-fixing-cve", "Lacking MachineNames", cve="CVE-1999-*") == [(0, None)]


def test_cves_of_missing_updates_are_counted_by_machine(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """Those that were open the longest first; an update may name several, and several updates the same."""
    write_rows("Machine", machine("web-01"), machine("db-01"), machine("off", Enabled=False))
    write_rows(
        "Update",
        change("web-01", "openssl", "Needed", now - 9 * DAY, CVENumbers="CVE-2026-2;CVE-2026-1"),
        change("web-01", "libssl3", "Needed", now - 3 * DAY, CVENumbers="CVE-2026-1"),
        change("db-01", "openssl", "Needed", now - 12 * DAY, CVENumbers="CVE-2026-1"),
        change("db-01", "vim", "Needed", now, CVENumbers=""),
        change("off", "curl", "Needed", now, CVENumbers="CVE-2026-3"),
    )

    assert ask("cves-of-machine") == [
        ("CVE-2026-1", 2, "libssl3, openssl", now - 12 * DAY, 12),
        ("CVE-2026-2", 1, "openssl", now - 9 * DAY, 9),
    ]
    assert ask("cves-of-machine", "CVE OpenDays", machine="WEB") == [("CVE-2026-1", 9), ("CVE-2026-2", 9)]
