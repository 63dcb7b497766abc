"""Rows of runs: all columns, the right types, steps in order, counts that agree."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import parse_mask
from fleet.deployments.plan import MachinePlan
from fleet.deployments.pulse import Pulse
from fleet.deployments.rollout import Rollout
from fleet.deployments.run_records import deployment_run_row, machine_run_row, progress_rows
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    RunStep,
    UpdateOutcome,
)
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion, UpdateRules
from fleet.deployments.waves import parse_wave
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.machines import OSType
from fleet.records import Row
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS, ColumnType, Table
from fleet.updates import Classification

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
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
_DEPLOYMENT = Deployment(
    "nightly",
    ("tag:env=prod",),
    UpdateRules(
        classes=(Classification.SECURITY, Classification.CRITICAL),
        exclude=(parse_mask("linux-*"),),
        exclusions=(Exclusion(parse_mask("nginx=1.*"), "breaks the shop", date(2026, 12, 1), "anna"),),
    ),
    scripts=(Script(ScriptStage.PRE, ScriptPlace.MACHINE, "/srv/stop.sh", {"TOKEN": "hunter2"}),),
    rollout=Rollout(waves=(parse_wave("1"), parse_wave("50%"))),
)
_RUN = Run(
    "20261120T020000Z-5f3a9c",
    _DEPLOYMENT,
    RunStatus.FAILED,
    _NOW,
    _NOW + timedelta(hours=2),
    Requester("anna", "192.0.2.9", "deployments run nightly"),
    _NOW - timedelta(hours=1),
    plan_hash="abc",
    started_at=_NOW,
    ended_at=_NOW + timedelta(hours=1),
    note="1 of 2 machines succeeded, 1 failed",
)
_FACTS = MachineFacts(os_type=OSType.LINUX, package_manager="apt", system_uuid="uuid")
_PLAN = MachinePlan("id-web", "web-01", 0, package_manager="apt", assessed_at=_NOW)


def _outcome(status: InstallationStatus, began: float | None = None, ended: float | None = None) -> UpdateOutcome:
    return UpdateOutcome(
        "curl",
        "amd64",
        "1",
        "2",
        "Security Updates",
        status,
        error="" if status is InstallationStatus.SUCCEEDED else "why",
        started_at=None if began is None else _NOW + timedelta(seconds=began),
        ended_at=None if ended is None else _NOW + timedelta(seconds=ended),
    )


def _machine(*outcomes: UpdateOutcome, status: MachineRunStatus = MachineRunStatus.SUCCEEDED) -> MachineRun:
    return MachineRun(
        _RUN.id,
        "id-web",
        "web-01",
        1,
        status,
        RunStep.REPORT,
        _NOW,
        _NOW + timedelta(minutes=10),
        assess_seconds=2.5,
        rebooted=True,
        pulse_before=Pulse("boot-1", "6.1.0-1"),
        pulse_after=Pulse("boot-2", "6.1.0-2"),
        job_id="job",
        log_bytes=7,
        attempts=1,
        outcomes=outcomes,
    )


def _check(table: Table, rows: Sequence[Row]) -> None:
    for row in rows:
        assert set(row) == set(table.column_names)
        for column in table.columns:
            value = row[column.name]
            assert value is not None or column.type is not ColumnType.STRING
            assert value is None or isinstance(value, _PYTHON_TYPES[column.type]), column.name
        assert row["Day"] == row["TimeGenerated"].date()  # type: ignore[union-attr]  # checked above


def test_row_of_a_run_has_every_column_and_counts_its_machines() -> None:
    """Succeeded, failed, not attempted and cancelled are all that there are."""
    machines = [_machine(status=status) for status in MachineRunStatus if status is not MachineRunStatus.IN_PROGRESS]
    row = deployment_run_row(_RUN, machines, _NOW)
    _check(DEPLOYMENT_RUN, [row])
    counted = [row[f"Machines{name}"] for name in ("Succeeded", "Failed", "NotAttempted", "Cancelled", "Unreachable")]
    assert counted == [1, 3, 1, 1, 1] and row["MachinesTargeted"] == 6
    assert (row["Requester"], row["RequesterAddress"], row["PlanHash"]) == ("anna", "192.0.2.9", "abc")
    assert row["TimeGenerated"] == _RUN.ended_at and row["Note"] == _RUN.note


def test_running_run_has_no_end() -> None:
    """While it goes on, the row is as of now."""
    row = deployment_run_row(replace(_RUN, status=RunStatus.IN_PROGRESS, ended_at=None), [], _NOW)
    assert row["EndTime"] is None and row["TimeGenerated"] == _NOW


def test_settings_tell_the_rules_and_no_value_of_a_parameter() -> None:
    """A parameter of a script may be a secret: its name is enough."""
    text = str(deployment_run_row(_RUN, [], _NOW)["Settings"])
    settings = json.loads(text)
    assert settings["classifications"] == ["Critical Updates", "Security Updates"]
    assert (settings["exclude"], settings["waves"]) == (["linux-*"], ["1", "50%"])
    assert settings["exclusions"][0]["until"] == "2026-12-01"
    assert settings["scripts"][0]["parameters"] == ["TOKEN"] and "hunter2" not in text


def test_row_of_a_machine_has_every_column() -> None:
    """Boots, kernels, wave from 1, what failed."""
    row = machine_run_row(_RUN, _machine(_outcome(InstallationStatus.SUCCEEDED)), _PLAN, _FACTS, _NOW)
    _check(MACHINE_RUN, [row])
    assert (row["BootIdBefore"], row["BootIdAfter"], row["KernelAfter"]) == ("boot-1", "boot-2", "6.1.0-2")
    assert (row["Wave"], row["PackageManager"], row["UpdatesSucceeded"], row["VMUUID"]) == (2, "apt", 1, "uuid")


def test_machine_that_never_answered_has_a_row_with_its_failure() -> None:
    """Nothing is known, and why."""
    failure = Failure(FailureKind.CONNECTION_REFUSED, "connect", "refused.", "Start sshd.")
    machine = MachineRun(_RUN.id, "id-web", "web-01", 0, MachineRunStatus.UNREACHABLE, failure=failure)
    row = machine_run_row(_RUN, machine, None, MachineFacts(), _NOW)
    _check(MACHINE_RUN, [row])
    assert (row["FailureKind"], row["ErrorResult"]) == ("connection-refused", "connect: refused. Start sshd.")
    assert (row["OSType"], row["AssessSeconds"], row["StartTime"]) == ("", None, None)


def test_installed_update_has_three_steps() -> None:
    """Planned, begun, installed."""
    rows = progress_rows(_RUN, _machine(_outcome(InstallationStatus.SUCCEEDED, 60, 90)), _PLAN, _FACTS, _NOW)
    _check(UPDATE_RUN_PROGRESS, rows)
    assert [row["InstallationStatus"] for row in rows] == ["NotStarted", "InProgress", "Succeeded"]
    assert [row["TimeGenerated"] for row in rows] == [_NOW, *(_NOW + timedelta(seconds=s) for s in (60, 90))]
    assert rows[-1]["Title"] == "curl 2" and rows[-1]["EndTime"] == _NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("status", "at"),
    [
        (InstallationStatus.EXCLUDED, _NOW),
        (InstallationStatus.NOT_INCLUDED, _NOW),
        (InstallationStatus.NOT_STARTED, _NOW + timedelta(minutes=10)),
        (InstallationStatus.WINDOW_EXCEEDED, _NOW + timedelta(minutes=10)),
    ],
)
def test_update_that_was_never_begun_has_its_outcome_alone(status: InstallationStatus, at: datetime) -> None:
    """Left out when it was planned, not begun when the machine was over; with the reason."""
    (row,) = progress_rows(_RUN, _machine(_outcome(status)), _PLAN, _FACTS, _NOW)
    assert (row["InstallationStatus"], row["TimeGenerated"], row["ErrorResult"]) == (status.value, at, "why")


@given(
    st.lists(
        st.builds(
            _outcome,
            st.sampled_from([status for status in InstallationStatus if status is not InstallationStatus.IN_PROGRESS]),
            st.none() | st.floats(-100, 900),
            st.none() | st.floats(-100, 900),
        ),
        max_size=5,
    )
)
def test_last_step_of_each_update_is_its_outcome(outcomes: list[UpdateOutcome]) -> None:
    """Whatever the times: readers that take the latest row get how it ended, and counts agree."""
    named = [replace(outcome, name=f"p{number}") for number, outcome in enumerate(outcomes)]
    machine = _machine(*named)
    rows = progress_rows(_RUN, machine, _PLAN, _FACTS, _NOW)
    for outcome in named:
        own = [row for row in rows if row["Product"] == outcome.name]
        times = [row["TimeGenerated"] for row in own]
        assert own[-1]["InstallationStatus"] == outcome.status and times == sorted(set(times), key=str)
    row = machine_run_row(_RUN, machine, _PLAN, _FACTS, _NOW)
    counts = [row[f"Updates{name}"] for name in ("Succeeded", "Failed", "NotAttempted", "LeftOut")]
    assert sum(map(int, map(str, counts))) == len(outcomes)
