"""Scripts before and after, on the console and on machines: when they run, what they are told, what failure means."""

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import MachineRunStatus, RunStatus
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.failures import FindingKind
from ops.deployments.folder import run_folder
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that copies what it is told into a file, and ends as its parameter says."""
    path = tmp_path / "told.sh"
    path.write_text(
        "#!/bin/sh\n"
        f'cp "$PATCHDECK_RUN_CONTEXT" "{tmp_path}/$PATCHDECK_NAME.json"\n'
        'echo "said by $PATCHDECK_NAME"\nexit "$PATCHDECK_STATUS"\n'
    )
    path.chmod(0o700)
    return path


def _with(*scripts: Script) -> Deployment:
    return replace(NIGHTLY, scripts=scripts)


def _console(stage: ScriptStage, path: Path, status: int = 0, failure: ScriptFailure = ScriptFailure.STOP) -> Script:
    parameters = MappingProxyType({"name": stage.value, "status": str(status)})
    return Script(stage, ScriptPlace.CONSOLE, str(path), parameters, on_failure=failure)


def test_console_scripts_are_told_the_run(runs: FakeRuns, script: Path) -> None:
    """Before nothing is installed, after every machine's end is known; what they print is kept."""
    runs.enrol(2)
    before, after = _console(ScriptStage.PRE, script), _console(ScriptStage.POST, script)
    run = runs.work(runs.make(_with(before, after)))
    told = {name: json.loads((script.parent / f"{name}.json").read_text()) for name in ("pre", "post")}
    assert run.status is RunStatus.SUCCEEDED
    assert (told["pre"]["run"], told["pre"]["deployment"]) == (run.id, "nightly")
    assert [machine["status"] for machine in told["pre"]["machines"]] == ["NotStarted"] * 2
    assert [machine["status"] for machine in told["post"]["machines"]] == ["Succeeded"] * 2
    kept = run_folder(runs.home, run.id).scripts_file.read_text()
    assert kept.index("said by pre") < kept.index("said by post")


def test_script_that_fails_before_stops_the_run(runs: FakeRuns, script: Path) -> None:
    """No machine is touched, and the script's words are in the note."""
    ids = runs.enrol(2)
    run = runs.work(runs.make(_with(_console(ScriptStage.PRE, script, status=3))))
    assert run.status is RunStatus.FAILED
    assert "ended with exit status 3: said by pre" in run.note
    assert not any(runs.fleet.get(machine_id).started_jobs for machine_id in ids)
    assert {record.status for record in runs.records(run).values()} == {MachineRunStatus.NOT_STARTED}


def test_script_whose_failure_is_only_noted(runs: FakeRuns, script: Path) -> None:
    """The run goes on and succeeds."""
    runs.enrol(1)
    run = runs.work(runs.make(_with(_console(ScriptStage.PRE, script, 3, ScriptFailure.CONTINUE))))
    assert run.status is RunStatus.SUCCEEDED


def test_script_that_fails_after_fails_the_run(runs: FakeRuns, script: Path) -> None:
    """All is installed; the run has failed all the same, and says why."""
    runs.enrol(1)
    run = runs.work(runs.make(_with(_console(ScriptStage.POST, script, status=1))))
    assert run.status is RunStatus.FAILED
    assert {record.status for record in runs.records(run).values()} == {MachineRunStatus.SUCCEEDED}
    assert run.note.startswith("1 of 1 machine succeeded; The post-script")


def test_machine_scripts_run_around_the_installation(runs: FakeRuns, script: Path) -> None:
    """Once each, with their attempt."""
    ids = runs.enrol(1)
    scripts = [Script(stage, ScriptPlace.MACHINE, str(script)) for stage in ScriptStage]
    run = runs.work(runs.make(_with(*scripts)))
    state = runs.fleet.get(ids[0])
    assert run.status is RunStatus.SUCCEEDED
    assert [each.split()[-2:] for each in state.scripts] == [["1", "pre"], ["1", "post"]]
    calls = [call.split()[0] for _, call in state.calls if call.split()[0] in ("script", "start", "forget")]
    assert calls == ["script", "start", "script", "forget"]


@pytest.mark.parametrize("failure", ScriptFailure)
def test_machine_script_that_fails(runs: FakeRuns, script: Path, failure: ScriptFailure) -> None:
    """STOP: that machine installs nothing and has failed. CONTINUE: a finding."""
    ids = runs.enrol(2)
    runs.change(ids[0], script_status=7)
    run = runs.work(runs.make(_with(Script(ScriptStage.PRE, ScriptPlace.MACHINE, str(script), on_failure=failure))))
    first, second = runs.records(run).values()
    assert second.status is MachineRunStatus.SUCCEEDED
    if failure is ScriptFailure.STOP:
        assert first.status is MachineRunStatus.FAILED
        assert "ended with exit status 7: said" in first.error
        assert runs.fleet.get(ids[0]).started_jobs == []
    else:
        assert first.status is MachineRunStatus.SUCCEEDED
        assert [finding.kind for finding in first.findings] == [FindingKind.SCRIPT_FAILED]
        assert len(statuses_of(first)) == len(PACKAGES)
