"""What `job_part.ps1` says of a job, whichever script asks."""

import base64
import json
from typing import Any

from tests.winrm_peer.job_tasks import ROOT, boot_of, find_job, jobs_of
from tests.winrm_peer.jobs import PeerJob
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import TokenKind

_TRUSTED = ("NT AUTHORITY\\SYSTEM", "BUILTIN\\Administrators")


def find_trouble(machine: PeerMachine, job_id: str) -> str:
    """Why a folder on the way to the job's is not ours alone; empty where all of them are, or are not there."""
    for path in (ROOT, rf"{ROOT}\jobs", rf"{ROOT}\jobs\{job_id}"):
        folder = machine.files.get(path)
        if folder is None:
            continue
        if folder.content is not None:
            return f"{path} is a file"
        if folder.owner not in _TRUSTED:
            return f"{path} belongs to {folder.owner}"
        if folder.is_writable_by_users:
            return f"{path} is open to S-1-5-32-545"
    return ""


def is_administrator(machine: PeerMachine) -> bool:
    """Whether the user of the script that runs has the rights of one."""
    user = machine.find_user(machine.runs[-1].user) if machine.runs else None
    return user is None or user.token is TokenKind.ADMINISTRATOR


def refuse(job_id: str, reason: str, words: str) -> dict[str, object]:
    """That nothing was done, and why."""
    return {"schema": 1, "job": job_id, "state": "refused", "reason": reason, "message": words}


def busy_with(machine: PeerMachine, job_id: str) -> str:
    """The id of another job that works, empty where there is none."""
    return next((job.id for job in jobs_of(machine) if job.id != job_id and job.state == "running"), "")


def describe(machine: PeerMachine, job_id: str, log_from: int = 0, most: int = 0) -> dict[str, Any]:  # Any: JSON
    """The answer about a job."""
    job = find_job(machine, job_id)
    other = busy_with(machine, job_id)
    state = job.state if job is not None else "busy" if other else "absent"
    answer: dict[str, Any] = {
        "schema": 1,
        "job": job_id,
        "state": state,
        "other": other if job is None else "",
        "boot": boot_of(machine),
        "status": None,
        "log": "",
        "log_from": log_from,
        "log_end": log_from,
        "more": False,
        "stamp": state,
    }
    return answer if job is None else answer | _of_job(job, state, log_from, most)


def _of_job(job: PeerJob, state: str, log_from: int, most: int) -> dict[str, Any]:  # Any: JSON
    part = bytes(job.log[log_from : log_from + most])
    return {
        # As PowerShell read it from its file: a copy, which does not change any more.
        "status": json.loads(json.dumps(job.status)),
        "log": base64.b64encode(part).decode("ascii"),
        "log_end": log_from + len(part),
        "more": most > 0 and log_from + len(part) < len(job.log),
        "stamp": f"{state}-{len(job.log)}-{hash(json.dumps(job.status))}",
        "task_state": 4 if state == "running" else 3,
        "task_result": _task_result(job, state),
    }


def _task_result(job: PeerJob, state: str) -> str:
    if not job.status["process"]:
        return "0x00041325"
    if state == "running":
        return "0x00041301"
    return "0xC000013A" if state == "interrupted" else "0x00000000"
