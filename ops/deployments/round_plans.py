"""The rounds of a machine: what a further one installs, kept in the journal where it begins."""

from collections.abc import Collection
from dataclasses import replace

from fleet.assessments import Assessment
from fleet.deployments.plan import MachinePlan, Selection, Simulation
from fleet.deployments.rounds import Key, choose_again, key_of, rounds_of, split_round
from fleet.deployments.runs import InstallationStatus, RunStep, UpdateOutcome
from ops.deployments.ordering import Ordering, ask_rules
from ops.deployments.turn import Turn
from ops.state.documents import Codec

_SELECTIONS = Codec(Selection)
_WAITS = "it is installed alone, in a round of its own"


def most_rounds(turn: Turn) -> int:
    """How many rounds the machine has at most."""
    return rounds_of(turn.context.deployment.updates, is_windows=turn.plan.is_windows)


def recall_round(turn: Turn) -> None:
    """Have ``turn`` be in the round that an earlier process began."""
    begun = [note["selection"] for note in turn.notes(RunStep.ROUND) if "selection" in note]
    if begun:
        turn.plan = _plan_of_round(turn.plan, _SELECTIONS.load(begun[-1]))


async def choose_round(
    turn: Turn,
    assessment: Assessment,
    earlier: tuple[UpdateOutcome, ...],
    planned: Collection[Key],
    *,
    has_changed: bool,
) -> Selection:
    """What the rules choose of what is offered now, as far as a further round installs it. ``planned`` is the plan of
    the run, beside which nothing is installed where it was required or approved.
    """
    selection = await ask_rules(turn, assessment, assessment.updates)
    fixed = planned if turn.context.required_plan else None
    return choose_again(selection, earlier, planned=fixed, has_changed=has_changed)


async def begin_round(
    turn: Turn, selection: Selection, assessment: Assessment, earlier: tuple[UpdateOutcome, ...]
) -> None:
    """Has the next round begin, in which ``selection`` is installed; ``earlier`` is what those before came to."""
    number = turn.record.rounds + 1
    turn.plan = replace(_plan_of_round(turn.plan, selection), assessed_at=assessment.ended_at)
    detail = {"round": number, "selection": _SELECTIONS.dump(selection)}
    await turn.begin_round(detail, outcomes=earlier, rounds=number)


def split_ordering(turn: Turn, ordering: Ordering, assessment: Assessment) -> Ordering:
    """``ordering`` without the updates that Windows wants a round of their own for, while there may be one."""
    if not turn.plan.is_windows:
        return ordering
    orders = {(order.name, order.architecture, order.version): order for order in ordering.orders}
    offered = {key_of(update): update for update in assessment.updates if key_of(update) in orders}
    now, later = split_round(
        [offered[key] for key in orders if key in offered], is_last=turn.record.rounds >= most_rounds(turn)
    )
    waiting = {key_of(update): (InstallationStatus.NOT_STARTED, _WAITS) for update in later}
    return Ordering(tuple(orders[key_of(update)] for update in now), {**ordering.missing, **waiting})


def _plan_of_round(plan: MachinePlan, selection: Selection) -> MachinePlan:
    """``plan`` for what a round installs, predicted by its share of what was planned before."""
    before, seconds = len(plan.selection.chosen), plan.predicted_seconds
    share = len(selection.chosen) / before if before else 1.0
    return replace(
        plan,
        selection=selection,
        simulation=Simulation(),
        predicted_seconds=None if seconds is None else seconds * share,
        assessed_at=None,
        obstacles=(),
    )
