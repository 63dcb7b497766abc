"""Machines that replay a transcript are nothing that a job can run on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.jobs.machine_worker import SshMachineWorker, WorkerOptions
from collectors.transports.base import TransportFailed
from collectors.transports.scripted import ScriptedTransport
from fleet.deployments.jobs import JobKind, JobOrder
from fleet.machines import Machine, TransportKind


async def test_replayed_machine_refuses_jobs_in_one_sentence(tmp_path: Path) -> None:
    """In the demo, a preview says that such a machine is not there, instead of that its answer cannot be read."""
    machine = Machine("id", "web-01", TransportKind.SCRIPTED, datetime.now(UTC), transcript="web-01.json")
    worker = SshMachineWorker(machine, lambda: ScriptedTransport(tmp_path), WorkerOptions(), lambda: datetime.now(UTC))

    with pytest.raises(TransportFailed, match="replays a transcript"):
        await worker.simulate(JobOrder("id-install", JobKind.INSTALL, (), 60))
