"""What a deployment would do now, without doing any of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from ops.assess import FleetOptions, is_served
from ops.deployments.context import WorkerMaker
from ops.deployments.planning import MachinePlanned, Planner
from ops.deployments.previewed_plans import keep_previewed
from ops.deployments.reaching import reached_machines
from ops.deployments.targets import resolve_targets
from ops.home import Home
from ops.permission import refusal
from ops.state.audit import utc_now


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """How a preview reaches machines (see `ops.deployments.workers`), and what time it takes for now.

    ``stop`` ends it early; machines that were not asked by then have a problem that says so.
    """

    make_worker: WorkerMaker
    clock: Callable[[], datetime] = utc_now
    stop: asyncio.Event | None = None


@dataclass(frozen=True, slots=True)
class PlanNote:
    """Something to be said of the plan: a target that names nothing, a disabled machine."""

    text: str


PreviewEvent = MachinePlanned | PlanNote


async def preview_deployment(
    home: Home,
    deployment: Deployment,
    options: FleetOptions,
    on_event: Callable[[PreviewEvent], None],
    *,
    stop: asyncio.Event | None = None,
) -> Plan:
    """As `preview`, over the ways to machines of this home; in a shared home that is another's, its service does it.

    Raises:
        BadInput: as `preview`.
        NotPermitted: this user may not reach machines, or not for what is not defined.
    """
    if is_served(home, options):
        from ops.service.asking import ask_preview, is_defined

        if refusal(home.path) is not None or is_defined(home, deployment):
            return await ask_preview(home, deployment, on_event, stop)
    async with reached_machines(home, options) as make_worker:
        return await preview(home, deployment, PreviewOptions(make_worker, stop=stop), on_event)


async def preview(
    home: Home, deployment: Deployment, options: PreviewOptions, on_event: Callable[[PreviewEvent], None]
) -> Plan:
    """The plan of ``deployment`` as it would be now. It is kept, so that a run which requires its hash can say what has
    changed since. Machines are assessed and simulate; nothing is installed.

    Raises:
        BadInput: a target or a wave that cannot be used.
    """
    resolved = resolve_targets(home, deployment)
    planner = Planner(home, deployment, options.make_worker, options.clock, on_event, options.stop)
    made = await planner.make_plan(resolved)
    for note in made.notes:
        on_event(PlanNote(note))
    await asyncio.to_thread(keep_previewed, home, made.plan)
    return made.plan
