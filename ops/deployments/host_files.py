"""Files of the host that definitions name: scripts that run there or are sent to machines, calendars of blackouts.

A session over SSH names none that no deployment has yet: who could would have programs and files of the host.
"""

from collections.abc import Iterable

from fleet.deployments.deployment import Deployment
from ops.acting_login import acting_login, require_own_programs
from ops.home import Home
from ops.state.database import opened
from ops.state.deployments import DeploymentBook, StoredDeployment


def require_known_files(kept: Iterable[StoredDeployment], deployment: Deployment) -> None:
    """Let pass a definition whose files one of ``kept`` names as well; any, in a process of the host's own.

    Raises:
        NotPermitted: it names another, and this is a session over SSH.
    """
    known = [stored.deployment for stored in kept]
    before = {(each.path, each.place) for one in known for each in one.scripts}
    after = {(each.path, each.place) for each in deployment.scripts}
    require_own_programs("have a deployment use another script", before, after)
    require_own_programs(
        "have a deployment follow another calendar",
        {calendar for one in known for calendar in _calendars(one)},
        _calendars(deployment),
    )


def require_known_calendar(home: Home, deployment: Deployment) -> None:
    """As `require_known_files`, for what only looks at a definition that is being written: its calendar is read."""
    if acting_login() is not None and _calendars(deployment):
        with opened(home.state_file) as connection:
            require_known_files(DeploymentBook(connection).list(), deployment)


def _calendars(deployment: Deployment) -> set[str]:
    return {deployment.schedule.blackouts} if deployment.schedule and deployment.schedule.blackouts else set()
