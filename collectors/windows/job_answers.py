"""The JSON of the scripts about jobs on Windows, as dataclasses whose fields are the keys of the JSON.

`job_start`, `job_follow`, `job_stop` and `job_forget` answer a `JobAnswer`; within it lies the `StatusFile` that the
job's own process (`job_task`) keeps. `look` answers a `LookAnswer`, `reboot` a `RebootAnswer`, `run_script` a
`ScriptAnswer`, `gate` a `GateAnswer`. What these scripts are told is in `collectors/windows/job_calls.py`.

None is what a machine did not say. HRESULTs are ``0x`` and eight digits; result codes are those of OperationResultCode:
1 in progress, 2 succeeded, 3 succeeded with errors, 4 failed, 5 aborted. Seconds count from the start of the job, by
the machine's monotonic clock.
"""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class UpdateStatus:
    """An ordered update in a status file: what was done with it at last.

    ``name`` is as it was ordered; ``revision`` the one that was found, ``found`` whether the agent still offers it.
    ``kb`` are its articles without ``KB``.
    """

    id: str = ""
    revision: int | None = None
    name: str = ""
    kb: tuple[str, ...] = ()
    exclusive: bool | None = None
    found: bool | None = None
    download_result: int | None = None
    download_hresult: str = ""
    install_result: int | None = None
    install_hresult: str = ""
    reboot_required: bool | None = None


@dataclass(frozen=True, slots=True)
class BatchUpdate:
    """How one update of one batch ended."""

    id: str = ""
    result: int | None = None
    hresult: str = ""
    reboot_required: bool | None = None


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch: ``action`` is ``download``, ``install``, or ``left`` (it was not begun, for ``reason``).

    ``reason`` of ``left``: ``window``, ``stopped``, ``reboot``. ``ended_seconds`` None: it runs, or nothing ended it.
    ``result`` is that of the whole, ``hresult`` that of a call that threw. ``log_to`` is where the log ended then.
    """

    number: int = 0
    attempt: int = 1
    action: str = ""
    reason: str = ""
    updates: tuple[BatchUpdate, ...] = ()
    began_seconds: float | None = None
    ended_seconds: float | None = None
    result: int | None = None
    hresult: str = ""
    log_from: int | None = None
    log_to: int | None = None


@dataclass(frozen=True, slots=True)
class NoteStatus:
    """What a job did beside its batches."""

    seconds: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class StatusFile:
    """``status.json`` in a job's folder: written aside and renamed at each step, so that it is whole or absent.

    ``phase``: starting, searching, downloading, installing, done, failed, cancelled. ``process`` and ``process_began``
    (ticks) tell the process from another of the same number; 0 until it runs. ``boot`` is the last boot as `LookAnswer`
    has it, when the job began. ``percent`` is of the whole job; ``current`` the id of the update in work.
    ``hresult`` and ``message`` say why a job failed as a whole. ``exit`` is set last of all: 0 all done, 1 something
    not, 2 refused before the first batch.
    """

    schema: int
    job: str = ""
    kind: str = ""
    phase: str = ""
    process: int | None = None
    process_began: str = ""
    boot: str = ""
    started_utc: str = ""
    updated_utc: str = ""
    elapsed_seconds: float | None = None
    percent: float | None = None
    current: str = ""
    doing: str = ""
    updates: tuple[UpdateStatus, ...] = ()
    batches: tuple[BatchStatus, ...] = ()
    notes: tuple[NoteStatus, ...] = ()
    reboot_required: bool | None = None
    hresult: str = ""
    message: str = ""
    exit: int | None = None


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """What a machine says of the job ``job``.

    ``state``: absent, running, ended, interrupted, busy (with the job ``other``), refused (nothing was begun, for
    ``reason`` and ``message``). ``reason``: ``not-administrator``, ``folder``, ``task``, ``order``. ``status`` is None
    where there is no status file, or none that can be read. ``log`` is base64 of what the log has from ``log_from`` on,
    ``more`` whether there is more of it. ``task_result`` is how the scheduled task ended, ``task_state`` 1 disabled, 2
    queued, 3 ready, 4 running; both None where there is no task. ``boot`` is the last boot now, ``stamp`` changes with
    whatever is new: a follow that is told it waits for a change.
    """

    schema: int
    job: str = ""
    state: str = ""
    reason: str = ""
    message: str = ""
    other: str = ""
    boot: str = ""
    status: StatusFile | None = None
    log: str = ""
    log_from: int | None = None
    log_end: int | None = None
    more: bool | None = None
    stamp: str = ""
    task_state: int | None = None
    task_result: str = ""


@dataclass(frozen=True, slots=True)
class LookAnswer:
    """How a machine is now.

    ``boot`` is its last boot in UTC, whole seconds: ``2026-11-20T01:02:03Z``. ``kernel`` is ``10.0.20348.2700``.
    ``failed_services`` start automatically and ended with an error. ``listening`` has ``0.0.0.0:5985`` and
    ``[::]:5985``, ``users`` who is logged in at a desktop. ``servicing`` is ServicingInProgress of the registry (2:
    still at work), ``installer_working`` whether TrustedInstaller's worker is busy.
    """

    schema: int
    boot: str = ""
    kernel: str = ""
    uptime_seconds: float | None = None
    failed_services: tuple[str, ...] | None = None
    listening: tuple[str, ...] | None = None
    users: tuple[str, ...] | None = None
    servicing: int | None = None
    installer_working: bool | None = None


@dataclass(frozen=True, slots=True)
class RebootAnswer:
    """What shutdown.exe said. ``exit``: 0 ordered, 1190 one was ordered before, 1115 it goes down already."""

    schema: int
    exit: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ScriptAnswer:
    """How a script ended. ``exit`` None and ``late``: it did not end in time. ``output`` is base64 of both streams."""

    schema: int
    exit: int | None = None
    late: bool | None = None
    output: str = ""
    elapsed_seconds: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class PortAnswer:
    """Whether a port accepts; ``message`` says why not, empty where it does."""

    port: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The ports of a health gate."""

    schema: int
    ports: tuple[PortAnswer, ...] = ()
