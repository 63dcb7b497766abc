"""Why the rules of a deployment leave an update out, in words, and what to change in them."""

from datetime import UTC, tzinfo

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import LeftOut, LeftOutReason
from fleet.deployments.selection import select
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput
from fleet.reasons.commands import included, patchdeck
from fleet.reasons.facts import HomeSight, UpdateCase
from fleet.reasons.reason import Reason, ReasonKind, Weight
from fleet.updates import Update

_WORDS = {
    LeftOutReason.NOT_IN_CLASSES: "does not ask for its class",
    LeftOutReason.EXCLUDED: "excludes it",
    LeftOutReason.TOO_YOUNG: "does not take it yet: it is too new",
    LeftOutReason.BLOCKED: "does not take what the machine keeps back",
    LeftOutReason.NEEDS_NEW_PACKAGES: "may not install new packages",
    LeftOutReason.NEEDS_REMOVALS: "may not remove packages",
    LeftOutReason.DEPENDENCY_LEFT_OUT: "leaves out what it needs",
    LeftOutReason.NOT_IN_TRANSACTION: "asked, and the machine's package manager would not do it",
    LeftOutReason.SUPERSEDED: "takes another version of the same package",
    LeftOutReason.NOT_APPROVED: "had it not in the plan that was approved",
    LeftOutReason.TRIED_BEFORE: "has tried it before in the same run",
    LeftOutReason.OWN_ROUND: "installs it in a round of its own",
}
_REMEDIES = {
    LeftOutReason.NOT_IN_CLASSES: "Let it take the update by name, or its class.",
    LeftOutReason.EXCLUDED: "Take the exclusion out of it, or let it run out.",
    LeftOutReason.TOO_YOUNG: "Wait, or let the deployment take newer updates.",
    LeftOutReason.BLOCKED: "Undo what keeps it back on the machine.",
    LeftOutReason.NEEDS_NEW_PACKAGES: "Let it install new packages.",
    LeftOutReason.NEEDS_REMOVALS: "Look at what would be removed, then let it remove packages.",
    LeftOutReason.DEPENDENCY_LEFT_OUT: "Let what it needs in again.",
    LeftOutReason.NOT_IN_TRANSACTION: "Read the package manager's words in a preview, and mend that on the machine.",
    LeftOutReason.SUPERSEDED: "Nothing: the newer version brings what this one would.",
    LeftOutReason.NOT_APPROVED: "Let the next plan be approved: it has it.",
    LeftOutReason.TRIED_BEFORE: "Read why it failed in the run's log.",
    LeftOutReason.OWN_ROUND: "Nothing, or let the deployment make more rounds.",
}


def judge_by_rules(case: UpdateCase, deployment: Deployment, home: HomeSight) -> LeftOut | None:
    """Why ``deployment`` would leave the update out on its machine now; None where it chooses it."""
    selection = select(
        (case.update, *case.siblings),
        deployment.updates,
        today=home.now.astimezone(_zone(deployment)).date(),
        now=home.now,
        first_seen=home.first_seen,
    )
    return next((left for left in selection.left_out if left.update is case.update), None)


def rule_reason(deployment: Deployment, left: LeftOut, weight: Weight) -> Reason:
    """That ``deployment`` leaves the update out, by which rule, and what to change."""
    return Reason(
        ReasonKind.LEFT_OUT,
        weight,
        f"{deployment.name} {_WORDS[left.reason]}.",
        left.detail or left.reason.value,
        _REMEDIES[left.reason],
        command_for(deployment, left.reason, left.update),
        f"{deployment.name}: {left.reason.value}",
    )


def command_for(deployment: Deployment, reason: LeftOutReason, update: Update) -> str:
    """The command that changes the rule; empty where no rule is to be changed."""
    name = deployment.name
    match reason:
        case LeftOutReason.NOT_IN_CLASSES:
            return included(deployment, update)
        case LeftOutReason.EXCLUDED | LeftOutReason.DEPENDENCY_LEFT_OUT | LeftOutReason.OWN_ROUND:
            return patchdeck("deployments", "edit", name)
        case LeftOutReason.TOO_YOUNG:
            return patchdeck("deployments", "edit", name, "--minimum-age", "0")
        case LeftOutReason.NEEDS_NEW_PACKAGES:
            return patchdeck("deployments", "edit", name, "--new-packages")
        case LeftOutReason.NEEDS_REMOVALS:
            return patchdeck("deployments", "edit", name, "--removals")
        case LeftOutReason.NOT_IN_TRANSACTION:
            return patchdeck("deployments", "preview", name)
        case LeftOutReason.BLOCKED | LeftOutReason.SUPERSEDED | LeftOutReason.NOT_APPROVED | LeftOutReason.TRIED_BEFORE:
            return ""


def _zone(deployment: Deployment) -> tzinfo:
    """As a run reckons its day; UTC for a schedule of a zone that is not known here, which is a problem told apart."""
    try:
        return find_zone(deployment.schedule.time_zone) if deployment.schedule else UTC
    except BadInput:
        return UTC
