"""A deployment as an administrator does it: written for git, previewed, run, changed and removed while it runs."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.deployments.runs import RunStatus
from ops.exit_codes import ExitCode
from ops.service.lease import find_holder
from tests.lab.administrator import Administrator, Done
from tests.lab.builder.lab import Lab

_MACHINES = ("run-waits", "run-apt")
_NIGHT = """\
# For git: kept as it is written.
name = "night"
targets = ["run-*"]

[updates]
classes = ["security", "others"]
exclude = ["acme-zeal"]  # not this one
"""
_WAITING = "pgrep -f acme-wait[s].postinst"
_HASH_OF_ANOTHER = "0" * 64


@pytest.fixture(scope="module")
def anna(deployed: Lab, tmp_path_factory: pytest.TempPathFactory) -> Administrator:
    """Two machines, and the deployment from its file."""
    anna = Administrator(deployed, tmp_path_factory.mktemp("anna"))
    anna.enrol(*_MACHINES)
    anna.define("night", _NIGHT)
    return anna


@pytest.fixture(scope="module")
def previewed(anna: Administrator) -> Done:
    """What a preview says."""
    return anna.do("deployments", "preview", "night", "--json")


def test_preview_shows_what_would_be_done(anna: Administrator, previewed: Done) -> None:
    """The exact transaction of each machine, and a hash; nothing is installed by it."""
    assert previewed.returncode == ExitCode.OK, previewed.stderr
    assert "acme-zeal" in previewed.stdout
    assert len(_hash_of(previewed)) == 64
    assert anna.runs.deb("run-apt", "acme-lib") == "1.0-1 installed"


def test_plan_that_drifted_is_refused(anna: Administrator) -> None:
    """Another plan is required than the machines give: nothing is begun anywhere."""
    refused = anna.do("deployments", "run", "night", "--require-plan", _HASH_OF_ANOTHER, "--here", "--yes")

    assert refused.returncode == ExitCode.PLAN_DRIFTED, refused.stderr
    assert anna.runs.deb("run-apt", "acme-lib") == "1.0-1 installed"
    assert anna.runs.shell("run-apt", "ls -A /var/lib/patchdeck/jobs 2>/dev/null") == ""


@pytest.fixture(scope="module")
def changed_meanwhile(anna: Administrator, previewed: Done) -> Done:
    """The run of the previewed plan, during which the deployment is edited and then removed."""
    words = ("deployments", "run", "night", "--require-plan", _hash_of(previewed), "--here", "--yes", "--json")
    with anna.begin(*words) as process:
        anna.runs.wait_for("run-waits", _WAITING)
        edited = anna.do("deployments", "edit", "night", "--exclude", "*")
        removed = anna.do("deployments", "remove", "night", "--yes")
        anna.runs.shell("run-waits", "touch /run/go-on")
        output, errors = process.communicate(timeout=120)
    assert edited.returncode == ExitCode.OK, edited.stderr
    assert removed.returncode == ExitCode.OK, removed.stderr
    return Done(words, process.returncode, output, errors)


def test_run_keeps_the_deployment_as_it_was(anna: Administrator, changed_meanwhile: Done) -> None:
    """Whoever edits or removes a deployment changes nothing of a run that goes on."""
    assert changed_meanwhile.returncode == ExitCode.OK, changed_meanwhile.stderr
    (row,) = json.loads(changed_meanwhile.stdout)
    assert row["status"] == "Succeeded"
    assert anna.runs.deb("run-waits", "acme-waits") == "1.1-1 installed"
    assert anna.runs.deb("run-waits", "acme-zeal") == "1.0-1 installed"
    assert [anna.runs.upgrades(name, "acme-lib") for name in _MACHINES] == [1, 1]


def test_run_of_a_removed_deployment_is_told_in_full(anna: Administrator, changed_meanwhile: Done) -> None:
    """History, log and change record are there after the deployment is gone."""
    gone = anna.do("deployments", "show", "night")
    runs: list[dict[str, Any]] = json.loads(anna.do("deployments", "history", "--json").stdout)
    run_id = next(run["run"] for run in runs if run["status"] == "Succeeded")
    log = anna.do("deployments", "logs", run_id, "run-apt")
    record = anna.do("deployments", "record", run_id)

    assert gone.returncode != ExitCode.OK
    assert {run["status"] for run in runs} == {"Succeeded", "Failed"}
    assert "Setting up acme-lib (1.0-1+deb12u1)" in log.stdout, log.stderr
    assert "acme-lib" in record.stdout
    assert "run-waits" in record.stdout


@pytest.fixture
def bert(deployed: Lab, tmp_path: Path) -> Iterator[Administrator]:
    """One whose service works; it ends with the test."""
    bert = Administrator(deployed, tmp_path)
    bert.enrol("run-cut")
    bert.define("night", _NIGHT)
    yield bert
    bert.do("service", "stop")


def test_killed_service_goes_on_with_its_run(bert: Administrator) -> None:
    """The service dies in the middle of an installation; the next one finds the job, and installs nothing again."""
    asked = bert.do("deployments", "run", "night", "--yes")
    bert.runs.wait_for("run-cut", _WAITING)
    holder = find_holder(bert.runs.home)
    assert holder is not None, asked.stderr
    os.kill(holder.pid, signal.SIGKILL)

    with bert.begin("deployments", "logs", "night", "--follow") as following:
        started = bert.do("service", "start")
        bert.runs.shell("run-cut", "touch /run/go-on")
        told, _ = following.communicate(timeout=120)

    outcome = bert.runs.outcome(bert.runs.last_run())
    assert started.returncode == ExitCode.OK, started.stderr
    assert outcome.run.status is RunStatus.SUCCEEDED, outcome.describe()
    assert bert.runs.upgrades("run-cut", "acme-waits") == 1
    assert outcome.machines["run-cut"].attempts == 1
    assert "run-cut" in told


def _hash_of(previewed: Done) -> str:
    rows = json.loads(previewed.stdout)
    return str(rows[0]["plan_hash"])
