"""What the app does with approvals of plans: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fleet.deployments.deployment import Deployment
from ops.cli.values import count_of
from tui.background import in_thread
from tui.screens.approval_form import ApprovalForm, PlanToApprove

if TYPE_CHECKING:
    from fleet.approvals import Approval, Standing
    from fleet.deployments.plan import Plan
    from fleet.deployments.runs import Run
    from ops.approvals.giving import Given
    from tui.app import PatchdeckApp
    from tui.screens.reason_form import Reason


def ask_to_approve_plan(deck: "PatchdeckApp", deployment: Deployment, plan: "Plan") -> None:
    """Shows what the previewed ``plan`` has of what it needs, and asks whether to approve it."""
    changes = sum(len(each.simulation.changes) for each in plan.machines)
    shown = PlanToApprove(deployment.name, plan.hash, len(plan.machines), changes)
    look_for_approvals(deck, deployment, plan.hash, lambda standing: _ask(deck, shown, standing))


def look_for_approvals(
    deck: "PatchdeckApp", deployment: Deployment, plan_hash: str, done: "Callable[[Standing], None]"
) -> None:
    """Does ``done`` with what a plan of ``deployment`` has of the approvals that it needs."""
    from ops.approvals.standing import standing_of_plan
    from ops.config import load_settings
    from ops.state.database import opened

    def look() -> "Standing":
        with opened(deck.home.state_file) as connection:
            return standing_of_plan(connection, deployment, plan_hash, load_settings(deck.home), deck.clock())

    in_thread(deck, look, done, deck.complain, what="looking for approvals")


def ask_to_approve_run(deck: "PatchdeckApp", run: "Run") -> None:
    """Shows what the plan of ``run`` has of what it needs, and asks whether to approve it."""
    from ops.approvals.standing import standing_of_run
    from ops.config import load_settings
    from ops.deployments.previewed_plans import find_previewed
    from ops.state.database import opened
    from ops.state.runs import RunBook

    plan_hash = run.plan_hash or run.required_plan
    if run.status.is_over or not plan_hash:
        told = f"is over: {run.status.value}" if run.status.is_over else "has no plan yet that could be approved"
        deck.say(f"The run {run.id} {told}.")
        return

    def look() -> "tuple[Standing, Plan | None]":
        with opened(deck.home.state_file) as connection:
            standing = standing_of_run(connection, run, plan_hash, load_settings(deck.home), deck.clock())
            return standing, RunBook(connection).plan_of(run.id) or find_previewed(deck.home, plan_hash)

    def show(found: "tuple[Standing, Plan | None]") -> None:
        standing, plan = found
        machines = len(plan.machines) if plan else None
        changes = sum(len(each.simulation.changes) for each in plan.machines) if plan else None
        _ask(deck, PlanToApprove(run.deployment.name, plan_hash, machines, changes), standing)

    in_thread(deck, look, show, deck.complain, what="looking for approvals", opens=True)


def ask_to_withdraw(deck: "PatchdeckApp", approval: "Approval") -> None:
    """Asks whether to take back an approval of one's own."""
    from ops.approvals.giving import withdraw
    from tui.screens.confirm import Confirm

    def withdrawn(gone: "Sequence[Approval]") -> None:
        if gone:
            deck.say(f"{count_of(len(gone), 'approval')} of {approval.deployment} withdrawn.")
        else:
            deck.say("You have no approval of this plan that holds: others' are theirs to withdraw.", is_error=True)
        deck.work.look()

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            work = lambda: withdraw(deck.home, approval.deployment, approval.plan)  # noqa: E731  # used once
            in_thread(deck, work, withdrawn, deck.complain, what="withdrawing the approval")

    question = f"Withdraw your approval of the plan {approval.plan[:12]} of {approval.deployment}?"
    deck.push_screen(Confirm(question, "A run that has begun with it goes on.", yes="withdraw it"), answered)


def _ask(deck: "PatchdeckApp", plan: PlanToApprove, standing: "Standing") -> None:
    if not standing.wanted.needed:
        deck.say(f"{plan.deployment} needs no approval; its definition can ask for some: needs_approval.")
        return

    def answered(note: "Reason | None") -> None:
        if note is not None:
            _give(deck, plan, note.text, lambda given: _tell(deck, given))

    deck.push_screen(ApprovalForm(plan, standing), answered)


def _give(deck: "PatchdeckApp", plan: PlanToApprove, note: str, done: "Callable[[Given], None]") -> None:
    from ops.approvals.giving import approve

    work = lambda: approve(deck.home, plan.deployment, plan.hash, note, clock=deck.clock)  # noqa: E731  # used once
    in_thread(deck, work, done, deck.complain, what="approving the plan")


def _tell(deck: "PatchdeckApp", given: "Given") -> None:
    told = "Approved" if given.is_new else "You had approved it before"
    standing = given.standing
    more = "that is enough" if standing.is_enough else f"{standing.missing} more of others must come"
    deck.say(f"{told}: {standing.describe()}; {more}.")
    deck.work.look()
