"""What of runs is gathered for reasons: those since the update came, those without machines, and how long they took."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    UpdateOutcome,
)
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window
from fleet.facts import MachineFacts
from fleet.machines import Machine, TransportKind
from fleet.reasons.reason import ReasonKind
from fleet.updates import Classification, Update
from ops.assess_commit import store_batch
from ops.deployments.definitions import define
from ops.home import Home, open_home
from ops.missing import list_missing
from ops.state import MachineBook
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.runs import RunBook
from ops.why.answers import why_everywhere, why_here

NOW = utc_now()
NIGHTLY = Deployment("nightly", ("web-*",), UpdateRules(classes=(Classification.SECURITY,)), window=Window(30, 5))
UPDATES = tuple(
    Update(name, "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12")
    for name in ("openssl", "curl", "bash", "sudo")
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """web-01 misses four updates since an hour, and nightly is for it."""
    made = open_home(tmp_path / "home")
    with opened(made.state_file) as connection:
        MachineBook(connection).add(Machine("m1", "web-01", TransportKind.SSH, NOW, address="192.0.2.1"))
    at = NOW - timedelta(hours=1)
    facts = MachineFacts(package_manager="apt")
    store_batch(made, "b", [Assessment("m1", "web-01", at, at, Coverage.COMPLETE, facts, UPDATES)])
    define(made, NIGHTLY)
    return made


def _add_run(home: Home, run_id: str, at: datetime, machine: MachineRun | None, **fields: object) -> None:
    run = Run(run_id, NIGHTLY, RunStatus.FAILED, at, at + timedelta(hours=1), Requester("anna"), at, ended_at=at)
    made = replace(run, **fields)  # type: ignore[arg-type]  # as the test says
    with opened(home.state_file) as connection:
        RunBook(connection).make(made)
        if machine is not None:
            RunBook(connection).freeze(made, Plan("nightly", at, (), "abc"), [machine])


def _kinds(home: Home) -> list[ReasonKind]:
    missing = list_missing(home)
    wanted = next(each for each in missing if each.update.name == "openssl")
    here = why_here(home, wanted, [each.update for each in missing])
    (everywhere,) = why_everywhere(home, [wanted])
    assert {each.kind for each in everywhere.reasons} <= {each.kind for each in here.reasons}
    return [each.kind for each in here.reasons]


def test_run_before_the_update_came_says_nothing(home: Home) -> None:
    """What failed last month for another reason is no reason for this update."""
    failed = MachineRun("R1", "m1", "web-01", 0, MachineRunStatus.FAILED, error="no root")
    _add_run(home, "R1", NOW - timedelta(days=20), failed)
    assert _kinds(home) == [ReasonKind.NO_SCHEDULE]
    _add_run(home, "R2", NOW - timedelta(minutes=5), replace(failed, run_id="R2"))
    assert _kinds(home) == [ReasonKind.NO_SCHEDULE, ReasonKind.MACHINE_FAILED]


def test_run_that_ended_before_it_had_machines_is_told(home: Home) -> None:
    """Its plan was another than the one that was asked for: no machine of it was ever begun."""
    at = NOW - timedelta(minutes=5)
    _add_run(home, "R1", at, None, required_plan="abc", plan_hash="def", note="the plan is not the required one")
    assert _kinds(home) == [ReasonKind.NO_SCHEDULE, ReasonKind.PLAN_DRIFTED]


def test_own_history_tells_that_the_window_is_too_short(home: Home) -> None:
    """Three runs took twenty minutes for one update each; four do not fit into half an hour."""
    for number in range(3):
        at = NOW - timedelta(days=30 + number)
        done = UpdateOutcome("vim", "amd64", "1", "2", "Security Updates", InstallationStatus.SUCCEEDED)
        machine = MachineRun(
            f"R{number}", "m1", "web-01", 0, MachineRunStatus.SUCCEEDED, install_seconds=1_200.0, outcomes=(done,)
        )
        _add_run(home, f"R{number}", at, machine, status=RunStatus.SUCCEEDED)
    assert _kinds(home) == [ReasonKind.NO_SCHEDULE, ReasonKind.WINDOW_TOO_SHORT]
