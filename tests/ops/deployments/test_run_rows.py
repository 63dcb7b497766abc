"""What a run leaves in the tables is what state.db says of it, and what predefined queries find there."""

import errno
from collections.abc import Sequence
from dataclasses import replace

import pytest

from fleet.deployments.masks import parse_mask
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import RunStatus
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS
from ops.config import Settings
from ops.deployments.events import RunEvent
from ops.deployments.folder import RunFolder, read_events, run_folder
from ops.questions import find_query, open_engine
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns


def _run_of_all_kinds(runs: FakeRuns) -> str:
    """One machine succeeds, one has a bad package, one is off; one update is excluded."""
    ids = runs.enrol(3, needs_reboot=True, offered={**dict.fromkeys(PACKAGES, "2")})
    runs.change(ids[1], failing=["openssl"])
    runs.change(ids[2], is_off=True)
    rules = replace(NIGHTLY.updates, exclude=(parse_mask("zlib"),))
    run = runs.work(runs.make(replace(NIGHTLY, updates=rules, reboot=RebootRules(RebootPolicy.NEVER))))
    assert run.status is RunStatus.FAILED
    return run.id


def test_rows_are_the_documents(runs: FakeRuns) -> None:
    """Each machine once, each update with its last step as its outcome, the run with its counts."""
    run = runs.find_id(_run_of_all_kinds(runs))
    (row,) = runs.rows(DEPLOYMENT_RUN).to_dicts()
    assert (row["Status"], row["Note"], row["CorrelationId"]) == (run.status.value, run.note, run.id)
    records = runs.records(run)
    machines = {row["SourceComputerId"]: row for row in runs.rows(MACHINE_RUN).to_dicts()}
    assert machines.keys() == records.keys()
    assert runs.rows(MACHINE_RUN).height == len(records)
    progress = runs.rows(UPDATE_RUN_PROGRESS).sort("TimeGenerated")
    for machine_id, record in records.items():
        assert machines[machine_id]["Status"] == record.status.value
        assert machines[machine_id]["ErrorResult"] == record.error
        last = {row["Product"]: row for row in progress.filter(SourceComputerId=machine_id).to_dicts()}
        assert last.keys() == {outcome.name for outcome in record.outcomes}
        for outcome in record.outcomes:
            found = last[outcome.name]
            assert found["InstallationStatus"] == outcome.status.value
            assert (found["ErrorResult"], found["SucceededOnRetry"]) == (outcome.error, outcome.succeeded_on_retry)


def test_predefined_queries_find_them(runs: FakeRuns) -> None:
    """Runs, machines of runs with failures first, failed updates by error."""
    _run_of_all_kinds(runs)
    answers = {}
    with open_engine(runs.home, Settings(), now=runs.clock()) as engine:
        for name in ("deployment-runs", "machines-of-runs", "failed-updates"):
            query = find_query(runs.home, name)
            result = engine.run(query.sql, query.values({}))
            names = [column.name for column in result.columns]
            answers[name] = [dict(zip(names, row, strict=True)) for row in result.rows]
    (run,) = answers["deployment-runs"]
    assert (run["Status"], run["Machines"], run["Succeeded"], run["Failed"]) == ("Failed", 3, 1, 2)
    assert [row["Status"] for row in answers["machines-of-runs"]] == ["Failed", "Unreachable", "Succeeded"]
    (failed,) = answers["failed-updates"]
    assert (failed["Failures"], failed["Machines"], failed["Products"]) == (1, 1, "openssl")


def test_events_of_a_full_disk_are_written_once_there_is_room(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """None is lost, and the log is not filled with what is said of each; trying again costs little."""
    runs.enrol(20)
    add_events, tries = RunFolder.add_events, []

    def full(self: RunFolder, events: Sequence[RunEvent]) -> None:
        tries.append(len(events))
        if 5 < len(tries) < 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        add_events(self, events)

    monkeypatch.setattr(RunFolder, "add_events", full)
    run = runs.work(runs.make())
    assert run.status is RunStatus.SUCCEEDED
    assert read_events(run_folder(runs.home, run.id))[0] == runs.events
    assert sum("not written" in record.message for record in caplog.records) == 1
    assert max(tries) > 20
