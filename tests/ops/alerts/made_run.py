"""A run that waits."""

from datetime import datetime

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester
from ops.deployments.new_runs import new_run
from ops.home import Home
from ops.state.database import opened
from ops.state.runs import RunBook


def make_run(home: Home, deployment: str, opens_at: datetime) -> None:
    """A run of a deployment whose window opens at that time."""
    run = new_run(Deployment(deployment, ("all",)), opens_at, Requester("ann"), clock=lambda: opens_at)
    with opened(home.state_file) as connection:
        RunBook(connection).make(run)
