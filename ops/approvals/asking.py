"""Asking people for approvals, and telling them what became of it: written with what it tells of, delivered later."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from fleet.approval_messages import late_message, wanted_message
from fleet.approvals import Approval, Standing
from fleet.deployments.plan import Plan
from fleet.deployments.plan_hash import find_drift
from fleet.deployments.runs import Run
from fleet.errors import HomeUnusable, UnknownName
from fleet.messages import Message
from ops.approvals.standing import standing_of_run
from ops.config import Settings
from ops.deployments.previewed_plans import find_previewed
from ops.home import Home
from ops.state.approvals import ApprovalBook
from ops.state.audit import utc_now
from ops.state.deployments import DeploymentBook
from ops.state.outbox import Outbox


def ask_for_approval(connection: sqlite3.Connection, run: Run, plan: str, settings: Settings) -> None:
    """Ask for what the run that requires ``plan`` lacks of approvals, before it has made that plan."""
    standing = standing_of_run(connection, run, plan, settings, utc_now())
    if not standing.is_enough:
        message = wanted_message(run, standing, None, utc_now(), until=starts_until(run))
        _post(connection, run, message)


def ask_for_frozen(
    connection: sqlite3.Connection, home: Home, run: Run, plan: Plan, standing: Standing, now: datetime
) -> Sequence[str]:
    """Ask for what ``run`` lacks of approvals of its frozen ``plan``. Where another plan was approved, the plan has
    drifted: those approvals lapse, and what differs is given, a line each.
    """
    book = ApprovalBook(connection, clock=lambda: now)
    drifted = [each for each in book.given(run.deployment.name) if each.is_standing and each.plan != plan.hash]
    drift: Sequence[str] = ()
    if drifted and _is_whole(connection, run):
        drift = _explain(home, drifted[-1], plan)
        book.lapse(drifted, f"the plan drifted: run {run.id} would do {plan.hash[:12]}")
    message = wanted_message(run, standing, plan, now, until=starts_until(run), drift=drift)
    _post(connection, run, message)
    return drift


def tell_late(connection: sqlite3.Connection, run: Run, standing: Standing, now: datetime) -> None:
    """Tell that ``run`` ends without having begun, since nobody approved it in time."""
    _post(connection, run, late_message(run, standing, now))


def starts_until(run: Run) -> datetime:
    """Until when the run may begin to install anything."""
    return run.closes_at - timedelta(minutes=run.deployment.window.stop_starting_minutes)


def _post(connection: sqlite3.Connection, run: Run, message: Message) -> None:
    """Where nobody is told, nothing is kept."""
    if run.deployment.channels:
        Outbox(connection).post(message, run.deployment.channels)


def _is_whole(connection: sqlite3.Connection, run: Run) -> bool:
    """Whether the run is of all that is defined: the plan of a part of it says nothing of the plan of the whole."""
    try:
        defined = DeploymentBook(connection).find(run.deployment.name).deployment
    except (UnknownName, HomeUnusable):
        return not run.makes_up_for
    return (defined.targets, defined.window) == (run.deployment.targets, run.deployment.window)


def _explain(home: Home, approval: Approval, plan: Plan) -> Sequence[str]:
    known = find_previewed(home, approval.plan)
    if known is None:
        return (f"the plan {approval.plan[:12]} that {approval.person.name} approved is not known here any more",)
    return find_drift(known, plan)
