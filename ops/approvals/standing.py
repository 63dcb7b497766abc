"""What approvals a plan of a deployment needs, and has: for a run, and for whoever looks before there is one."""

import sqlite3
from dataclasses import replace
from datetime import datetime

from fleet.approvals import Barred, Standing, Wanted, judge_approvals
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Run
from fleet.editions import authors_of, needed_by
from fleet.errors import HomeUnusable, UnknownName
from ops.config import Settings
from ops.persons import person_called
from ops.state.approvals import ApprovalBook
from ops.state.deployments import DeploymentBook


def standing_of_run(connection: sqlite3.Connection, run: Run, plan: str, settings: Settings, now: datetime) -> Standing:
    """How far ``run`` is approved to do ``plan``."""
    asker = run.requester.person or person_called(run.requester.user)
    barred = (Barred(asker, "asked for the run"), *_authors(connection, run.deployment.name, run.edition))
    wanted = replace(_wanted(connection, run.deployment, plan, settings), barred=barred, run_id=run.id)
    return judge_approvals(wanted, ApprovalBook(connection).given(run.deployment.name, plan), now)


def approval_of_run(connection: sqlite3.Connection, run: Run, settings: Settings, now: datetime) -> Standing | None:
    """What ``run`` has of the approvals that it needs for its plan, or for the one that it requires; None where it
    needs none, or waits for none any more.
    """
    if run.status.is_over or run.started_at is not None:
        return None
    standing = standing_of_run(connection, run, run.plan_hash or run.required_plan, settings, now)
    return standing if standing.wanted.needed else None


def standing_of_plan(
    connection: sqlite3.Connection, deployment: Deployment, plan: str, settings: Settings, now: datetime
) -> Standing:
    """How far a run of ``deployment`` would be approved to do ``plan``, whoever asks for it."""
    wanted = replace(_wanted(connection, deployment, plan, settings), barred=_authors(connection, deployment.name))
    return judge_approvals(wanted, ApprovalBook(connection).given(deployment.name, plan), now)


def note_begun(connection: sqlite3.Connection, run: Run, standing: Standing) -> None:
    """Note that ``run`` begins with the approvals that count: they are used, and its edition is an approved one."""
    book = ApprovalBook(connection)
    book.use(standing.counted, run.id)
    book.approve_edition(run)


def _wanted(connection: sqlite3.Connection, deployment: Deployment, plan: str, settings: Settings) -> Wanted:
    """As many as anybody asks for: the run's own copy, what is defined now, earlier editions, the settings."""
    editions = ApprovalBook(connection).editions(deployment.name)
    try:
        defined = DeploymentBook(connection).find(deployment.name).deployment.needs_approval
    except (UnknownName, HomeUnusable):  # what is damaged holds no run up: the editions have the number, too
        defined = deployment.needs_approval
    later = max(defined, settings.approvals_needed)
    needed = max(deployment.needs_approval, needed_by(editions), later)
    return Wanted(deployment.name, plan, needed, settings.approvals_hours, later=later)


def _authors(connection: sqlite3.Connection, deployment: str, run_edition: int = 0) -> tuple[Barred, ...]:
    editions = ApprovalBook(connection).editions(deployment)
    authors = authors_of(editions, run_edition)
    if any(each.is_added for each in editions):
        return authors
    # It was added by a Patchdeck that knew no editions; the audit has the name.
    row = connection.execute(
        "SELECT user FROM audit WHERE target = ? COLLATE NOCASE AND action = 'deployment.add' ORDER BY id DESC LIMIT 1",
        (deployment,),
    ).fetchone()
    return (*authors, Barred(person_called(row[0]), "added the deployment")) if row else authors
