"""A run of fake machines in virtual time: what it installs, and the history that it leaves."""

from fleet.deployments.runs import InstallationStatus, MachineRunStatus, RunStatus
from fleet.tables import ASSESSMENT, DEPLOYMENT_RUN, MACHINE_RUN, UPDATE, UPDATE_RUN_PROGRESS
from ops.deployments.events import MachineOver, RunOver
from ops.deployments.folder import read_events, run_folder
from tests.ops.deployments.fake_runs import PACKAGES, FakeRuns, statuses_of


def test_run_installs_what_is_missing_and_says_so(runs: FakeRuns) -> None:
    """Every package once; the outcome of each, the rows, the log, the events; no claim and no job is left."""
    ids = runs.enrol(3)
    run = runs.work(runs.make())

    assert (run.status, run.note) == (RunStatus.SUCCEEDED, "3 of 3 machines succeeded")
    for machine_id, record in runs.records(run).items():
        state = runs.fleet.get(machine_id)
        assert record.status is MachineRunStatus.SUCCEEDED
        assert statuses_of(record) == dict.fromkeys(PACKAGES, InstallationStatus.SUCCEEDED)
        assert sorted(name for name, _, _ in state.installations) == sorted(PACKAGES)
        assert state.started_jobs == state.forgotten_jobs == [f"{run.id}-install"]
        log = run_folder(runs.home, run.id).read_log(record.machine_name)
        assert log.count(b"Setting up") == len(PACKAGES)
    assert runs.rows(DEPLOYMENT_RUN)["Status"].to_list() == ["Succeeded"]
    assert runs.rows(MACHINE_RUN)["SourceComputerId"].sort().to_list() == ids
    final = runs.rows(UPDATE_RUN_PROGRESS).filter(InstallationStatus="Succeeded")
    assert len(final) == len(ids) * len(PACKAGES)
    assert runs.rows(UPDATE).filter(UpdateState="Needed").is_empty()
    assert len(runs.rows(ASSESSMENT)) == 3 * len(ids)
    told, _ = read_events(run_folder(runs.home, run.id))
    assert told == runs.events
    assert [type(event) for event in told].count(MachineOver) == len(ids)
    assert isinstance(told[-1], RunOver)
