"""The jobs of a peer, as tasks of its task scheduler."""

from collections.abc import Mapping
from typing import Any

from tests.winrm_peer.jobs import PeerJob
from tests.winrm_peer.machine import PeerMachine

ROOT = r"C:\Program Files\Patchdeck"


def find_job(machine: PeerMachine, job_id: str) -> PeerJob | None:
    """The job of that id, None where there is none."""
    task = machine.tasks.get(f"patchdeck-{job_id}")
    job = task.state.get("job") if task is not None else None
    return job if isinstance(job, PeerJob) else None


def jobs_of(machine: PeerMachine) -> list[PeerJob]:
    """All jobs there are, in the order in which they were begun."""
    jobs = [task.state.get("job") for task in machine.tasks.values()]
    return [job for job in jobs if isinstance(job, PeerJob)]


def begin_job(machine: PeerMachine, job_id: str, order: Mapping[str, Any]) -> PeerJob:  # Any: JSON
    """Registers the task of a job and starts it; where the task scheduler does not get to it, it is queued."""
    task = machine.begin_task(f"patchdeck-{job_id}")
    now = machine.clock.seconds()
    status = {
        "schema": 1,
        "job": job_id,
        "kind": order["kind"],
        "phase": "starting",
        "process": 0,
        "boot": boot_of(machine),
        "started_utc": f"{machine.now():%Y-%m-%dT%H:%M:%SZ}",
        "percent": 0,
        "updates": [],
        "batches": [],
        "notes": [],
        "reboot_required": False,
        "hresult": "",
        "exit": None,
    }
    job = PeerJob(machine, job_id, order, task, now, now, status)
    task.state["job"] = job
    if machine.services["Schedule"].state == "Running":
        job.begin()
    else:
        task.queued_seconds = None
    return job


def boot_of(machine: PeerMachine) -> str:
    """Its last boot, as scripts say it."""
    return f"{machine.booted_at:%Y-%m-%dT%H:%M:%SZ}"
