"""How deployments were defined at an earlier time: what is defined now, with the audit undone backwards."""

import json
import sqlite3
from datetime import UTC, datetime

from fleet.deployments.deployment import Deployment
from ops.state.deployments import DeploymentBook
from ops.state.documents import Codec, load_stored

_CODEC = Codec(Deployment)
_CHANGES = ("add", "edit", "enable", "disable", "remove")


def deployments_at(connection: sqlite3.Connection, at: datetime) -> list[Deployment]:
    """The deployments of the home whose state ``connection`` reads, as they were defined at ``at``, by name."""
    then = {each.deployment.name: each.deployment for each in DeploymentBook(connection).list()}
    rows = connection.execute(
        "SELECT target, before FROM audit WHERE action IN (SELECT value FROM json_each(?)) AND at > ? ORDER BY id DESC",
        (
            json.dumps([f"deployment.{change}" for change in _CHANGES]),
            at.astimezone(UTC).isoformat(timespec="microseconds"),
        ),
    )
    for name, before in rows:
        then.pop(name, None)
        if before is not None:
            then[name] = load_stored(_CODEC, before)
    return [then[name] for name in sorted(then, key=str.casefold)]
