"""What people are told about approvals: that one is wanted, that some lapsed, that none came in time. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from fleet.alerts.severity import Severity
from fleet.approvals import Approval, Standing
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Run
from fleet.hostile import clean
from fleet.messages import Message, MessageKind

_ITEMS_SHOWN = 10


def approval_command(deployment: str, plan: str) -> str:
    """What somebody runs who approves the plan."""
    return f"patchdeck deployments approve {deployment} --plan {plan}"


def wanted_message(
    run: Run, standing: Standing, plan: Plan | None, at: datetime, *, until: datetime, drift: Sequence[str] = ()
) -> Message:
    """That ``run`` waits for approvals of ``plan`` until ``until``. ``drift`` is in what that differs from a plan that
    was approved, a line each; None: the plan is not made yet, its hash alone is known.
    """
    wanted = standing.wanted
    lines = [
        f"{standing.describe()}; the run begins once {standing.missing} more came, at {_time(until)} at the latest.",
        f"To approve, after reading it: {approval_command(run.deployment.name, wanted.plan)}",
    ]
    if drift:
        lines.append("A plan that was approved has drifted, and its approvals have lapsed:")
    items = drift or tuple(_machine_lines(plan))
    return Message(
        id=f"approval-wanted-{run.id}-{wanted.plan[:12]}",
        kind=MessageKind.APPROVAL_WANTED,
        severity=Severity.WARNING,
        at=at,
        title=f"{run.deployment.name}: a run waits for approval",
        text="\n".join(lines),
        facts=_facts(run, wanted.plan),
        items=tuple(clean(item) for item in items[:_ITEMS_SHOWN]),
        item_count=len(items),
    )


def late_message(run: Run, standing: Standing, at: datetime) -> Message:
    """That ``run`` ended, and nothing was done, since its plan was not approved in time."""
    refused = standing.worth_telling
    return Message(
        id=f"approval-late-{run.id}",
        kind=MessageKind.APPROVAL_LAPSED,
        severity=Severity.ERROR,
        at=at,
        title=f"{run.deployment.name}: a run was not approved in time, nothing was done",
        text=f"{standing.describe()} when no installation could start any more.",
        facts=_facts(run, standing.wanted.plan),
        items=tuple(clean(f"{each.approval.person.name}: {each.why}") for each in refused[:_ITEMS_SHOWN]),
        item_count=len(refused),
    )


def lapsed_message(deployment: str, approvals: Sequence[Approval], why: str, at: datetime) -> Message:
    """That ``approvals`` of plans of ``deployment`` hold no more."""
    return Message(
        id=f"approval-lapsed-{deployment.casefold()}-{max(each.id for each in approvals)}",
        kind=MessageKind.APPROVAL_LAPSED,
        severity=Severity.WARNING,
        at=at,
        title=f"{deployment}: {len(approvals)} approval{'' if len(approvals) == 1 else 's'} lapsed",
        text=clean(f"Why: {why}. What is approved now has to be approved anew."),
        items=tuple(clean(f"{each.person.name}: plan {each.plan[:12]}") for each in approvals[:_ITEMS_SHOWN]),
        item_count=len(approvals),
    )


def _facts(run: Run, plan: str) -> Mapping[str, str]:
    facts = {
        "deployment": run.deployment.name,
        "run": run.id,
        "plan": plan,
        "asked by": clean(run.requester.user),
        "window": f"{_time(run.opens_at)} to {_time(run.closes_at)}",
    }
    return facts | ({"reason": clean(run.requester.reason)} if run.requester.reason else {})


def _machine_lines(plan: Plan | None) -> list[str]:
    return [
        f"{machine.machine_name}: {_count(len(machine.simulation.changes), 'package change')}"
        for machine in (plan.machines if plan else ())
        if not machine.problem
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
