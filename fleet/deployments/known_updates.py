"""Windows updates by the names that a run knows them by.

A title changes, and gets the start of the id behind it where a second update comes to share it; an update without an
article changes its version with each revision. The id stays, so whoever works on a machine is told of an update by what
it was called when it was met first, whatever it is called now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fleet.assessments import Assessment
from fleet.deployments.plan import MachinePlan
from fleet.deployments.runs import UpdateOutcome
from fleet.updates import Update

_ID_CHARACTERS = 8

Called = Mapping[str, tuple[str, str]]
"""Name and offered version by update id."""


def called_before(plan: MachinePlan, outcomes: Iterable[UpdateOutcome]) -> Called:
    """What the updates of ``plan`` and those of earlier rounds are called in the run; nothing on Linux."""
    planned = (*plan.selection.chosen, *(left.update for left in plan.selection.left_out))
    called = {each.update_id: (each.name, each.offered_version) for each in outcomes if each.update_id}
    return called | {
        each.windows.update_id: (each.name, each.offered_version)
        for each in planned
        if each.windows is not None and each.windows.update_id
    }


def call_as_before(assessment: Assessment, called: Called) -> Assessment:
    """``assessment``, with what is offered called as before; another update of one of these names has its id behind."""
    if not called:
        return assessment
    taken = {name for name, _ in called.values()}
    return replace(assessment, updates=tuple(_call(update, called, taken) for update in assessment.updates))


def _call(update: Update, called: Called, taken: set[str]) -> Update:
    known = update.windows
    if known is None or not known.update_id:
        return update
    if known.update_id in called:
        name, version = called[known.update_id]
        return replace(update, name=name, offered_version=version)
    if update.name not in taken:
        return update
    return replace(update, name=f"{update.name} [{known.update_id[:_ID_CHARACTERS]}]")
