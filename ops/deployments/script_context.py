"""What a script of a deployment is told: its parameters in the environment, and the run as a JSON object.

The object has ``run``, ``deployment``, ``stage``, ``place``, ``attempt``, ``status``, ``opens_at``, ``closes_at``,
``plan_hash``, ``requested_by``, and ``machines``, a list of ``name``, ``address``, ``wave``, ``status`` and ``error``;
for a script on a machine that machine alone. ``attempt`` is above 1 where the console was killed while the script ran,
and it is run again.
"""

import json
import re
from collections.abc import Iterable, Mapping

from fleet.deployments.runs import MachineRun, Run
from fleet.deployments.scripts import Script
from fleet.machines import Machine

_UNUSABLE = re.compile(r"[^A-Z0-9_]")


def parameters_of(script: Script, attempt: int) -> dict[str, str]:
    """The environment variables of ``script``: PATCHDECK_ and the parameter's name in capitals."""
    given = {f"PATCHDECK_{_UNUSABLE.sub('_', name.upper())}": value for name, value in script.parameters.items()}
    return {**given, "PATCHDECK_ATTEMPT": str(attempt)}


def describe_run(
    run: Run, script: Script, attempt: int, machine_runs: Iterable[MachineRun], machines: Mapping[str, Machine]
) -> bytes:
    """The run as JSON for ``script``. ``machines`` by id; one that is enrolled no more has no address."""
    plain = {
        "run": run.id,
        "deployment": run.deployment.name,
        "stage": script.stage.value,
        "place": script.place.value,
        "attempt": attempt,
        "status": run.status.value,
        "opens_at": run.opens_at.isoformat(),
        "closes_at": run.closes_at.isoformat(),
        "plan_hash": run.plan_hash,
        "requested_by": run.requester.user,
        "machines": [
            {
                "name": each.machine_name,
                "address": (machines[each.machine_id].address or "") if each.machine_id in machines else "",
                "wave": each.wave,
                "status": each.status.value,
                "error": each.error,
            }
            for each in machine_runs
        ],
    }
    return json.dumps(plain, ensure_ascii=True, indent=1).encode("ascii") + b"\n"
