"""A plan in a file, for whoever approves it."""

import json
from pathlib import Path

from fleet.deployments.plan import Plan
from ops.cli.plan_listing import list_plan
from ops.cli.values import as_json
from ops.permission import require_elsewhere
from query.outfile import written_aside


def write_plan(path: Path, plan: Plan) -> None:
    """Writes ``plan`` as a JSON object: its deployment, time, hash, and the machines as `preview --json` has them.

    Raises:
        QueryFailed: the file cannot be written; what was there stays.
    """
    require_elsewhere(path)
    listing = list_plan(plan)
    names = [column.name for column in listing.columns]
    document = {
        "deployment": plan.deployment,
        "made_at": as_json(plan.made_at),
        "hash": plan.hash,
        "machines": [dict(zip(names, map(as_json, row), strict=True)) for row in listing.rows],
    }
    with written_aside(path) as file:
        file.write(json.dumps(document, indent=2).encode() + b"\n")
