"""The plans of a deployment that somebody can approve: those that were previewed, and the frozen ones of runs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.deployments.plan import Plan
from fleet.deployments.runs import Run
from fleet.errors import BadInput
from ops.deployments.previewed_plans import find_previewed
from ops.home import Home
from ops.state.runs import RunBook

_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A plan, and the open runs that froze or require it."""

    plan: Plan
    runs: tuple[Run, ...] = ()


def find_plan(home: Home, book: RunBook, deployment: str, text: str, open_runs: Sequence[Run]) -> KnownPlan:
    """The plan of ``deployment`` with the hash ``text``. The beginning of a hash is not enough: two plans can be made
    that begin alike. A hash that only a run requires is not, either: nobody can have seen what it stands for.

    Raises:
        BadInput: it is no hash, or no plan of the deployment that is known here has it.
    """
    plan_hash = text.strip().casefold()
    if not _HASH.fullmatch(plan_hash):
        raise BadInput(f"--plan: {text!r} is no hash: copy the one that `patchdeck deployments preview` prints.")
    runs = tuple(run for run in open_runs if plan_hash in (run.plan_hash, run.required_plan))
    frozen = next((run for run in runs if run.plan_hash == plan_hash), None)
    plan = book.plan_of(frozen.id) if frozen else find_previewed(home, plan_hash)
    if plan is not None and plan.deployment.casefold() == deployment.casefold():
        return KnownPlan(plan, runs)
    whose = f"it is of {plan.deployment}" if plan else "no plan with this hash is known here"
    raise BadInput(
        f"--plan: {plan_hash[:12]}… is no plan of {deployment}: {whose}. See first what would be done: "
        f"patchdeck deployments preview {deployment}"
    )
