"""Queries that alert rules of the starter set ask: their values over hand-made tables."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from fleet.alerts.rule import AlertRule, QueryMeasure, RuleKind
from ops.alerts.measuring import Measuring, no_open_rows
from query.engine import QueryEngine
from query.limits import Limits
from tests.query.library.conftest import predefined

Row = dict[str, object]
Make = Callable[..., Row]
Ask = Callable[..., list[tuple[object, ...]]]
WriteRows = Callable[..., None]

_OF_MACHINES = (
    "changed-host-keys",
    "disk-shortfall",
    "end-of-life",
    "lost-machines",
    "metadata-age",
    "reboot-pending-since",
    "security-missing-long",
    "silent-machines",
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOST = json.dumps([{"kind": "never-returned", "severity": "error", "text": "gone", "remedy": ""}])


def turn(name: str, at: datetime, status: str, **more: object) -> Row:
    return {
        "TimeGenerated": at,
        "Day": at.date(),
        "Computer": name,
        "SourceComputerId": f"id-{name}",
        "UpdateRunName": "web",
        "CorrelationId": f"r-{at:%d%H}",
        "Status": status,
        **more,
    }


def test_machines_are_lost_until_they_answer_again(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """By their last run: unreachable, or not back from its reboot; disabled ones are nobody's concern."""
    away = {"LastAnswered": now - 2 * DAY}
    write_rows("Machine", machine("back"), *(machine(name, **away) for name in ("boot", "net", "fine")))
    write_rows("Machine", machine("off", Enabled=False, **away))
    write_rows(
        "MachineRun",
        turn("boot", now - DAY, "Failed", Findings=LOST),
        turn("net", now - 3 * HOUR, "Unreachable"),
        turn("back", now - 3 * HOUR, "Unreachable"),
        turn("off", now - 3 * HOUR, "Unreachable"),
        turn("fine", now - DAY, "Unreachable"),
        turn("fine", now - HOUR, "Failed"),
    )

    assert ask("lost-machines", "Computer AwayHours InReboot") == [("boot", 24.0, True), ("net", 3.0, False)]
    assert ask("lost-machines", "Computer", only_reboots=True) == [("boot",)]
    assert ask("lost-machines", "Computer", days=0) == []


def test_failed_runs_say_whether_their_budget_was_used_up(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """One row each, however often it was told."""
    used_up = "2 of 9 machines succeeded; the failure budget is exhausted: 3 of 9 failed"

    def run(number: int, hours: int, status: str, note: str = "") -> Row:
        return turn("", now - hours * HOUR, status, Note=note, MachinesFailed=3, CorrelationId=f"r-{number}")

    write_rows(
        "DeploymentRun",
        run(1, 1, "Failed", "8 of 9 machines succeeded"),
        run(2, 2, "InProgress"),
        run(2, 1, "Succeeded"),
        run(3, 3, "Failed", used_up),
    )

    assert ask("failed-runs", "CorrelationId Failed BudgetExhausted") == [("r-1", 3, False), ("r-3", 3, True)]
    assert ask("failed-runs", "CorrelationId", only_budget=True) == [("r-3",)]


def test_changed_host_keys_are_those_of_the_last_assessment(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """Of enabled machines."""
    changed = {"LastOutcome": "failed", "FailureKind": "host-key-changed"}
    write_rows("Machine", machine("a", **changed), machine("b"), machine("c", Enabled=False, **changed))
    write_rows("Machine", machine("d", LastOutcome="failed", FailureKind="login-refused"))
    assert ask("changed-host-keys", "Computer") == [("a",)]


def test_disk_that_lacks_most_room_is_the_one_that_counts(ask: Ask, write_rows: WriteRows, machine: Make) -> None:
    """On /boot a fifth is enough; where nothing is known nothing is short."""

    def disks(**free_mib: int) -> str:
        paths = {"root": "/", "boot": "/boot"}
        return json.dumps([{"path": paths[k], "free": v * 1048576, "total": 2**40} for k, v in free_mib.items()])

    write_rows(
        "Machine",
        machine("full", Disks=disks(root=500, boot=150)),
        machine("boot", Disks=disks(root=5000, boot=150)),
        machine("fine", Disks=disks(root=5000, boot=500)),
        machine("unknown", Disks=None),
        machine("off", Enabled=False, Disks=disks(root=1)),
    )
    assert ask("disk-shortfall", "Computer Path ShortMiB FreeMiB", mebibytes=1000) == [
        ("full", "/", 500.0, 500.0),
        ("boot", "/boot", 50.0, 150.0),
        ("fine", "/boot", -300.0, 500.0),
        ("unknown", None, None, None),
    ]


def test_machine_that_never_answered_is_silent_since_it_was_added(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """One that was added a moment ago is not silent yet; those outside the scope are not asked."""
    write_rows(
        "Machine",
        machine("old", LastAnswered=now - 30 * HOUR),
        machine("never", LastAnswered=None, AddedAt=now - 48 * HOUR),
        machine("new", LastAnswered=None, AddedAt=now - HOUR),
        machine("fine"),
        machine("out", InScope=False, LastAnswered=None),
    )
    assert ask("silent-machines", "Computer SilentHours") == [("never", 48.0), ("old", 30.0)]


def test_machines_that_are_not_to_be_touched_raise_no_alerts(
    ask: Ask, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """Of those that are disabled or outside the scope what is known grows old, which is nobody's concern."""
    names: dict[str, Row] = {"on": {}, "any": {"InScope": None}, "off": {"Enabled": False}, "out": {"InScope": False}}
    old = now - 40 * DAY
    bad = {"LastAnswered": old, "LastOutcome": "failed", "FailureKind": "host-key-changed", "MetadataAt": old}

    def rows(**values: object) -> list[Row]:
        same = {"TimeGenerated": old}
        return [{"Computer": name, "SourceComputerId": f"id-{name}", **same, **values} for name in names]

    write_rows("Machine", *(machine(name, EndOfLife="2026-01-01", **bad, **more) for name, more in names.items()))
    write_rows("Update", *rows(UpdateState="Needed", Classification="Security Updates", FirstSeen=old))
    write_rows("MissingFix", *rows(CVE="CVE-2026-0001"))
    write_rows("Cve", {"CVE": "CVE-2026-0001", "KnownExploited": True})
    write_rows("UpdateSummary", *rows(RestartPending=True))
    write_rows("MachineRun", *rows(TimeGenerated=now - DAY, Status="Unreachable"))
    write_rows("Repository", *rows(Repository="main", PackageManager="apt", IsFailing=True))

    found = {query: sorted(str(row[0]) for row in ask(query, "Computer")) for query in _OF_MACHINES}
    assert found == {query: ["any", "on"] for query in _OF_MACHINES}
    assert ask("failing-repositories", "FailingOn MachineNames") == [(2, "any, on")]
    assert ask("known-exploited-missing", "Machines MachineNames") == [(2, "any, on")]


def test_only_machines_that_should_answer_are_waited_for(
    engine: QueryEngine, write_rows: WriteRows, machine: Make, now: datetime
) -> None:
    """That nothing is found on others resolves what was open, whatever they did when they were last asked."""
    lost = {"LastOutcome": "failed"}
    write_rows("Machine", machine("on", **lost), machine("fine"), machine("off", Enabled=False, **lost))
    write_rows("Machine", machine("out", InScope=False, **lost))
    rule = AlertRule("1", "keys", RuleKind.QUERY, measure=QueryMeasure("changed-host-keys"), split_by=("Computer",))
    measuring = Measuring(engine, predefined, Limits(rows=100, seconds=30.0), now, no_open_rows)
    assert measuring.measure(rule).silent == {"on", "id-on"}
