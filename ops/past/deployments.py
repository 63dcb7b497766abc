"""The deployments of an earlier instant: their definitions, machines and runs of then."""

import sqlite3
from datetime import UTC, datetime

from fleet.deployments.deployment import Deployment
from fleet.errors import UnknownName
from ops.deployments.overview import DeploymentOverview, look_at
from ops.groups import group_members
from ops.home import Home
from ops.past.runs import list_runs_at
from ops.scope import ScopeGuard
from ops.state.database import opened
from ops.state.deployments import NO_SOURCE, DeploymentBook, StoredDeployment
from ops.state.past_deployments import deployments_at
from ops.state.past_machines import enrolled_at

# A deployment has one run that goes on, seldom several that wait: they are among its newest.
_NEWEST_RUNS = 50
_LAST_CHANGE = """
SELECT at, user FROM audit
WHERE action IN ('deployment.add', 'deployment.edit', 'deployment.enable', 'deployment.disable')
    AND target = ? COLLATE NOCASE AND at <= ?
ORDER BY id DESC LIMIT 1
"""


def overviews_at(home: Home, at: datetime) -> list[DeploymentOverview]:
    """All deployments by name as they were at ``at``; by the groups and the scope of now, whose past is kept nowhere.

    Blocking.
    """
    with opened(home.state_file) as connection:
        machines = sorted(enrolled_at(connection, at).machines, key=lambda machine: machine.name)
    stored = definitions_at(home, at)
    groups, found = group_members(home), []
    with ScopeGuard(home) as guard:
        for each in stored:
            runs = [summary.run for summary in list_runs_at(home, at, each.deployment.name, _NEWEST_RUNS)]
            open_runs = tuple(run for run in runs if not run.status.is_over)
            found.append(look_at(each, machines, groups, guard, (runs[0] if runs else None, open_runs), at))
    return found


def find_overview_at(home: Home, name: str, at: datetime) -> DeploymentOverview:
    """The deployment that was called ``name`` at ``at``, whatever the case. Blocking.

    Raises:
        UnknownName: there was none.
    """
    found = overviews_at(home, at)
    then = next((each for each in found if each.stored.deployment.name.casefold() == name.casefold()), None)
    if then is None:
        raise UnknownName("deployment", name, [each.stored.deployment.name for each in found])
    return then


def definitions_at(home: Home, at: datetime) -> list[StoredDeployment]:
    """All deployments by name as they were defined at ``at``; a revision that is not known is 0. Blocking."""
    with opened(home.state_file) as connection:
        now = {each.deployment.name: each for each in DeploymentBook(connection).list()}
        return [_stored(connection, each, now, at) for each in deployments_at(connection, at)]


def _stored(
    connection: sqlite3.Connection, then: Deployment, now: dict[str, StoredDeployment], at: datetime
) -> StoredDeployment:
    """As it is kept where it has not changed since; else who changed it last by then is in the audit."""
    known = now.get(then.name)
    if known is not None and known.changed_at <= at:
        return known
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    row = connection.execute(_LAST_CHANGE, (then.name, moment)).fetchone()
    changed_at, user = (datetime.fromisoformat(row[0]), str(row[1])) if row else (at, "")
    return StoredDeployment(then, NO_SOURCE, 0, changed_at, user)
