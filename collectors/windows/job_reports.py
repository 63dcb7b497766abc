"""What a Windows machine says of a job, as a `JobReport`; whatever it says, the report is harmless."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.windows.job_answers import SCHEMA, JobAnswer, StatusFile
from collectors.windows.job_calls import MOST_LOG_BYTES
from collectors.windows.job_results import (
    code_of,
    explain_code,
    is_going_down,
    read_batches,
    read_results,
    read_seconds,
)
from collectors.windows.loose_json import read_record
from fleet.deployments.jobs import JobNote, JobProgress, JobReport, JobState
from fleet.deployments.returns import is_same_boot
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_WHERE = "the job's answer"
_STATES = {state.value: state for state in JobState}
_MOST_NOTES = 1_000
# SCHED_S_TASK_…: what the task scheduler says of a task that has not come to its end.
_TASK_RESULTS = {
    "0x00000001": "PowerShell ended at once: a policy (AppLocker, App Control) may keep SYSTEM from running scripts",
    "0x00000063": "the script that lay in its folder was not the one that was put there, and was not run",
    "0x00041300": "the task is ready",
    "0x00041301": "the task runs",
    "0x00041302": "the task is disabled",
    "0x00041303": "the task has not run",
    "0x00041306": "somebody ended the task",
    "0x00041325": "the task is queued: the machine was too busy, or asleep, to begin it",
    "0x8004131F": "the task runs already",
    "0xC000013A": "somebody ended the task's process",
    "0x800710E0": "the task was refused by its conditions: power, idleness or a policy",
    "0x80070002": "PowerShell was not found",
}
_QUEUED = 2


@dataclass(frozen=True, slots=True)
class Refused:
    """The machine did nothing, and says why: see `JobAnswer`."""

    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A report, and what is needed to go on: ``stamp`` for the next poll, ``has_more`` whether the log goes on.

    ``goes_down``: the job gave up since Windows is about to restart, and it has not restarted yet.
    """

    report: JobReport
    stamp: str
    has_more: bool
    goes_down: bool = False


def read_job(answer: Mapping[str, object], job_id: str, log_from: int, percent_before: float = 0.0) -> Heard | Refused:
    """What is said of the job ``job_id``. Progress never goes back behind ``percent_before``.

    Raises:
        UnreadableOutput: it is not what the scripts about jobs answer, or speaks of another job.
    """
    log = _read_log(answer.get("log"))
    told = read_record(JobAnswer, {key: value for key, value in answer.items() if key != "log"}, _WHERE)
    if told.schema != SCHEMA or told.job != job_id:
        raise UnreadableOutput(_WHERE, 1, f"schema {told.schema} of job {told.job}")
    if told.state == "refused":
        return Refused(told.reason, _explain_refusal(told.message))
    if told.state not in _STATES:
        raise UnreadableOutput(_WHERE, 1, f"state {told.state}")
    if log and told.log_from != log_from:
        raise UnreadableOutput(_WHERE, 1, f"a log from {told.log_from}, and {log_from} was asked for")
    try:
        report = _make_report(told, log, log_from, percent_before)
    except ValueError as error:
        raise UnreadableOutput(_WHERE, 1, str(error)) from error
    return Heard(report, told.stamp, told.more is True and bool(log), _goes_down(told))


def _goes_down(told: JobAnswer) -> bool:
    status = told.status
    if status is None or told.state != JobState.INTERRUPTED.value:
        return False
    return is_going_down(code_of(status.hresult)) and is_same_boot(told.boot, status.boot)


def _make_report(told: JobAnswer, log: bytes, log_from: int, percent_before: float) -> JobReport:
    state, status = _STATES[told.state], told.status
    if status is None:
        needs_status = state in (JobState.ENDED, JobState.INTERRUPTED)
        if needs_status:
            raise ValueError(f"a job that is {state.value}, without a status")
        return JobReport(
            told.job, state, log_end=log_from, boot_id=clean_name(told.boot), other_job=clean_name(told.other)
        )
    return JobReport(
        id=told.job,
        state=state,
        batches=read_batches(status),
        progress=_progress_of(status, percent_before) if state is JobState.RUNNING else None,
        log=log,
        log_end=log_from + len(log),
        exit_status=status.exit,
        elapsed_seconds=read_seconds(status.elapsed_seconds),
        boot_id=clean_name(told.boot),
        began_in_boot=clean_name(status.boot),
        detached_by="scheduled task",
        other_job=clean_name(told.other),
        notes=_notes_of(told, status),
        results=read_results(status),
    )


def _progress_of(status: StatusFile, percent_before: float) -> JobProgress:
    """What the agent counts jumps back and forth, so it never goes back here; nothing is predicted from it."""
    percent = min(100.0, max(percent_before, status.percent or 0.0, 0.0))
    names = {update.id: update.name for update in status.updates}
    return JobProgress(percent, clean(names.get(status.current, ""), 400), clean_name(status.doing or status.phase))


def _notes_of(told: JobAnswer, status: StatusFile) -> tuple[JobNote, ...]:
    notes = [JobNote(read_seconds(note.seconds), clean(note.text, 1000)) for note in status.notes[:_MOST_NOTES]]
    at = read_seconds(status.elapsed_seconds)
    if not status.process and told.state in (JobState.RUNNING.value, JobState.INTERRUPTED.value):
        waits = "it has not begun" if told.task_state == _QUEUED else "it never began"
        notes.append(JobNote(at, f"The scheduled task was started, and {waits}: {explain_task(told.task_result)}."))
    elif told.state == JobState.INTERRUPTED.value and (code := code_of(status.hresult)):
        notes.append(JobNote(at, f"It was interrupted: {explain_code(code)}."))
    elif told.state == JobState.INTERRUPTED.value and not is_same_boot(told.boot, status.boot):
        notes.append(JobNote(at, "The machine restarted while it worked."))
    elif told.state == JobState.INTERRUPTED.value and told.task_result:
        notes.append(JobNote(at, f"Its process is gone: {explain_task(told.task_result)}."))
    return tuple(notes)


def explain_task(result: str) -> str:
    """What the task scheduler's last result means, with the number."""
    known = _TASK_RESULTS.get(result)
    return f"{known} ({result})" if known else f"the task's last result is {result or 'not known'}"


def _explain_refusal(message: str) -> str:
    """The machine's words, and what the number in them means."""
    words = clean(message, 600)
    for result, meaning in _TASK_RESULTS.items():
        if result.casefold() in words.casefold():
            return f"{words} ({meaning})"
    return words


def _read_log(value: object) -> bytes:
    if not value:
        return b""
    if not isinstance(value, str) or len(value) > 2 * MOST_LOG_BYTES:
        raise UnreadableOutput(_WHERE, 1, "a log that is none, or longer than was asked for")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableOutput(_WHERE, 1, "a log that is no base64") from error
