"""Begins a job, or reports on it."""

from collections.abc import Callable, Mapping
from typing import Any

from collectors.windows.job_calls import check_job_id
from tests.winrm_peer.job_answers import busy_with, describe, find_trouble, is_administrator, refuse
from tests.winrm_peer.job_tasks import ROOT, begin_job, find_job
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerFile


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `job_start.ps1` does."""
    job_id = check_job_id(told["id"])
    if not is_administrator(machine):
        say(refuse(job_id, "not-administrator", "the login has no rights of an administrator there"))
        return
    if trouble := find_trouble(machine, job_id):
        say(refuse(job_id, "folder", trouble))
        return
    if find_job(machine, job_id) is None and not busy_with(machine, job_id):
        if machine.are_tasks_refused:
            say(refuse(job_id, "task", "0x80070005 Access is denied."))
            return
        for path in (ROOT, rf"{ROOT}\jobs", rf"{ROOT}\jobs\{job_id}"):
            machine.files.setdefault(path, PeerFile(owner="BUILTIN\\Administrators"))
        begin_job(machine, job_id, told["order"])
    say(describe(machine, job_id))
