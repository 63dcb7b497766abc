"""Queries of the group Missing updates: their values over hand-made tables."""

from collections.abc import Callable
from datetime import datetime, timedelta

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_missing_updates_of_a_machine_are_counted_and_unknown_is_not_none(
    ask: Ask, write_rows: WriteRows, machine: Make
) -> None:
    """A total only where every update is seen."""
    counts: Row = {"CriticalUpdatesMissing": 1, "OtherUpdatesMissing": 4}
    nothing = dict.fromkeys(
        ("CriticalUpdatesMissing", "SecurityUpdatesMissing", "OtherUpdatesMissing", "UnclassifiedUpdatesMissing")
    )
    write_rows(
        "Machine",
        machine("whole", SecurityUpdatesMissing=2, UnclassifiedUpdatesMissing=3, **counts),
        machine("no-classes", Coverage="unclassified", SecurityUpdatesMissing=None, **counts),
        machine("no-security", Coverage="security-unknown", SecurityUpdatesMissing=None, **counts),
        machine("never", LastAnswered=None, Coverage="", **nothing),
    )

    assert ask("missing-summary-of-machine", "Computer Total Critical Security Others Unclassified") == [
        ("never", None, None, None, None, None),
        ("no-classes", 5, 1, None, 4, 0),
        ("no-security", None, 1, None, 4, 0),
        ("whole", 10, 1, 2, 4, 3),
    ]
    assert len(ask("missing-summary-of-machine", machine="no-*")) == 2


def test_updates_are_held_since_the_reason_stands_without_a_break(
    ask: Ask, write_rows: WriteRows, machine: Make, change: Make, now: datetime
) -> None:
    """A newer version does not begin it anew; another reason, or an installation, does."""
    held: Row = {"IsInstallable": False, "NotInstallableReason": "held"}
    write_rows("Machine", machine("a"), machine("off", Enabled=False))
    write_rows(
        "Update",
        *(change("a", product, "Needed", now, **held) for product in ("long", "again", "lost")),
        change("a", "phased", "Needed", now, IsInstallable=False, NotInstallableReason="phased"),
        change("off", "long", "Needed", now, **held),
    )
    write_rows(
        "UpdateHistory",
        change("a", "long", "Needed", now - 90 * DAY),
        change("a", "long", "Needed", now - 80 * DAY, **held),
        change("a", "long", "Needed", now - 10 * DAY, ProductVersion="3", **held),
        change("a", "again", "Needed", now - 90 * DAY, **held),
        change("a", "again", "Installed", now - 30 * DAY),
        change("a", "again", "Needed", now - 20 * DAY, **held),
    )

    assert ask("held-updates", "Product HeldSince HeldDays") == [
        ("lost", None, None),
        ("long", now - 80 * DAY, 80),
        ("again", now - 20 * DAY, 20),
    ]


def test_what_changed_compares_two_instants(ask: Ask, write_rows: WriteRows, change: Make, now: datetime) -> None:
    """What came and went in between is no change, unless it was installed."""
    before, between, after = now - 9 * DAY, now - 2 * DAY, now - HOUR
    write_rows(
        "UpdateHistory",
        change("a", "new", "Needed", between),
        change("a", "newer", "Needed", before),
        change("a", "newer", "Needed", between, ProductVersion="3"),
        change("a", "done", "Needed", before),
        change("a", "done", "Installed", between),
        change("a", "quick", "Needed", between),
        change("a", "quick", "Installed", after),
        change("a", "away", "Needed", before),
        change("a", "away", "NotNeeded", between),
        change("a", "brief", "Needed", between),
        change("a", "brief", "NotNeeded", after),
        change("a", "same", "Needed", before),
        change("a", "same", "Needed", between, Classification="Others"),
        change("b", "old", "Installed", before),
    )
    columns = "Change Product VersionBefore Version ChangedAt"

    assert ask("what-changed", columns) == [
        ("fell away", "away", "2", "2", between),
        ("installed", "done", "2", "2", between),
        ("installed", "quick", None, "2", after),
        ("needed", "new", None, "2", between),
        ("other version needed", "newer", "2", "3", between),
    ]
    assert ask("what-changed", "Change Product", since="2026-11-10", until="2026-11-12T18:00", machine="a") == [
        ("needed", product) for product in ("away", "done", "newer", "same")
    ]
    assert ask("what-changed", "Product", since="2026-11-12", until="8 days") == []
