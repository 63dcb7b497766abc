"""The predefined queries over what machines are, beside their updates: the values that they give."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from query.engine import QueryEngine
from query.library import find_queries

WriteRows = Callable[..., None]
Ask = Callable[..., list[list[object]]]


@pytest.fixture
def ask(engine: QueryEngine) -> Ask:
    """Rows of a predefined query by its name; of each only the columns that are named: ``ask("x", ["Computer"])``."""

    def answer(name: str, columns: list[str], **values: object) -> list[list[object]]:
        saved = next(query for query in find_queries() if query.name == name)
        result = engine.run(saved.sql, saved.values(values))
        names = [column.name for column in result.columns]
        assert {column.name for column in saved.columns} <= set(names)
        return [[row[names.index(column)] for column in columns] for row in result.rows]

    return answer


def machine(computer: str, now: datetime, **more: object) -> dict[str, object]:
    known = {"Computer": computer, "SourceComputerId": f"id-{computer}", "Enabled": True, "LastAnswered": now}
    return {**known, "EndOfLife": "", "EndOfLifeSource": "", "MachineId": "", "VMUUID": "", **more}


def repository(computer: str, name: str, made_at: datetime | None, **more: object) -> dict[str, object]:
    known = {"Computer": computer, "SourceComputerId": f"id-{computer}", "PackageManager": "dnf", "Repository": name}
    return {**known, "MadeAt": made_at, "IsFailing": False, **more}


def test_a_copy_that_is_older_than_the_fleets_newest_lags(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """By more than was asked for; copies without a date, of other managers and of disabled machines stay out."""
    write_rows("Machine", machine("new", now), machine("old", now), machine("off", now, Enabled=False))
    write_rows(
        "Repository",
        repository("new", "baseos", now - timedelta(hours=2)),
        repository("old", "baseos", now - timedelta(hours=50)),
        repository("off", "baseos", now - timedelta(days=90)),
        repository("new", "epel", now - timedelta(hours=2)),
        repository("old", "epel", now - timedelta(hours=12)),
        repository("old", "local", None),
        repository("old", "extras", now - timedelta(days=9), PackageManager="zypper"),
        repository("new", "extras", now),
    )
    columns = ["Computer", "Repository", "BehindHours", "UsedBy"]

    assert ask("lagging-repositories", columns) == [["old", "baseos", 48, 3]]
    assert ask("lagging-repositories", columns[:3], hours="9") == [["old", "baseos", 48], ["old", "epel", 10]]


def test_old_and_unknown_package_lists_are_listed(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Unknown first, then the oldest, with the repository that holds it back."""
    write_rows(
        "Machine",
        machine("fresh", now, MetadataAt=now - timedelta(days=1)),
        machine("old", now, MetadataAt=now - timedelta(days=10)),
        machine("unknown", now),
        machine("never", now, LastAnswered=None),
    )
    write_rows(
        "Repository",
        repository("old", "baseos", now - timedelta(days=30)),
        repository("old", "epel", now - timedelta(days=10), IsFailing=True),
    )

    assert ask("metadata-age", ["Computer", "AgeDays", "OldestRepository", "Failing"]) == [
        ["unknown", None, None, 0],
        ["old", 10, "baseos", 1],
    ]


def test_systems_near_and_past_their_end_are_listed(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """The end of a rolling release is not applicable; one that nobody knows is said to be unknown."""
    write_rows(
        "Machine",
        machine("past", now, EndOfLife="2026-06-30", EndOfLifeSource="vendor"),
        machine("today", now, EndOfLife="2026-11-20", EndOfLifeSource="vendor"),
        machine("soon", now, EndOfLife="2027-01-19", EndOfLifeSource="vendor"),
        machine("far", now, EndOfLife="2029-05-31", EndOfLifeSource="vendor"),
        machine("rolling", now, EndOfLifeSource="rolling release: no version that ends"),
        machine("odd", now),
    )

    assert ask("end-of-life", ["Computer", "Support", "EndOfLife", "DaysLeft"]) == [
        ["past", "ended", date(2026, 6, 30), -143],
        ["today", "ends soon", date(2026, 11, 20), 0],
        ["soon", "ends soon", date(2027, 1, 19), 60],
        ["odd", "unknown", None, None],
    ]


def test_services_are_counted_and_machines_that_cannot_tell_too(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """None to restart and not known are not the same."""
    write_rows(
        "Machine",
        machine("a", now, ServicesToRestart='["nginx.service", "ssh.service"]'),
        machine("b", now, ServicesToRestart='["ssh.service"]'),
        machine("c", now, ServicesToRestart="[]"),
        machine("d", now),
    )

    assert ask("services-to-restart", ["Service", "Machines", "MachineNames"]) == [
        ["ssh.service", 2, "a, b"],
        ["nginx.service", 1, "a"],
        [None, 1, "d"],
    ]


def test_clones_are_listed_by_what_they_share(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Machines without a mark share nothing."""
    write_rows(
        "Machine",
        machine("a", now, MachineId="1", VMUUID="u"),
        machine("b", now, MachineId="1", VMUUID="v"),
        machine("c", now, MachineId="1"),
        machine("d", now, MachineId="2", VMUUID="u"),
        machine("e", now),
    )

    assert ask("duplicate-identities", ["Mark", "Identity", "MachineNames"]) == [
        ["MachineId", "1", "a, b, c"],
        ["VMUUID", "u", "a, d"],
    ]


def test_other_updaters_are_counted_by_machine(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """With when they last ran on any; none found and not known are not the same, and neither is shown."""
    write_rows(
        "Machine",
        machine(
            "a",
            now,
            OtherUpdaters='["unattended-upgrades","apt-daily"]',
            OtherUpdaterRuns='{"unattended-upgrades":"2026-11-19T06:12:01+00:00"}',
        ),
        machine("b", now, OtherUpdaters='["unattended-upgrades"]', OtherUpdaterRuns="{}"),
        machine("c", now, OtherUpdaters="[]"),
        machine("d", now),
    )

    assert ask("other-updaters", ["Updater", "Machines", "LastRan", "MachineNames"]) == [
        ["unattended-upgrades", 2, datetime(2026, 11, 19, 6, 12, 1, tzinfo=UTC), "a, b"],
        ["apt-daily", 1, None, "a"],
    ]
