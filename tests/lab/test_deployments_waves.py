"""Twenty machines in waves: what fails in the second uses the failure budget up, and the third is never begun.

Two hundred of them, and what is decided while machines are in work: tests/ops/deployments, with fake machines.
"""

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.rollout import FailureBudget, Rollout, WaveKind, WaveRule
from fleet.deployments.runs import MachineRunStatus, RunStatus
from ops.deployments.events import BudgetExhausted, WaveBegan
from tests.lab.builder.deployment_machines import WAVES
from tests.lab.builder.lab import Lab
from tests.lab.real_runs import EVERYTHING, Outcome, RealRuns

_NAMES = tuple(spec.name for spec in WAVES)
_CANARIES, _SECOND, _THIRD = _NAMES[:2], _NAMES[2:10], _NAMES[10:]
_ROLLOUT = Rollout(
    (
        WaveRule(WaveKind.TARGET, target="tag:ring=canary"),
        WaveRule(WaveKind.PERCENT, amount=40),
        WaveRule(WaveKind.REST),
    ),
    budget=FailureBudget(percent=20.0),
    concurrency=10,
)


@pytest.fixture(scope="module")
def stopped(deployed: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[RealRuns, Outcome]:
    """The run: five of twenty fail where four may."""
    runs = RealRuns(deployed, tmp_path_factory.mktemp("waves"))
    runs.enrol(*_NAMES, tags=lambda name: {"ring": "canary"} if name in _CANARIES else {})
    return runs, runs.do(Deployment("night", ("all",), EVERYTHING, rollout=_ROLLOUT))


def test_failure_budget_stops_the_third_wave(stopped: tuple[RealRuns, Outcome]) -> None:
    """Machines that fail and machines that do not answer count; those of the second wave all come to their end."""
    runs, outcome = stopped

    statuses = {name: record.status for name, record in outcome.machines.items()}

    assert statuses == {
        **dict.fromkeys(_NAMES[:5], MachineRunStatus.SUCCEEDED),
        **dict.fromkeys(_NAMES[5:8], MachineRunStatus.FAILED),
        **dict.fromkeys(_NAMES[8:10], MachineRunStatus.UNREACHABLE),
        **dict.fromkeys(_THIRD, MachineRunStatus.NOT_STARTED),
    }, outcome.describe()
    assert outcome.run.status is RunStatus.FAILED
    assert outcome.run.note.startswith("5 of 20 machines succeeded, 3 failed, 2 unreachable, 10 not started")
    assert "the failure budget is exhausted" in outcome.run.note
    assert [(event.failed, event.machines) for event in runs.events if isinstance(event, BudgetExhausted)] == [(5, 20)]


def test_waves_begin_one_after_the_other(stopped: tuple[RealRuns, Outcome]) -> None:
    """Nothing is installed in the second wave before the canaries are over, and nothing at all in the third."""
    runs, outcome = stopped
    records = outcome.machines

    canaries_over = max(record.ended_at for name in _CANARIES if (record := records[name]).ended_at)
    second_begun = min(record.started_at for name in _SECOND if (record := records[name]).started_at)

    assert canaries_over <= second_begun
    assert [(event.wave, event.machines) for event in runs.events if isinstance(event, WaveBegan)] == [(0, 2), (1, 8)]
    for name in _THIRD:
        assert runs.deb(name, "acme-tool") == "1.0-1 installed"
        assert runs.shell(name, "ls -A /var/lib/patchdeck/jobs 2>/dev/null") == ""
