"""What state.db has of runs, approvals, alerts and the service that an overview tells of, read at once."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.alerts.records import AlertState
from fleet.deployments.runs import Run, RunStatus
from ops.alerts.book import OpenAlert, list_open
from ops.approvals.overview import WaitingRun, list_waiting
from ops.config import Settings
from ops.home import Home
from ops.service.doing import Activity, Doing, Trouble, read_doing
from ops.service.starting import working
from ops.service.status import ComingStart, coming_starts
from ops.state.database import opened
from ops.state.deployments import DeploymentBook
from ops.state.past_deployments import deployments_at
from ops.state.runs import RunBook

_OVER = tuple(status for status in RunStatus if status.is_over)
_OPEN = tuple(status for status in RunStatus if not status.is_over)
_ASSESSMENTS = "assessments"  # the duty, by its name
# Of the newest events: there may be a hundred thousand, and none that is older would be of interest.
_NEWEST_RESOLVED = """
SELECT max(at) FROM (SELECT at, document FROM alert_events ORDER BY id DESC LIMIT 500)
WHERE json_extract(document, '$.state') = ?
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Runs, approvals, alerts and the service, as they are kept.

    ``last_runs`` are the last run of each deployment that is over; ``open_runs`` have not ended, ``waiting`` are those
    of them that lack approvals. ``starts`` are the next ones of schedules, the earliest first.

    ``settings_problem`` is why config.toml cannot be used. ``service_is_missed``: no service runs, and there is
    something for one to do. ``ended_at`` is when the last run ended or the last alert was resolved, None where neither
    ever did.
    """

    last_runs: Sequence[Run] = ()
    open_runs: Sequence[Run] = ()
    waiting: Sequence[WaitingRun] = ()
    alerts: Sequence[OpenAlert] = ()
    starts: Sequence[ComingStart] = ()
    assessing: Sequence[Activity] = ()
    troubles: Sequence[Trouble] = ()
    service_is_missed: bool = False
    ended_at: datetime | None = None
    settings_problem: str = ""

    @property
    def failed_runs(self) -> Sequence[Run]:
        """Of the last runs those that failed."""
        return [run for run in self.last_runs if run.status is RunStatus.FAILED]


def read_kept(home: Home, settings: Settings, now: datetime, *, has_machines: bool) -> Kept:
    """What is kept of ``home`` at ``now``. Blocking, but short: no table is opened.

    Raises:
        HomeUnusable, StoreBusy: the state cannot be read.
    """
    lease = working(home)
    doing = read_doing(lease.doing) if lease is not None else Doing()
    with opened(home.state_file) as connection:
        names = [stored.deployment.name for stored in DeploymentBook(connection).list()]
        book = RunBook(connection)
        last = [run for name in names for run in book.list(name, _OVER, limit=1)]
        open_runs = sorted(book.list(statuses=_OPEN), key=lambda run: (run.opens_at, run.id))
        starts, troubles = coming_starts(connection, now)
        resolved = _newest_resolved(connection)
    ended = [run.ended_at for run in last if run.ended_at is not None]
    expects_service = bool(starts) or (settings.service_assess and has_machines)
    return Kept(
        last_runs=last,
        open_runs=open_runs,
        waiting=[
            each for each in list_waiting(home, clock=lambda: now, settings=settings) if not each.standing.is_enough
        ],
        alerts=list_open(home),
        starts=starts,
        assessing=[each for each in doing.activities if each.duty == _ASSESSMENTS],
        troubles=[*doing.troubles, *([] if lease is not None else troubles)],
        service_is_missed=lease is None and expects_service,
        ended_at=max([*ended, *([resolved] if resolved else [])], default=None),
    )


def _newest_resolved(connection: sqlite3.Connection) -> datetime | None:
    at = connection.execute(_NEWEST_RESOLVED, (AlertState.RESOLVED.value,)).fetchone()[0]
    return None if at is None else datetime.fromisoformat(at)


def read_kept_at(home: Home, at: datetime) -> Kept:
    """Runs and alerts as they stood at ``at``; which plans waited, what was to start and the service are left out.

    Raises:
        HomeUnusable, StoreBusy: the state cannot be read.
    """
    from ops.past.alerts import alerts_at
    from ops.past.runs import list_runs_at

    runs = [each.run for each in list_runs_at(home, at)]
    with opened(home.state_file) as connection:
        names = [each.name.casefold() for each in deployments_at(connection, at)]
    last: dict[str, Run] = {}
    for run in runs:
        if run.status.is_over:
            last.setdefault(run.deployment.name.casefold(), run)
    open_runs = sorted((run for run in runs if not run.status.is_over), key=lambda run: (run.opens_at, run.id))
    # Of one that was removed by then, nobody has to look at the last run.
    last_runs = [last[name] for name in names if name in last]
    return Kept(last_runs=last_runs, open_runs=open_runs, alerts=alerts_at(home, at).alerts)


def service_now(home: Home) -> tuple[bool, tuple[str, ...], int]:
    """Whether the service of ``home`` runs, what its assessments do, and how many troubles it has: cheap to ask."""
    lease = working(home)
    doing = read_doing(lease.doing) if lease is not None else Doing()
    texts = tuple(each.text for each in doing.activities if each.duty == _ASSESSMENTS)
    return lease is not None, texts, len(doing.troubles)
