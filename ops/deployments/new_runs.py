"""Making a run of a deployment; working on it is `ops.deployments.engine`'s."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, Run, RunStatus
from ops.state.audit import utc_now


def new_run(
    deployment: Deployment,
    opens_at: datetime,
    requester: Requester,
    required_plan: str = "",
    clock: Callable[[], datetime] = utc_now,
    makes_up_for: str = "",
    edition: int = 0,
) -> Run:
    """A run that waits for its window, which opens at ``opens_at``; its id sorts by that time. Keep it with `RunBook`.

    ``deployment`` is frozen in it: editing or removing that afterwards changes nothing here. ``edition`` is that of
    ``deployment``; with 0 the one of now is noted when the run is kept.
    """
    opens_in_utc = opens_at.astimezone(UTC)
    return Run(
        id=f"{opens_in_utc:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        deployment=deployment,
        status=RunStatus.WAITING,
        opens_at=opens_in_utc,
        closes_at=opens_in_utc + timedelta(minutes=deployment.window.minutes),
        requester=requester,
        requested_at=clock().astimezone(UTC),
        required_plan=required_plan,
        makes_up_for=makes_up_for,
        edition=edition,
    )
