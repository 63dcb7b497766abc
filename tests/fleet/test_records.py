"""Rows of the record tables: all columns, the right types, unknown told from none."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.changes import apply_assessment
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine, OSType, TransportKind
from fleet.records import Row, assessment_row, heartbeat_row, history_row, machine_row, needed_rows, summary_row
from fleet.status import MachineStatus, summarise
from fleet.tables import ASSESSMENT, HEARTBEAT, MACHINE, UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY, ColumnType, Table
from fleet.updates import Blocker, Classification, Update

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine("id-web", "web-01", TransportKind.SSH, _NOW, address="192.0.2.7", tags={"env": "prod"})
_SECURITY = Update("openssl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12")
_HELD = Update("curl", "amd64", "7", "8", Classification.OTHERS, "origin", "Debian:12", Blocker.HELD, "apt-mark")
_FACTS = MachineFacts(
    os_type=OSType.LINUX,
    os_name="Ubuntu",
    os_version="24.04",
    reboot_required=Answer.YES,
    reboot_reason="linux-image",
    ip_addresses=("192.0.2.7",),
    other_updaters=(),
)
_FINDING = Finding(FindingKind.LISTS_STALE, Severity.WARNING, 'lists of "2025"', "run apt update")
_SCAN = Assessment(
    "id-web",
    "web-01",
    _NOW - timedelta(seconds=3),
    _NOW,
    Coverage.COMPLETE,
    _FACTS,
    (_SECURITY, _HELD),
    findings=(_FINDING,),
)
_FAILED = Assessment(
    "id-web",
    "web-01",
    _NOW,
    _NOW,
    Coverage.UNKNOWN,
    failure=Failure(FailureKind.LOGIN_REFUSED, "login as admin", "refused.", "Check the key."),
)
_COUNTS = ("SecurityUpdatesMissing", "OtherUpdatesMissing", "UnclassifiedUpdatesMissing", "NotInstallableMissing")
_PYTHON_TYPES = {
    ColumnType.STRING: str,
    ColumnType.DYNAMIC: str,
    ColumnType.DATETIME: datetime,
    ColumnType.DATE: date,
    ColumnType.BOOL: bool,
    ColumnType.INT: int,
    ColumnType.LONG: int,
    ColumnType.REAL: float,
}


def _rows_of(scan: Assessment) -> Iterable[tuple[Table, Row]]:
    current = apply_assessment(_MACHINE, scan, ())
    yield from ((UPDATE, row) for row in current.current)
    yield from ((UPDATE_HISTORY, row) for row in current.history)
    yield UPDATE_SUMMARY, summary_row(_MACHINE, scan, current.current)
    yield HEARTBEAT, heartbeat_row(_MACHINE, scan, "0.1.0")
    yield ASSESSMENT, assessment_row(_MACHINE, scan, "batch")
    yield MACHINE, machine_row(MachineStatus(_MACHINE, summarise(scan), None))
    yield MACHINE, machine_row(MachineStatus(_MACHINE))


@pytest.mark.parametrize("scan", [_SCAN, _FAILED, replace(_SCAN, facts=MachineFacts())])
def test_rows_have_exactly_the_columns_of_their_table(scan: Assessment) -> None:
    """Every column is there with its type; a text is never null."""
    for table, row in _rows_of(scan):
        assert set(row) == set(table.column_names)
        for column in table.columns:
            value = row[column.name]
            assert isinstance(value, _PYTHON_TYPES[column.type]) or (
                value is None and column.type is not ColumnType.STRING
            ), (table.name, column, value)


def test_needed_row_describes_the_update() -> None:
    """Package, versions, repository, class, and why it is not installable."""
    (row,) = needed_rows(_MACHINE, _SCAN, [(_HELD, _NOW - timedelta(days=1))])

    assert (row["Title"], row["Product"], row["ProductVersion"], row["ProductArch"]) == ("curl 8", "curl", "8", "amd64")
    assert (row["InstalledVersion"], row["PackageRepository"], row["Classification"]) == ("7", "Debian:12", "Others")
    assert (row["IsInstallable"], row["NotInstallableReason"], row["NotInstallableDetail"]) == (
        False,
        "held",
        "apt-mark",
    )
    assert (row["OSType"], row["OSName"], row["SourceSystem"], row["ComputerEnvironment"]) == (
        "Linux",
        "Ubuntu",
        "Linux",
        "Non-Azure",
    )
    assert (row["Computer"], row["SourceComputerId"], row["FirstSeen"]) == (
        "web-01",
        "id-web",
        _NOW - timedelta(days=1),
    )
    assert (row["Optional"], row["Approved"]) == (None, None)


def test_day_is_the_utc_day_of_the_row() -> None:
    """The partition follows TimeGenerated."""
    (row,) = needed_rows(_MACHINE, replace(_SCAN, ended_at=datetime(2026, 1, 1, tzinfo=UTC)), [(_HELD, _NOW)])

    assert history_row(row)["Day"] == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("coverage", "counts", "total"),
    [
        (Coverage.COMPLETE, (1, 1, 0, 1), 2),
        (Coverage.SECURITY_UNKNOWN, (None, 1, 0, 1), None),
        (Coverage.UNKNOWN, (None, None, None, None), None),
    ],
)
def test_counts_are_null_where_the_scan_could_not_tell(
    coverage: Coverage, counts: tuple[int | None, ...], total: int | None
) -> None:
    """Unknown is never 0, in each table that has counts."""
    scan = replace(_SCAN, coverage=coverage)
    status = MachineStatus(_MACHINE, summarise(scan), summarise(scan))
    rows = [summary_row(_MACHINE, scan, ()), assessment_row(_MACHINE, scan, "batch"), machine_row(status)]

    assert [tuple(row[column] for column in _COUNTS) for row in rows] == [counts] * 3
    assert rows[0]["TotalUpdatesMissing"] == total


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, "Recent"), (29, "Recent"), (30, "30 days ago"), (89, "60 days ago"), (209, "180 days ago"), (210, "Older")],
)
def test_oldest_security_update_has_its_age(days: int, bucket: str) -> None:
    """Age and bucket are those of the security update that was seen first; ordinary ones do not count."""
    seen = [(_SECURITY, _NOW - timedelta(days=days)), (_HELD, _NOW - timedelta(days=999))]

    row = summary_row(_MACHINE, _SCAN, needed_rows(_MACHINE, _SCAN, seen))

    assert (row["OldestMissingSecurityUpdateInDays"], row["OldestMissingSecurityUpdateBucket"]) == (days, bucket)


def test_without_security_updates_there_is_no_age() -> None:
    """No update, no age; and none where security is unknown."""
    unknown = replace(_SCAN, coverage=Coverage.SECURITY_UNKNOWN)
    seen = needed_rows(_MACHINE, _SCAN, [(_SECURITY, _NOW)])

    for row in (summary_row(_MACHINE, _SCAN, ()), summary_row(_MACHINE, unknown, seen)):
        assert (row["OldestMissingSecurityUpdateInDays"], row["OldestMissingSecurityUpdateBucket"]) == (None, "")


@pytest.mark.parametrize(("answer", "pending"), [(Answer.YES, True), (Answer.NO, False), (Answer.UNKNOWN, None)])
def test_restart_is_pending_or_not_or_unknown(answer: Answer, pending: bool | None) -> None:
    """Unknown is its own answer."""
    scan = replace(_SCAN, facts=replace(_FACTS, reboot_required=answer))

    assert summary_row(_MACHINE, scan, ())["RestartPending"] is pending


def test_heartbeat_splits_the_version_of_the_system() -> None:
    """24.04 is major 24 and minor 04; addresses are JSON."""
    row = heartbeat_row(_MACHINE, _SCAN, "0.1.0")

    assert (row["OSMajorVersion"], row["OSMinorVersion"], row["Version"], row["Category"]) == (
        "24",
        "04",
        "0.1.0",
        "ssh",
    )
    assert (row["ComputerIP"], row["ComputerPrivateIPs"], row["Solutions"]) == (
        "192.0.2.7",
        '["192.0.2.7"]',
        '"updates"',
    )


def test_failed_assessment_says_why() -> None:
    """Kind and text of the failure; nothing is counted."""
    row = assessment_row(_MACHINE, _FAILED, "batch")

    assert (row["Outcome"], row["FailureKind"]) == ("failed", "login-refused")
    assert row["FailureText"] == "login as admin: refused. Check the key."
    assert row["SecurityUpdatesMissing"] is None


def test_findings_are_json() -> None:
    """A list of objects, whatever quotes the text holds."""
    row = assessment_row(_MACHINE, _SCAN, "batch")

    assert json.loads(str(row["Findings"])) == [
        {"kind": "lists-stale", "severity": "warning", "text": 'lists of "2025"', "remedy": "run apt update"}
    ]


def test_machine_that_failed_keeps_what_it_said() -> None:
    """The failure is the last attempt's, facts and counts are the last answer's."""
    later = replace(_FAILED, ended_at=_NOW + timedelta(hours=1))

    row = machine_row(MachineStatus(_MACHINE, summarise(later), summarise(_SCAN)))

    assert (row["LastOutcome"], row["FailureKind"], row["Ready"]) == ("failed", "login-refused", False)
    assert (row["SecurityUpdatesMissing"], row["OSName"], row["LastAnswered"]) == (1, "Ubuntu", _NOW)
    assert (row["OtherUpdaters"], row["Tags"]) == ("[]", '{"env":"prod"}')


def test_machine_never_assessed_is_not_known() -> None:
    """Nothing is 0 or ready before the first assessment."""
    row = machine_row(MachineStatus(_MACHINE))

    assert (row["LastOutcome"], row["Ready"], row["SecurityUpdatesMissing"], row["Coverage"]) == ("", None, None, "")
    assert (row["RebootRequired"], row["OtherUpdaters"], row["LastAssessed"]) == ("unknown", None, None)


@given(st.text())
def test_any_text_of_a_machine_is_a_value(text: str) -> None:
    """A name is stored as it is: no row is lost to it."""
    (row,) = needed_rows(_MACHINE, _SCAN, [(replace(_HELD, name=text), _NOW)])

    assert row["Product"] == text
