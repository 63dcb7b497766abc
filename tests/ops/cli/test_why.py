"""`patchdeck why`: every reason why an update is not installed, of one machine and of all that miss it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from fleet.facts import MachineFacts
from fleet.machines import Machine, TransportKind
from fleet.updates import Blocker, Classification, Update
from ops.assess_commit import store_batch
from ops.deployments.definitions import define
from ops.home import Home, open_home
from ops.state import MachineBook
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.runs import RunBook

Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives
NOW = utc_now()
SEEN = NOW - timedelta(hours=1)
OPENSSL = Update("openssl", "amd64", "3.0.1", "3.0.2", Classification.SECURITY, "origin", "Debian-Security:12")
HELD = replace(OPENSSL, blocker=Blocker.HELD, blocker_detail="dpkg holds it: apt-mark hold")
NIGHTLY = Deployment("nightly", ("web-*",), UpdateRules(classes=(Classification.SECURITY,)))


@pytest.fixture(scope="module")
def asked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """web-01 and web-02 miss openssl, which is held on web-02; nightly is for both, and failed twice on web-01."""
    home = open_home(tmp_path_factory.mktemp("why") / "home")
    with opened(home.state_file) as connection:
        for number in (1, 2):
            book = MachineBook(connection)
            book.add(Machine(f"m{number}", f"web-0{number}", TransportKind.SSH, SEEN, address="192.0.2.1"))
    facts = MachineFacts(package_manager="apt")
    store_batch(
        home,
        "b",
        [
            Assessment("m1", "web-01", SEEN, SEEN, Coverage.COMPLETE, facts, (OPENSSL,)),
            Assessment("m2", "web-02", SEEN, SEEN, Coverage.COMPLETE, facts, (HELD,)),
        ],
    )
    define(home, NIGHTLY)
    for number in (1, 2):
        _fail(home, f"R{number}", SEEN + timedelta(minutes=number))
    return home.path


def _fail(home: Home, run_id: str, at: datetime) -> None:
    """A run of nightly that failed to install openssl on web-01."""
    run = Run(run_id, NIGHTLY, RunStatus.FAILED, at, at + timedelta(hours=2), Requester("anna"), at, ended_at=at)
    outcome = UpdateOutcome(
        "openssl",
        "amd64",
        "3.0.1",
        "3.0.2",
        Classification.SECURITY.value,
        InstallationStatus.INSTALL_FAILED,
        error="E: \x1b[31mdpkg",
        log_excerpt="Setting up openssl\ndpkg: error processing package openssl\n",
    )
    machine = MachineRun(
        run_id, "m1", "web-01", 0, MachineRunStatus.FAILED, started_at=at, ended_at=at, outcomes=(outcome,)
    )
    with opened(home.state_file) as connection:
        book = RunBook(connection)
        book.make(run)
        book.freeze(run, Plan("nightly", at.astimezone(UTC), (), "abc"), [machine])


def test_machine_and_update_give_every_reason(asked_home: Path, patchdeck: Patchdeck) -> None:
    """What stops it now, what went wrong before and how often, each with its evidence and the command that helps."""
    rows = json.loads(patchdeck("--home", str(asked_home), "why", "web-01", "openssl", "--json").out)

    assert {(row["machine"], row["update"], row["offered_version"]) for row in rows} == {("web-01", "openssl", "3.0.2")}
    assert [(row["weight"], row["kind"]) for row in rows] == [
        ("stops it", "no-schedule"),
        ("went wrong", "failed-again"),
    ]
    assert rows[0]["command"] == "patchdeck deployments run nightly"
    assert "for the 2nd time with the same error" in rows[1]["words"]
    assert rows[1]["evidence"].endswith("log: dpkg: error processing package openssl")
    assert "\x1b" not in rows[1]["evidence"]
    assert rows[1]["command"] == "patchdeck deployments logs R2 web-01"


def test_page_has_verdict_evidence_and_command(asked_home: Path, patchdeck: Patchdeck) -> None:
    """For people: the answer first, then each reason with what to do, the command in one piece."""
    page = patchdeck("--home", str(asked_home), "why", "web-02", "openssl").out.splitlines()

    assert page[0] == "web-02, openssl 3.0.1 → 3.0.2 (amd64): 1 reason stops it now."
    assert page[2:5] == [
        "1. [stops it] Somebody holds the package on the machine.",
        "   Evidence: dpkg holds it: apt-mark hold",
        "   To do: Take the hold off on the machine: sudo apt-mark unhold openssl",
    ]


def test_update_alone_groups_all_machines_by_reason(asked_home: Path, patchdeck: Patchdeck) -> None:
    """Each reason once, with the machines that have it."""
    ended = patchdeck("--home", str(asked_home), "why", "openssl", "--json")
    groups = {(row["kind"], row["about"]): row for row in json.loads(ended.out)}

    assert groups["blocked", "held"]["machines"] == ["web-02"]
    assert (groups["no-schedule", "nightly"]["machines"], groups["no-schedule", "nightly"]["leading"]) == (
        ["web-01"],
        1,
    )
    assert "2 missing updates on 2 machines; something stops it now on 2 of them." in ended.err
    page = patchdeck("--home", str(asked_home), "why", "openssl").out
    assert "1 machine, the first reason on 1: [stops it] Somebody holds the package on the machine.\n" in page


def test_mask_that_names_the_whole_list_is_refused(
    asked_home: Path, patchdeck: Patchdeck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads the reasons of 300,000 updates, and looking for them takes minutes."""
    monkeypatch.setattr("ops.why.finding.MOST_FOUND", 1)
    refused = patchdeck("--home", str(asked_home), "why", "*", code=2)
    assert "'*' names 2 missing updates: name fewer, 1 at most." in refused.err


def test_what_is_not_missing_is_refused_with_the_nearest(asked_home: Path, patchdeck: Patchdeck) -> None:
    """A typing error of either name ends with wrong usage and says what was meant."""
    assert "Did you mean 'openssl'" in patchdeck("--home", str(asked_home), "why", "web-01", "openssll", code=2).err
    assert "Did you mean 'web-01'" in patchdeck("--home", str(asked_home), "why", "web-1", "openssl", code=2).err
    alone = patchdeck("--home", str(asked_home), "why", "web-01", code=2).err
    assert "'web-01' is a machine, no missing update. Name the update, too: patchdeck why web-01 openssl" in alone
