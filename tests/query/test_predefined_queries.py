"""Every predefined query over real tables: the values it gives, not only that it runs."""

import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import MissingCounts
from fleet.compliance import judge
from fleet.failures import FailureKind
from fleet.machines import OSType
from query.engine import QueryEngine
from query.library import PREDEFINED, SavedQuery, find_queries, query_files

WriteRows = Callable[..., None]
Ask = Callable[..., list[dict[str, object]]]

SECURITY, CRITICAL, OTHERS = "Security Updates", "Critical Updates", "Others"


@pytest.fixture
def ask(engine: QueryEngine) -> Ask:
    """Answers of a predefined query by its name, each row as a dict: ``ask("assessment-failures", days="7")``."""

    def answer(name: str, **values: object) -> list[dict[str, object]]:
        saved = predefined(name)
        result = engine.run(saved.sql, saved.values(values))
        names = [column.name for column in result.columns]
        assert {column.name for column in saved.columns} <= set(names)
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    return answer


def predefined(name: str) -> SavedQuery:
    return next(query for query in find_queries() if query.name == name)


def needed(computer: str, product: str, class_: str, first_seen: datetime, **more: object) -> dict[str, object]:
    return {
        "TimeGenerated": first_seen,
        "UpdateState": "Needed",
        "SourceComputerId": f"id-{computer}",
        "Computer": computer,
        "Product": product,
        "ProductVersion": "2.0",
        "ProductArch": "amd64",
        "InstalledVersion": "1.0",
        "Classification": class_,
        "IsInstallable": True,
        "NotInstallableReason": "",
        "FirstSeen": first_seen,
        "UpdateID": "",
        "KBID": "",
        **more,
    }


def machine(computer: str, **more: object) -> dict[str, object]:
    return {"Computer": computer, "SourceComputerId": f"id-{computer}", "OSType": "Linux", "Enabled": True, **more}


def test_fleet_compliance_judges_as_the_domain_does(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """For every combination of what is known of a machine, the query and `fleet.compliance.judge` agree."""
    ages = (None, timedelta(hours=1), timedelta(hours=5), timedelta(hours=6), timedelta(hours=15))
    expected: dict[str, int] = {}
    rows = []
    for number, (enabled, failure, age, os_type, coverage, security, unclassified) in enumerate(
        itertools.product((True, False), (None, *FailureKind), ages, OSType, Coverage, (0, 2), (0, 1))
    ):
        answered_at = now - age if age is not None else None
        verdict = judge(
            now=now,
            enabled=enabled,
            os_type=os_type,
            last_failure=failure,
            answered_at=answered_at,
            coverage=coverage,
            counts=MissingCounts(security=security, unclassified=unclassified),
        )
        expected[verdict.value] = expected.get(verdict.value, 0) + 1
        rows.append(
            machine(
                f"m{number}",
                Enabled=enabled,
                OSType=os_type.value,
                LastOutcome="failed" if failure else "succeeded",
                FailureKind=failure.value if failure else "",
                LastAnswered=answered_at,
                Coverage=coverage.value,
                CriticalUpdatesMissing=0,
                SecurityUpdatesMissing=security,
                UnclassifiedUpdatesMissing=unclassified,
            )
        )
    write_rows("Machine", *rows)

    answer = ask("fleet-compliance")

    assert {row["Compliance"]: row["Machines"] for row in answer} == expected
    assert sum(float(str(row["Percent"])) for row in answer) == pytest.approx(100, abs=0.5)
    assert answer[0]["Compliance"] == "non-compliant"


def test_fleet_compliance_counts_security_updates_that_the_summary_does_not_know(
    ask: Ask, write_rows: WriteRows, now: datetime
) -> None:
    """Where security is not wholly known, an update that is known to be missing still makes non-compliant."""
    write_rows(
        "Machine",
        machine("web-01", LastOutcome="incomplete", LastAnswered=now, Coverage="security-unknown"),
    )
    write_rows("Update", needed("web-01", "openssl", SECURITY, now))

    assert [(row["Compliance"], row["Machines"]) for row in ask("fleet-compliance")] == [("non-compliant", 1)]


def test_not_assessed_lists_old_and_missing_answers_of_enabled_machines(
    ask: Ask, write_rows: WriteRows, now: datetime
) -> None:
    """Never comes first, then the oldest; fresh and disabled machines stay out."""
    write_rows(
        "Machine",
        machine("fresh", LastAnswered=now - timedelta(hours=2)),
        machine("old", LastAnswered=now - timedelta(hours=30)),
        machine("never"),
        machine("off", Enabled=False),
    )

    answer = ask("not-assessed", hours="24")

    assert [(row["Computer"], row["HoursSince"]) for row in answer] == [("never", None), ("old", 30.0)]


def test_failures_are_counted_by_kind(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Assessments and machines are counted apart, and so are those that still fail; older ones stay out."""
    refused = {"Outcome": "failed", "FailureKind": "login-refused"}
    write_rows(
        "Assessment",
        {
            **refused,
            "TimeGenerated": now - timedelta(days=1),
            "Computer": "a",
            "SourceComputerId": "id-a",
            "FailureText": "old",
        },
        {**refused, "TimeGenerated": now, "Computer": "a", "SourceComputerId": "id-a", "FailureText": "new"},
        {**refused, "TimeGenerated": now - timedelta(hours=2), "Computer": "b", "SourceComputerId": "id-b"},
        {**refused, "TimeGenerated": now - timedelta(days=9), "Computer": "c", "SourceComputerId": "id-c"},
        {"Outcome": "succeeded", "TimeGenerated": now, "Computer": "d", "SourceComputerId": "id-d"},
    )
    write_rows("Machine", machine("a", LastOutcome="failed", FailureKind="login-refused"), machine("b"))

    (row,) = ask("assessment-failures")

    assert (row["FailureKind"], row["Assessments"], row["Machines"], row["StillFailing"]) == ("login-refused", 3, 2, 1)
    assert (row["LatestComputer"], row["LatestText"], row["Latest"]) == ("a", "new", now)


def test_findings_are_counted_by_kind_the_gravest_first(ask: Ask, write_rows: WriteRows) -> None:
    """A machine with two findings of a kind is one machine."""
    locked = {"kind": "package-manager-locked", "severity": "error", "text": "apt holds it", "remedy": "wait"}
    reboot = {"kind": "reboot-pending", "severity": "info", "text": "kernel", "remedy": ""}
    write_rows(
        "Machine",
        machine("b", Findings=json.dumps([locked, locked, reboot])),
        machine("a", Findings=json.dumps([reboot])),
        machine("c"),
    )

    answer = ask("findings")

    assert [(r["Kind"], r["Severity"], r["Machines"], r["MachineNames"]) for r in answer] == [
        ("package-manager-locked", "error", 1, "b"),
        ("reboot-pending", "info", 2, "a, b"),
    ]


def test_missing_by_class_counts_updates_and_machines(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """One update on two machines is one update, missing twice; settled updates do not count, optional ones apart."""
    earlier = now - timedelta(days=5)
    write_rows(
        "Update",
        needed("a", "openssl", SECURITY, now),
        needed("b", "openssl", SECURITY, earlier, IsInstallable=False, NotInstallableReason="held"),
        needed("a", "vim", OTHERS, now),
        needed("b", "preview", OTHERS, earlier, IsInstallable=False, NotInstallableReason="optional"),
    )
    write_rows("UpdateHistory", {**needed("a", "curl", CRITICAL, earlier), "UpdateState": "Installed"})

    answer = ask("missing-by-class")

    assert [list(row.values()) for row in answer] == [
        [SECURITY, 1, 2, 2, 1, earlier, 0],
        [OTHERS, 1, 1, 1, 0, now, 1],
    ]


def test_missing_updates_are_shown_with_their_machines(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """One row an update, that which most machines miss first, its machines by name."""
    write_rows(
        "Update",
        needed("web-02", "openssl", SECURITY, now),
        needed("web-01", "openssl", SECURITY, now - timedelta(days=1), IsInstallable=False),
        needed("web-01", "vim", OTHERS, now),
    )

    answer = ask("missing-updates")

    assert [(r["Product"], r["Machines"], r["MachineNames"], r["NotInstallable"]) for r in answer] == [
        ("openssl", 2, "web-01, web-02", 1),
        ("vim", 1, "web-01", 0),
    ]
    assert answer[0]["FirstSeen"] == now - timedelta(days=1)
    assert [row["Product"] for row in ask("missing-updates", **{"class": "Others"})] == ["vim"]


def test_security_missing_long_leaves_out_recent_and_ordinary_ones(
    ask: Ask, write_rows: WriteRows, now: datetime
) -> None:
    """Only critical and security updates of at least that age, the oldest first."""
    write_rows(
        "Update",
        needed("a", "old", SECURITY, now - timedelta(days=40)),
        needed("a", "older", CRITICAL, now - timedelta(days=50)),
        needed("a", "recent", SECURITY, now - timedelta(days=29)),
        needed("a", "plain", OTHERS, now - timedelta(days=90)),
    )

    answer = ask("security-missing-long", days="30")

    assert [(row["Product"], row["MissingDays"]) for row in answer] == [("older", 50), ("old", 40)]


def test_versions_age_from_their_first_sighting_on_any_machine(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """A machine that met the version yesterday does not make it young; each machine counts once."""
    old = {"FleetFirstSeen": now - timedelta(days=40)}
    write_rows(
        "Update",
        needed("db-01", "openssl", SECURITY, now - timedelta(days=1), **old),
        needed("web-01", "openssl", SECURITY, now - timedelta(days=40), **old, IsInstallable=False),
        needed("web-01", "curl", OTHERS, now, FleetFirstSeen=now - timedelta(days=2)),
    )

    answer = ask("version-ages", days="1")

    found = [(row["Product"], row["AgeDays"], row["Machines"], row["Installable"]) for row in answer]
    assert found == [("openssl", 40, 2, 1), ("curl", 2, 1, 1)]
    assert [row["Product"] for row in ask("version-ages", days="30")] == ["openssl"]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "Recent"),
        (29, "Recent"),
        (30, "30 days ago"),
        (95, "90 days ago"),
        (180, "180 days ago"),
        (209, "180 days ago"),
        (210, "Older"),
    ],
)
def test_oldest_missing_security_has_a_bucket(
    ask: Ask, write_rows: WriteRows, now: datetime, days: int, bucket: str
) -> None:
    """The bucket is that of the oldest update, in Update Management's words."""
    write_rows(
        "Update",
        needed("a", "newer", SECURITY, now),
        needed("a", "openssl", SECURITY, now - timedelta(days=days, hours=1)),
        needed("a", "ancient", OTHERS, now - timedelta(days=400)),
    )

    (row,) = ask("oldest-missing-security")

    assert (row["Product"], row["OldestInDays"], row["Bucket"], row["SecurityUpdates"]) == ("openssl", days, bucket, 2)


def test_not_installable_gives_the_reason_and_its_evidence(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Only what an ordinary upgrade leaves out, on the machines that were asked for."""
    held = {"IsInstallable": False, "NotInstallableReason": "held", "NotInstallableDetail": "apt-mark hold"}
    write_rows(
        "Update",
        needed("web-01", "vim", OTHERS, now, **held),
        needed("web-01", "curl", OTHERS, now),
        needed("db-01", "vim", OTHERS, now, **held),
    )

    answer = ask("not-installable", machine="web-*")

    assert [(r["Computer"], r["Product"], r["NotInstallableReason"], r["NotInstallableDetail"]) for r in answer] == [
        ("web-01", "vim", "held", "apt-mark hold")
    ]


def test_installed_lists_what_was_installed_lately(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """With the time at which it was noticed, and how long it had been needed."""
    done = {"UpdateState": "Installed", "TimeGenerated": now - timedelta(days=2)}
    write_rows(
        "UpdateHistory",
        {**needed("a", "curl", OTHERS, now - timedelta(days=12)), **done},
        {**needed("a", "vim", OTHERS, now - timedelta(days=12)), **done, "TimeGenerated": now - timedelta(days=8)},
        {**needed("a", "bash", OTHERS, now - timedelta(days=12)), **done, "UpdateState": "NotNeeded"},
    )

    (row,) = ask("installed-updates", days=7)

    assert (row["Product"], row["NeededDays"], row["PreviousVersion"]) == ("curl", 10, "1.0")
    assert row["NoticedAt"] == now - timedelta(days=2)


def test_trend_has_every_day_once(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Days without changes are zero, today is the last, and changes of earlier days stay out."""
    write_rows(
        "UpdateHistory",
        needed("a", "openssl", SECURITY, now),
        needed("a", "vim", OTHERS, now - timedelta(days=1)),
        {**needed("a", "curl", OTHERS, now - timedelta(days=1)), "UpdateState": "Installed"},
        needed("a", "old", OTHERS, now - timedelta(days=3)),
    )

    answer = [list(row.values()) for row in ask("update-trend", days=3)]

    today = now.date()
    assert answer == [
        [today - timedelta(days=2), 0, 0, 0, 0],
        [today - timedelta(days=1), 1, 0, 1, 0],
        [today, 1, 1, 0, 0],
    ]


def test_missing_updates_of_machine_begin_with_the_grave_ones(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Critical, then security, then the rest, each by name; other machines stay out."""
    write_rows(
        "Update",
        needed("web-01", "vim", OTHERS, now),
        needed("web-01", "openssl", SECURITY, now),
        needed("web-01", "kernel", CRITICAL, now),
        needed("web-02", "bash", OTHERS, now),
    )

    answer = ask("missing-updates-of-machine", machine="web-01")

    assert [row["Product"] for row in answer] == ["kernel", "openssl", "vim"]


def test_reboot_pending_keeps_unknown_apart_from_yes(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Yes comes first; machines that need none, or never answered, are not shown."""
    answered = {"LastAnswered": now, "BootedAt": now - timedelta(days=100)}
    write_rows(
        "Machine",
        machine("unsure", RebootRequired="unknown", RebootReason="no kernel found", **answered),
        machine("due", RebootRequired="yes", RebootReason="kernel 6.1 is newer", **answered),
        machine("fine", RebootRequired="no", **answered),
        machine("silent", RebootRequired="unknown"),
    )

    answer = ask("reboot-pending")

    assert [(r["Computer"], r["RebootRequired"], r["UpDays"]) for r in answer] == [
        ("due", "yes", 100),
        ("unsure", "unknown", 100),
    ]


def test_reporting_counts_heartbeats_in_the_time_given(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """The latest heartbeat describes the machine; one that was silent for longer is not shown."""
    beat = {"Computer": "a", "OSType": "Linux"}
    write_rows(
        "Heartbeat",
        {**beat, "TimeGenerated": now - timedelta(hours=3), "OSName": "Debian 12"},
        {**beat, "TimeGenerated": now - timedelta(hours=1), "OSName": "Debian 13"},
        {"Computer": "b", "OSType": "Linux", "TimeGenerated": now - timedelta(hours=13)},
    )

    (row,) = ask("machines-that-report")

    assert (row["Computer"], row["OSName"], row["Answers"]) == ("a", "Debian 13", 2)
    assert row["LastSeen"] == now - timedelta(hours=1)


def test_runs_show_the_last_word_of_each(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """A run that was recorded as in progress and then as succeeded is one row."""
    run = {"UpdateRunName": "patch tuesday", "CorrelationId": "r1", "StartTime": now - timedelta(hours=2)}
    write_rows(
        "DeploymentRun",
        {**run, "TimeGenerated": now - timedelta(hours=2), "Status": "InProgress", "MachinesTargeted": 3},
        {
            **run,
            "TimeGenerated": now - timedelta(hours=1),
            "EndTime": now - timedelta(hours=1),
            "Status": "Failed",
            "MachinesTargeted": 3,
            "MachinesSucceeded": 2,
            "MachinesFailed": 1,
            "MachinesNotAttempted": 0,
            "WindowMinutes": 120,
        },
    )

    (row,) = ask("deployment-runs")

    assert (row["Status"], row["Minutes"], row["Machines"], row["Succeeded"], row["Failed"]) == ("Failed", 60, 3, 2, 1)


def test_failed_updates_count_once_a_run(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Two steps of the same failure are one; success is none."""
    step = {"TimeGenerated": now, "SourceComputerId": "id-a", "CorrelationId": "r1", "Product": "grub", "UpdateId": ""}
    failed = {**step, "InstallationStatus": "Failed", "ErrorResult": "dpkg returned 1"}
    write_rows(
        "UpdateRunProgress",
        failed,
        {**failed, "InstallationStatus": "InstallFailed"},
        {**failed, "SourceComputerId": "id-b", "Product": "linux-image"},
        {**step, "InstallationStatus": "Succeeded", "ErrorResult": ""},
    )

    assert [list(row.values()) for row in ask("failed-updates")] == [
        ["dpkg returned 1", 2, 2, 1, "grub, linux-image", now]
    ]


def test_machines_of_runs_begin_with_failures(ask: Ask, write_rows: WriteRows, now: datetime) -> None:
    """Of the deployments that were asked for."""
    row = {"TimeGenerated": now, "StartTime": now, "UpdateRunName": "weekly", "CorrelationId": "r1"}
    write_rows(
        "MachineRun",
        {**row, "Computer": "a", "Status": "Succeeded", "UpdatesSucceeded": 4},
        {**row, "Computer": "b", "Status": "Failed", "ErrorResult": "no space"},
        {**row, "Computer": "c", "Status": "Failed", "UpdateRunName": "monthly"},
    )

    answer = ask("machines-of-runs", run="week*")

    assert [(r["Computer"], r["Status"]) for r in answer] == [("b", "Failed"), ("a", "Succeeded")]


def test_every_predefined_query_is_tested() -> None:
    """A query that is added gets a test of its values."""
    source = "".join(file.read_text("utf-8") for file in Path(__file__).parent.rglob("test_*.py"))
    untested = [path.stem for path in query_files(PREDEFINED) if f'ask("{path.stem}"' not in source]

    assert untested == []
