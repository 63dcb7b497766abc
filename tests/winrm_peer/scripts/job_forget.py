"""Removes what a job that does not run left."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.job_answers import describe
from tests.winrm_peer.job_tasks import ROOT, find_job
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `job_forget.ps1` does."""
    job = find_job(machine, told["id"])
    if job is None or job.state != "running":
        machine.tasks.pop(f"patchdeck-{told['id']}", None)
        machine.files.pop(rf"{ROOT}\jobs\{told['id']}", None)
    say(describe(machine, told["id"]))
