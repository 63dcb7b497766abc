"""Which runs are to be worked on now, and in which order, as many at once as the settings allow. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.deployments.runs import Run, RunStatus


@dataclass(frozen=True, slots=True)
class Broken:
    """A run that broke off with a mistake of ours: how often, and when it is taken up again."""

    times: int
    again_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The runs to take up now, those that wait for another to end, and when to choose again at the latest."""

    begin: tuple[Run, ...]
    waiting: tuple[Run, ...]
    next_at: datetime | None


def begins_at(run: Run) -> datetime:
    """When somebody must begin to work on the run: at its window, or before it to download."""
    return run.opens_at - timedelta(minutes=run.deployment.predownload_minutes)


def choose_runs(
    runs: Collection[Run],
    *,
    in_work: Collection[str],
    asked: Collection[str],
    broken: Mapping[str, Broken],
    most: int,
    now: datetime,
    cancelled: Collection[str] = (),
) -> Choice:
    """Of the open ``runs`` those that are to be taken up, of which ``most`` are in work at once; those that are
    paused or wait for approval take no room.

    What was begun before goes first, then what is ``asked`` something, then the earliest window. One that people ask
    something of is taken up before its time, since it may be that it is cancelled; one that is ``cancelled`` has only
    to be ended, and needs no room for that.
    """
    idle = [run for run in runs if run.id not in in_work]
    due: list[tuple[datetime, Run]] = []
    later: list[tuple[datetime, Run]] = []
    for run in idle:
        at = _due_at(run, run.id in asked, broken.get(run.id), now)
        (due if at <= now else later).append((at, run))
    in_order = sorted((run for _, run in due), key=lambda run: _rank(run, asked))
    resting = {run.id for run in runs if run.status is RunStatus.PAUSED or run.waits_for_approval}
    room = max(0, most - sum(run_id not in resting for run_id in in_work))
    free = {run.id for run in in_order if run.id in resting or run.id in cancelled}
    bound = [run for run in in_order if run.id not in free]
    begin = free | {run.id for run in bound[:room]}
    next_at = min((at for at, _ in later), default=None)
    return Choice(tuple(run for run in in_order if run.id in begin), tuple(bound[room:]), next_at)


def _due_at(run: Run, is_asked: bool, broken: Broken | None, now: datetime) -> datetime:
    if broken is not None and broken.again_at > now:
        return broken.again_at
    if run.status is not RunStatus.WAITING or is_asked:
        return now
    return begins_at(run)


def _rank(run: Run, asked: Collection[str]) -> tuple[bool, bool, datetime, str]:
    return (run.status is RunStatus.WAITING, run.id not in asked, run.opens_at, run.id)
