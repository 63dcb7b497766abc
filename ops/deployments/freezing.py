"""The plan of a run, made and frozen."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from fleet.deployments.plan import Plan
from fleet.deployments.plan_hash import find_drift
from fleet.deployments.runs import MachineRun, RunStep
from fleet.errors import HomeUnusable, PatchdeckError, StoreBusy
from ops.deployments.events import PlanFrozen
from ops.deployments.planning import FleetPlan, MachinePlanned, Planner
from ops.deployments.previewed_plans import find_previewed
from ops.deployments.run_desk import RunDesk
from ops.deployments.targets import resolve_targets
from ops.home import Home
from ops.state.runs import JournalPhase

_LINES_SAID = 20
_RETRY_SECONDS = 15.0
_TRIES = 2


async def freeze_plan(desk: RunDesk) -> tuple[Plan, str]:
    """Makes the plan of the run and freezes it; why it may not be carried out, in one line, empty if it may."""
    context = desk.context
    desk.say("What is to be done is planned.")
    try:
        made = await _make_plan(desk)
    except PatchdeckError as error:
        return Plan(context.deployment.name, context.clock(), (), ""), str(error)
    for note in made.notes:
        desk.say(note)
    plan = made.plan
    drift = explain_drift(context.home, desk.run.required_plan, plan)
    records = [] if drift else _records(desk.run.id, made)
    desk.run = run = replace(desk.run, plan_hash=plan.hash)
    entry = context.entry("", RunStep.PLAN, JournalPhase.END, {"hash": plan.hash, "notes": list(made.notes)})
    await context.ledger.write(lambda book: book.freeze(run, plan, records, [entry]))
    with contextlib.suppress(OSError):  # state.db has it; the file is for whoever looks into the folder
        context.folder.write_plan(plan)
    updates = sum(len(machine.selection.chosen) for machine in plan.machines)
    waves = len({machine.wave for machine in plan.machines})
    context.tell(PlanFrozen(context.clock(), plan.hash, len(plan.machines), updates, waves))
    return plan, drift


async def _make_plan(desk: RunDesk) -> FleetPlan:
    """The plan; a home that another process holds, or whose disk is full, is waited for as long as there is time.

    Raises:
        PatchdeckError: no plan can be made.
    """
    context, stop = desk.context, desk.context.is_cancelled
    while True:
        about = context.home, context.deployment, context.make_worker, context.clock, _ignore, stop
        planner = Planner(*about, tries=_TRIES, settings=context.settings)
        try:
            return await planner.make_plan(resolve_targets(context.home, context.deployment))
        except (StoreBusy, HomeUnusable) as error:
            if desk.is_halted:
                raise
            desk.say(f"The plan waits: {error}")
            await context.pause(_RETRY_SECONDS)


def explain_drift(home: Home, required: str, plan: Plan) -> str:
    """Why ``plan`` is not the one with the hash ``required``, in one line; empty if it is, or none is required."""
    if not required or plan.hash == required:
        return ""
    known = find_previewed(home, required)
    lines = find_drift(known, plan) if known else ("the plan that is required is not known here any more",)
    more = f"; and {len(lines) - _LINES_SAID} more" if len(lines) > _LINES_SAID else ""
    return f"the plan is not the required one ({plan.hash[:12]}, not {required[:12]}): " + (
        "; ".join(lines[:_LINES_SAID]) + more
    )


def _records(run_id: str, made: FleetPlan) -> Sequence[MachineRun]:
    return [
        MachineRun(
            run_id,
            machine.machine_id,
            machine.machine_name,
            machine.wave,
            failure=made.failures.get(machine.machine_id) if machine.problem else None,
        )
        for machine in made.plan.machines
    ]


def _ignore(event: MachinePlanned) -> None:
    del event
