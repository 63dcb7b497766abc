"""Why a machine that answered gave no list of updates, each in words that help."""

from collections.abc import Sequence

from collectors.windows.assess_answer import ErrorAnswer, FollowAnswer, FoundAnswer, MachineAnswer
from collectors.windows.result_kinds import ResultClass
from collectors.windows.results import explain
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean

_SEARCH = "searching for updates"
_BY_TASK = "searching for updates by a task of SYSTEM"
# From the most telling one on: what the agent said, then what kept the agent from being asked.
_STAGES = ("search", "task", "direct", "follow")


def no_search(answer: MachineAnswer) -> Failure:
    """Nobody could search: neither the login itself, nor SYSTEM in its place."""
    return _explain(answer.errors, is_admin=answer.is_admin)


def search_failed(answer: MachineAnswer, found: FoundAnswer) -> Failure:
    """The agent was asked, and gave no result."""
    if not found.errors and found.search.result_code is not None:
        words = {4: "it failed", 5: "it was aborted"}.get(found.search.result_code, "it did not end")
        came_back = f"{words}, says the agent (result code {found.search.result_code})."
        return Failure(FailureKind.PACKAGE_MANAGER_FAILED, _SEARCH, came_back, "Assess it again; see its log.")
    return _explain((*found.errors, *answer.errors), is_admin=answer.is_admin)


def task_ended(follow: FollowAnswer) -> Failure:
    """The task of SYSTEM ended without an answer."""
    if follow.errors:
        return _explain(follow.errors, is_admin=None)
    came_back = "the task is gone, and with it its answer: the machine was rebooted, or somebody removed it."
    if follow.state != "gone":
        result = explain(follow.task_result)
        came_back = f"the task ended without an answer: {result.describe()}."
    remedy = "Assess it again; see the task's history, and whether AppLocker lets SYSTEM run PowerShell."
    return Failure(FailureKind.PACKAGE_MANAGER_FAILED, _BY_TASK, came_back, remedy)


def task_goes_on(seconds: float) -> Failure:
    """The deadline came while SYSTEM searched."""
    remedy = "Raise --deadline or assess.windows_deadline_seconds: a search takes minutes where much is missing."
    came_back = "the search had not ended; it was stopped."
    return Failure(FailureKind.DEADLINE_EXCEEDED, _BY_TASK, came_back, remedy, seconds)


def _explain(errors: Sequence[ErrorAnswer], *, is_admin: bool | None) -> Failure:
    order = {stage: at for at, stage in enumerate(_STAGES)}
    told = sorted((each for each in errors if each.stage in order), key=lambda each: order[each.stage])
    if not told:
        return Failure(
            FailureKind.PACKAGE_MANAGER_FAILED, _SEARCH, "no answer, and no error either.", "Assess it again."
        )
    results = [explain(each.hresult) for each in told]
    said = "; ".join(_quote(error) for error in dict.fromkeys(told))
    first = results[0]
    is_refused = all(result.treat_as is ResultClass.REFUSED for result in results)
    kind = FailureKind.ACCESS_DENIED if is_refused else FailureKind.PACKAGE_MANAGER_FAILED
    remedy = first.remedy
    if is_refused and is_admin:
        remedy = "The login is an administrator's: see what policies forbid tasks of SYSTEM and Windows Update to it."
    return Failure(kind, _SEARCH, clean(said, 600), remedy)


def _quote(error: ErrorAnswer) -> str:
    where = {"task": "by a task of SYSTEM: ", "direct": "by the login itself: "}.get(error.stage, "")
    words = f" {error.message}" if error.message else ""
    return f"{where}{explain(error.hresult).describe()}.{words}"
