"""How batches and updates of a job on Windows ended, in the terms of `fleet.deployments.jobs`."""

from collections.abc import Iterable, Mapping, Sequence

from collectors.windows.job_answers import BatchStatus, StatusFile, UpdateStatus
from collectors.windows.result_kinds import ResultClass
from collectors.windows.results import explain, is_success, normalise
from fleet.deployments.jobs import BatchOutcome, BatchRecord, UpdateResult
from fleet.hostile import clean

_GOOD_RESULTS = (2, 3)
_WITH_ERRORS = 3
# Thirty years; what a machine says goes into times.
_MOST_SECONDS = 1e9
# A title, and the start of an identity behind it.
_MOST_NAME = 400
_NO_SPACE = frozenset({"0x80070070", "0x80070027"})
_NETWORK = frozenset({ResultClass.NETWORK, ResultClass.SERVER, ResultClass.ASK_AGAIN, ResultClass.DOWNLOAD})
_LEFT = {
    "window": BatchOutcome.NOT_STARTED,
    "stopped": BatchOutcome.CANCELLED,
    "reboot": BatchOutcome.NEEDS_RESTART,
}
# More than any job is ordered to do; what a machine tells beyond that is not ours.
MOST_RECORDS = 5_000


def read_batches(status: StatusFile) -> tuple[BatchRecord, ...]:
    """The batches, in their order.

    Raises:
        ValueError: there are more of them than any job has.
    """
    if len(status.batches) > MOST_RECORDS or len(status.updates) > MOST_RECORDS:
        raise ValueError("a status file with more batches or updates than any job has")
    names = _names_of(status.updates)
    return tuple(_read_batch(batch, names) for batch in status.batches)


def read_results(status: StatusFile) -> tuple[UpdateResult, ...]:
    """What became of each update at last."""
    in_work = {
        each.id.casefold()
        for batch in status.batches
        if batch.action != "left" and batch.ended_seconds is None
        for each in batch.updates
    }
    return tuple(_read_result(update, status.kind, in_work) for update in status.updates)


def read_seconds(seconds: float | None) -> float:
    """``seconds`` as a job can have taken them; 0 where none are told."""
    return min(_MOST_SECONDS, max(0.0, seconds or 0.0))


def code_of(number: str) -> str:
    """An error's code, normal; empty where it is none, or one of success."""
    code = normalise(number)
    return "" if not code or is_success(code) else code


def explain_code(code: str) -> str:
    """``code`` with its name and what it means, in one line."""
    known = explain(code)
    named = f"{code} ({known.name})" if known.name else code
    return f"{named}: {known.meaning}"


def explain_meaning(code: str) -> str:
    """What ``code`` means, and what to do about it, in one line without the code itself."""
    known = explain(code)
    return f"{known.meaning}. {known.remedy}" if known.remedy else known.meaning


def is_going_down(code: str) -> bool:
    """Whether ``code`` says that Windows is about to restart."""
    return bool(code) and explain(code).treat_as is ResultClass.REBOOTING


def _read_batch(batch: BatchStatus, names: Mapping[str, str]) -> BatchRecord:
    packages = tuple((names.get(each.id.casefold(), _shown(each.id)), "") for each in batch.updates)
    return BatchRecord(
        batch.number,
        batch.attempt,
        packages,
        read_seconds(batch.began_seconds),
        None if batch.ended_seconds is None else read_seconds(batch.ended_seconds),
        _outcome_of(batch),
        log_from=max(0, batch.log_from or 0),
        log_to=batch.log_to,
    )


def _outcome_of(batch: BatchStatus) -> BatchOutcome | None:
    if batch.action == "left":
        return _LEFT.get(batch.reason, BatchOutcome.NOT_STARTED)
    if batch.ended_seconds is None:
        return None
    failed = [each for each in batch.updates if each.result not in _GOOD_RESULTS]
    codes = [code_of(each.hresult) or code_of(batch.hresult) for each in failed]
    if not failed and (batch.updates or batch.result in _GOOD_RESULTS):
        return BatchOutcome.SUCCEEDED
    return _outcome_of_codes(codes or [code_of(batch.hresult)], batch.action)


def _outcome_of_codes(codes: Iterable[str], action: str) -> BatchOutcome:
    """What all of the codes are; FAILED where they differ."""
    kinds = {_kind_of(code, action) for code in codes}
    return kinds.pop() if len(kinds) == 1 else BatchOutcome.FAILED


def _kind_of(code: str, action: str) -> BatchOutcome:
    if code in _NO_SPACE:
        return BatchOutcome.NO_SPACE
    treat_as = explain(code).treat_as
    if treat_as is ResultClass.BUSY:
        return BatchOutcome.LOCKED
    if treat_as in _NETWORK and (action == "download" or treat_as is not ResultClass.DOWNLOAD):
        return BatchOutcome.NETWORK
    return BatchOutcome.FAILED


def _read_result(update: UpdateStatus, kind: str, in_work: set[str]) -> UpdateResult:
    is_download = kind == "download"
    # What could not be downloaded was not installed either, and that is why.
    reached_end = not is_download and update.install_result is not None
    result, hresult, action = (
        (update.install_result, update.install_hresult, "install")
        if reached_end
        else (update.download_result, update.download_hresult, "download")
    )
    needs_restart = update.reboot_required is True
    name = _shown(update.name) or _shown(update.id)
    if update.id.casefold() in in_work or result is None:
        words = "Windows Update did not offer it any more" if update.found is False else ""
        return UpdateResult(name, words=words, needs_restart=needs_restart)
    if result in _GOOD_RESULTS:
        outcome = BatchOutcome.SUCCEEDED if reached_end or is_download else None
        words = "installed, with warnings" if outcome and result == _WITH_ERRORS else ""
        return UpdateResult(name, "", outcome, "", words, needs_restart)
    code = code_of(hresult)
    words = explain_meaning(code) if code else "Windows Update says that it failed, and gives no number"
    return UpdateResult(name, "", _kind_of(code, action), code, words, needs_restart)


def _names_of(updates: Sequence[UpdateStatus]) -> Mapping[str, str]:
    return {update.id.casefold(): _shown(update.name) or _shown(update.id) for update in updates}


def _shown(name: str) -> str:
    return clean(name, _MOST_NAME)
