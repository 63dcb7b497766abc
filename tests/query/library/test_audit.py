"""Queries of the group Audit: their values over hand-made tables."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

Row = dict[str, object]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

DAY = timedelta(days=1)


@pytest.fixture
def deeds(write_rows: WriteRows, now: datetime) -> None:
    """Six deeds of three callers, a day apart, and what came of a run."""

    def deed(number: int, caller: str, action: str, target: str, address: str = "", after: str = "") -> Row:
        return {
            "TimeGenerated": now - (7 - number) * DAY,
            "Sequence": number,
            "Caller": caller,
            "CallerIpAddress": address,
            "OperationName": action,
            "Target": target,
            "Before": "",
            "After": after,
            "Hash": f"h{number}",
        }

    made = json.dumps({"deployment": "weekly"})
    write_rows(
        "Audit",
        deed(1, "root (alice)", "machine.add", "web-01", "10.0.0.1"),
        deed(2, "bob", "machine.add", "web-02", "10.0.0.2"),
        deed(3, "bob", "machine.edit", "web-01", "10.0.0.1"),
        deed(4, "bob", "run.make", "run-1", "10.0.0.9", made),
        deed(5, "schedule", "run.make", "run-2", "", made),
        deed(6, "bob", "machine.edit", "web-01", "10.0.0.2"),
    )
    run = {"CorrelationId": "run-1", "UpdateRunName": "weekly", "MachinesTargeted": 3}
    write_rows(
        "DeploymentRun",
        {**run, "TimeGenerated": now - 3 * DAY, "Status": "InProgress"},
        {**run, "TimeGenerated": now - 2 * DAY, "Status": "Succeeded"},
    )


@pytest.mark.usefixtures("deeds")
def test_deeds_are_found_by_person_and_deed(ask: Ask) -> None:
    """Also of who had become another user; the newest first."""
    assert ask("deeds", "Sequence") == [(6,), (5,), (4,), (3,), (2,), (1,)]
    assert ask("deeds", "Sequence", by="*alice*") == [(1,)]
    assert ask("deeds", "Sequence", action="machine.*", days=5) == [(6,), (3,), (2,)]


@pytest.mark.usefixtures("deeds")
def test_deeds_of_each_person_are_counted(ask: Ask) -> None:
    """By what they did, most of it first."""
    assert ask("deeds-by-person", "Caller OperationName Deeds Targets Addresses") == [
        ("bob", "machine.edit", 2, 1, 2),
        ("bob", "machine.add", 1, 1, 1),
        ("bob", "run.make", 1, 1, 1),
        ("root (alice)", "machine.add", 1, 1, 1),
        ("schedule", "run.make", 1, 1, 0),
    ]


@pytest.mark.usefixtures("deeds")
def test_what_was_done_to_one_thing_is_told_in_order(ask: Ask) -> None:
    """By its name."""
    assert ask("deeds-on", "Sequence Caller", target="web-01") == [(1, "root (alice)"), (3, "bob"), (6, "bob")]


@pytest.mark.usefixtures("deeds")
def test_new_addresses_come_first(ask: Ask, now: datetime) -> None:
    """With all who acted from there; when an address was first seen does not depend on how far back is asked."""
    assert ask("addresses-of-deeds", "CallerIpAddress FirstSeen Deeds Callers", days=4) == [
        ("", now - 2 * DAY, 1, "schedule"),
        ("10.0.0.9", now - 3 * DAY, 1, "bob"),
        ("10.0.0.2", now - 5 * DAY, 1, "bob"),
        ("10.0.0.1", now - 6 * DAY, 1, "bob"),
    ]


@pytest.mark.usefixtures("deeds")
def test_runs_are_told_with_who_asked_and_what_came_of_them(ask: Ask) -> None:
    """By the last word of the table."""
    assert ask("runs-and-who-asked", "RunId Deployment Caller Status MachinesTargeted") == [
        ("run-2", "weekly", "schedule", "", None),
        ("run-1", "weekly", "bob", "Succeeded", 3),
    ]
    assert ask("runs-and-who-asked", "RunId", by="bob") == [("run-1",)]


@pytest.mark.usefixtures("deeds")
def test_deeds_of_people_are_counted_by_week(ask: Ask) -> None:
    """Those of schedules are not."""
    assert sum(row[0] for row in ask("deeds-by-week", "Deeds")) == 5  # type: ignore[misc]  # numbers
