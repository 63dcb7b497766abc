"""Asks a job to begin nothing more."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.job_answers import describe
from tests.winrm_peer.job_tasks import find_job
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `job_stop.ps1` does."""
    job = find_job(machine, told["id"])
    if job is not None and job.state == "running":
        job.is_stop_asked = True
    say(describe(machine, told["id"]))
