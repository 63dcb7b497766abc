"""The plans of a deployment that somebody can approve: previewed ones, those of runs, and those that runs require."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.deployments.plan import Plan
from fleet.deployments.runs import Run
from fleet.errors import BadInput
from ops.deployments.previewed_plans import find_previewed, previewed_hashes
from ops.home import Home
from ops.state.runs import RunBook

# As many digits as a preview's summary shows of a hash; fewer could mean another plan tomorrow.
LEAST_DIGITS = 12
_DIGITS = re.compile("[0-9a-f]{12,64}")


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A plan by its hash; ``plan`` is None where only the hash is known: a run requires it, and has not made it."""

    hash: str
    plan: Plan | None
    runs: tuple[Run, ...] = ()


def find_plan(home: Home, book: RunBook, deployment: str, text: str, open_runs: Sequence[Run]) -> KnownPlan:
    """The plan of ``deployment`` with the hash ``text``, or whose hash begins with it.

    Raises:
        BadInput: it is no hash, or no plan of the deployment has it, or several have.
    """
    word = text.strip().casefold()
    if not _DIGITS.fullmatch(word):
        raise BadInput(f"--plan: {text!r} is no hash: copy the one that `patchdeck deployments preview` prints.")
    hashes = {
        *previewed_hashes(home, word),
        *(each for run in open_runs for each in (run.plan_hash, run.required_plan)),
    }
    found = {each: _plan(home, book, each, open_runs) for each in sorted(hashes) if each.startswith(word)}
    fitting = {each: known for each, known in found.items() if _is_of(known, deployment)}
    if len(fitting) > 1:
        raise BadInput(f"--plan: {len(fitting)} plans begin with {word!r}: write more of it.")
    if not fitting:
        others = sorted({known.plan.deployment for known in found.values() if known.plan})
        whose = f"That plan is of {others[0]}." if others else f"No plan of {deployment} with this hash is known here."
        raise BadInput(f"--plan: {whose} See it first: patchdeck deployments preview {deployment}")
    return next(iter(fitting.values()))


def _plan(home: Home, book: RunBook, plan_hash: str, open_runs: Sequence[Run]) -> KnownPlan:
    runs = tuple(run for run in open_runs if plan_hash in (run.plan_hash, run.required_plan))
    frozen = next((run for run in runs if run.plan_hash == plan_hash), None)
    plan = book.plan_of(frozen.id) if frozen else find_previewed(home, plan_hash)
    return KnownPlan(plan_hash, plan, runs)


def _is_of(known: KnownPlan, deployment: str) -> bool:
    if known.plan is None:
        return bool(known.runs)
    return known.plan.deployment.casefold() == deployment.casefold()
