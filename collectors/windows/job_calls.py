"""What the scripts about jobs are told, checked: ids, names and scripts come from machines and people."""

import base64
import re
from collections.abc import Mapping, Sequence

from collectors.windows.job_answers import SCHEMA
from collectors.windows.script_call import ScriptCall, call_script, script_text
from collectors.windows.script_kinds import find_script_kind
from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.errors import BadInput
from fleet.hostile import clean

# What a poll brings of a log; a job of a hundred updates writes some 50 KB.
MOST_LOG_BYTES = 256 * 1024
# What a script or a command of a gate may print before the rest is left out.
MOST_OUTPUT_BYTES = 256 * 1024
# A command over WinRM stays short: a machine whose link is lost is noticed soon, and holds nothing open for long.
LONGEST_WAIT_SECONDS = 15
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
_UPDATE_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_REVISION = re.compile(r"[0-9]{1,9}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# One update of Windows may take an hour, and only between two batches can a job be stopped and say how far it is.
_MOST_IN_BATCH = 5
# shutdown.exe: /c takes up to 512 characters.
_MOST_MESSAGE = 400
# Something must be left of it when the answer is read.
_LEAST_REBOOT_SECONDS = 5
# The last native command of a gate decides, as it does for a shell: `powershell -File` alone would say 0.
_EXIT_AS_LAST = b"\r\nif (-not $?) { if ($LASTEXITCODE) { exit $LASTEXITCODE }; exit 1 }\r\nexit 0\r\n"


def call_start(order: JobOrder) -> ScriptCall:
    """Begins the job, or reports on it.

    Raises:
        BadInput: something in the order is none of Windows Update's.
    """
    told = {
        "id": check_job_id(order.id),
        "order": {
            "schema": SCHEMA,
            "kind": order.kind.value,
            "updates": [_describe(package) for package in order.packages],
            "start_within_seconds": max(0, order.start_within_seconds),
            "end_within_seconds": None if order.end_within_seconds is None else max(0, order.end_within_seconds),
            "batch_size": max(1, min(_MOST_IN_BATCH, order.batch_size)),
            "lock_wait_seconds": max(0, order.lock_wait_seconds),
            "tries": max(1, order.tries),
            "accept_licences": order.accept_licences,
        },
        "task": base64.b64encode(script_text("job_task")).decode("ascii"),
    }
    return call_script("job_start", told)


def call_follow(job_id: str, log_from: int, wait_seconds: float, stamp: str) -> ScriptCall:
    """Reports on a job, at once where it has another stamp.

    Raises:
        BadInput: it is no id of a job.
    """
    told = {
        "id": check_job_id(job_id),
        "log_from": max(0, log_from),
        "wait_seconds": int(min(LONGEST_WAIT_SECONDS, max(0.0, wait_seconds))),
        "stamp": stamp,
        "most_bytes": MOST_LOG_BYTES,
    }
    return call_script("job_follow", told)


def call_stop(job_id: str) -> ScriptCall:
    """Asks a job to begin nothing more.

    Raises:
        BadInput: it is no id of a job.
    """
    return call_script("job_stop", {"id": check_job_id(job_id)})


def call_forget(job_id: str) -> ScriptCall:
    """Removes what a job that does not run left.

    Raises:
        BadInput: it is no id of a job.
    """
    return call_script("job_forget", {"id": check_job_id(job_id)})


def call_look() -> ScriptCall:
    """How the machine is now."""
    return call_script("look")


def call_reboot(notice_minutes: int, message: str) -> ScriptCall:
    """Has the machine restarted after so many minutes, with ``message`` to those who are logged in."""
    # Quotes end a word for shutdown.exe, and a backslash before the closing one would hide it.
    words = clean(message, _MOST_MESSAGE).replace('"', "'").rstrip("\\")
    return call_script("reboot", {"seconds": max(_LEAST_REBOOT_SECONDS, 60 * notice_minutes), "message": words})


def call_run_script(text: bytes, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int) -> ScriptCall:
    """Runs an administrator's script.

    Raises:
        BadInput: it is for no shell of Windows, or a parameter cannot be one.
    """
    return _call_shell(*find_script_kind(text), environment, stdin, timeout_seconds)


def call_command(command: str, timeout_seconds: int) -> ScriptCall:
    """Runs the command of a health gate, in PowerShell.

    Raises:
        BadInput: it holds a NUL.
    """
    kind, text = find_script_kind(b"#!powershell\n" + command.encode() + _EXIT_AS_LAST)
    return _call_shell(kind, text, {}, b"", timeout_seconds)


def call_gate(tcp_ports: Sequence[int]) -> ScriptCall:
    """Tries ports."""
    return call_script("gate", {"ports": list(tcp_ports)})


def check_job_id(text: str) -> str:
    """``text``, which names a folder and a task on the machine.

    Raises:
        BadInput: it could name anything else.
    """
    if not _ID.fullmatch(text):
        raise BadInput(f"Job id {text!r} is not made of letters, digits and dashes.")
    return text


def _describe(package: PackageOrder) -> Mapping[str, object]:
    if not _UPDATE_ID.fullmatch(package.update_id):
        raise BadInput(f"Update {package.name!r} cannot be ordered: it has no identity of Windows Update. Assess anew.")
    return {
        "id": package.update_id,
        "revision": int(package.revision) if _REVISION.fullmatch(package.revision) else None,
        "name": package.name,
        "kb": [advisory.removeprefix("KB") for advisory in package.advisories],
        "exclusive": package.is_exclusive,
    }


def _call_shell(
    kind: str, text: bytes, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int
) -> ScriptCall:
    told = {
        "kind": kind,
        "text": base64.b64encode(text).decode("ascii"),
        "stdin": base64.b64encode(stdin).decode("ascii"),
        "environment": {_variable(name): _without_nul(value) for name, value in environment.items()},
        "timeout_seconds": max(1, timeout_seconds),
        "most_output": MOST_OUTPUT_BYTES,
    }
    return call_script("run_script", told)


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise BadInput("A parameter of a script holds a NUL, which no environment can hold.")
    return value


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise BadInput(f"{name!r} cannot be the name of a variable in a script's environment.")
    return name
