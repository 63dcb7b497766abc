"""What is said of approvals: what a plan needs, what was approved, what waits."""

from collections.abc import Iterator, Sequence

from fleet.approval_messages import approval_command
from fleet.approvals import Approval, Standing
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from ops.approvals.giving import Given
from ops.approvals.overview import WaitingRun
from ops.cli.values import as_text, count_of


def describe_need(standing: Standing) -> Iterator[str]:
    """What a plan needs before a run begins, and how it is approved; nothing where it needs nothing."""
    wanted = standing.wanted
    if not wanted.needed:
        return
    if standing.is_enough:
        yield f"This plan is approved: {standing.describe()}."
    else:
        yield (
            f"Before a run begins, this plan needs approval by others: {standing.describe()}. To approve it, another "
            f"admin runs: {approval_command(wanted.deployment, wanted.plan)}"
        )
    yield from _refused(standing)
    yield from _lowered(standing)


def describe_given(given: Given) -> Iterator[str]:
    """What was approved, and what is missing yet."""
    approval, standing = given.approval, given.standing
    done = "approves" if given.is_new else "had approved already:"
    what = f"plan {approval.plan[:12]} of {approval.deployment}: {_plan_text(given.plan)}"
    yield f"{approval.person.name} {done} {what}."
    more = f"{standing.missing} more needed" if standing.missing else "that is enough"
    yield f"It has {standing.describe()}: {more}. It holds until {as_text(approval.ends_at(standing.wanted.hours))}."
    yield from _refused(standing)
    yield from _lowered(standing)


def describe_withdrawn(deployment: str, withdrawn: Sequence[Approval]) -> str:
    """How many approvals hold no more."""
    if not withdrawn:
        return f"There is no such approval of {deployment} that holds."
    names = ", ".join(dict.fromkeys(each.person.name for each in withdrawn))
    return (
        f"{count_of(len(withdrawn), 'approval')} of {deployment} withdrawn, by {names}. A run that has begun goes on."
    )


def describe_waiting(waiting: Sequence[WaitingRun]) -> Iterator[str]:
    """A line for each run that lacks approvals: how many, and how it is approved."""
    for each in waiting:
        if each.standing.is_enough:
            continue
        begin = f"Run {each.run.id} of {each.run.deployment.name} waits for approval: {each.standing.describe()}"
        if each.plan:
            yield f"{begin}. {approval_command(each.run.deployment.name, each.plan)}"
        else:
            yield f"{begin}; its plan is made when its window opens. A preview can be approved before."


def describe_bar(standing: Standing, deployment: Deployment) -> Iterator[str]:
    """That a run still needs more approvals than the definition asks for, and until when."""
    yield from _lowered(standing)
    wanted = standing.wanted
    if not wanted.is_lowered and wanted.needed > deployment.needs_approval:
        needed = count_of(wanted.needed, "approval")
        yield f"Mind: a run of {deployment.name} needs {needed}, by the setting approvals.needed."


def _lowered(standing: Standing) -> Iterator[str]:
    wanted = standing.wanted
    if wanted.is_lowered:
        yield (
            f"Mind: a run of {wanted.deployment} needs {count_of(wanted.needed, 'approval')}: as before, until one has "
            f"begun with them. After that {wanted.later or 'none'}, as it is defined now."
        )


def _refused(standing: Standing) -> Iterator[str]:
    """Whose approvals do not count and why; those that did their service are told of nowhere."""
    for refused in standing.worth_telling:
        if not refused.approval.used_by:
            yield f"The approval by {refused.approval.person.name} does not count: {refused.why}."


def _plan_text(plan: Plan) -> str:
    able = [machine for machine in plan.machines if not machine.problem]
    changes = sum(len(machine.simulation.changes) for machine in able)
    unable = len(plan.machines) - len(able)
    rest = f", and nothing can be done on {count_of(unable, 'machine')}" if unable else ""
    return f"{count_of(changes, 'package change')} on {count_of(len(able), 'machine')}{rest}"
