"""What was approved and what waits for approval, for whoever looks. All of it is read from state.db."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fleet.approvals import Approval, Standing, why_over
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Run
from ops.approvals.standing import approval_of_run, standing_of_plan
from ops.config import Settings, load_settings
from ops.deployments.history import OPEN_STATUSES
from ops.home import Home
from ops.state.approvals import ApprovalBook
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook


@dataclass(frozen=True, slots=True)
class ShownApproval:
    """An approval: until when it holds, and why it does not count, empty where it does."""

    approval: Approval
    until: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """An open run that needs approvals, and what its plan has of them; ``plan`` is empty while it is not known."""

    run: Run
    standing: Standing

    @property
    def plan(self) -> str:
        """The hash that is to be approved."""
        return self.standing.wanted.plan


def list_approvals(
    home: Home,
    deployment: str | None = None,
    *,
    past: bool = False,
    clock: Callable[[], datetime] = utc_now,
    at: datetime | None = None,
) -> list[ShownApproval]:
    """The approvals that hold, the latest first; with ``past`` all that were ever given, with ``at`` by then.

    Raises:
        UnknownName: there is no such deployment, and no approval of one that was removed.
    """
    if at is not None:
        from ops.past.telling import approvals_at

        return approvals_at(home, at, deployment)
    settings, now = load_settings(home), clock()
    with opened(home.state_file) as connection:
        given = ApprovalBook(connection).given(deployment)
        if deployment is not None and not given:
            DeploymentBook(connection).find(deployment)
        shown = [_show(connection, each, settings, now) for each in reversed(given)]
    return shown if past else [each for each in shown if not why_over(each.approval, settings.approvals_hours, now)]


def list_waiting(
    home: Home,
    deployment: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    settings: Settings | None = None,
) -> list[WaitingRun]:
    """The open runs that need approvals and have not begun, the earliest window first; by ``settings``, for who has
    read them.
    """
    settings, now = settings or load_settings(home), clock()
    with opened(home.state_file) as connection:
        runs = reversed(RunBook(connection).list(deployment, OPEN_STATUSES))
        found = [(run, approval_of_run(connection, run, settings, now)) for run in runs]
    return [WaitingRun(run, standing) for run, standing in found if standing is not None]


def waiting_of(home: Home, run: Run) -> list[WaitingRun]:
    """As `list_waiting`, of the one ``run`` as it is kept."""
    return [each for each in list_waiting(home, run.deployment.name) if each.run.id == run.id]


def approval_of_plan(home: Home, deployment: Deployment, plan: str) -> Standing:
    """What a run of ``deployment`` would have of approvals of ``plan``; nothing is missing where none are needed."""
    settings = load_settings(home)
    with opened(home.state_file) as connection:
        return standing_of_plan(connection, deployment, plan, settings, utc_now())


def _show(connection: sqlite3.Connection, approval: Approval, settings: Settings, now: datetime) -> ShownApproval:
    problem = why_over(approval, settings.approvals_hours, now)
    if not problem:
        deployment = Deployment(approval.deployment, ())
        standing = standing_of_plan(connection, deployment, approval.plan, settings, now)
        problem = next((each.why for each in standing.refused if each.approval.id == approval.id), "")
    return ShownApproval(approval, approval.ends_at(settings.approvals_hours), problem)
