"""What people ask for: a run of a deployment, and that one be paused, resumed or cancelled. The service does it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, Run, RunStatus
from fleet.deployments.window import check_window
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.roles import Deed
from fleet.targets import select_machines
from ops.approvals.asking import ask_for_approval
from ops.config import load_settings
from ops.deployments.new_runs import new_run
from ops.deployments.targets import resolve_targets
from ops.groups import group_members
from ops.home import Home
from ops.permission import refusal
from ops.persons import current_person
from ops.roles import standing_of
from ops.scope import describe_left_out
from ops.state.approvals import with_edition
from ops.state.audit import current_actor
from ops.state.database import opened, transaction
from ops.state.deployments import DeploymentBook
from ops.state.machines import MachineBook
from ops.state.run_history import RunHistory
from ops.state.runs import RunAction, RunBook

FURTHEST_START = timedelta(days=366)


class AskOutcome(StrEnum):
    """What became of something that was asked of a run: taken down; asked before and not done yet; so already, or there
    is nothing to be done; too late, since the run is being cancelled.
    """

    TAKEN = "taken"
    PENDING = "pending"
    SO_ALREADY = "so already"
    TOO_LATE = "too late"


@dataclass(frozen=True, slots=True)
class Asked:
    """The run of which something was asked, and what became of that."""

    run: Run
    outcome: AskOutcome


def machines_of(home: Home, deployment: Deployment) -> tuple[Machine, ...]:
    """The machines that a run of ``deployment`` would work on now, in the order of its waves.

    Raises:
        BadInput: its targets name no enabled machine.
    """
    resolved = resolve_targets(home, deployment)
    if not resolved.machines:
        why = " ".join(resolved.notes)
        raise BadInput(f"{deployment.name} has no machine to work on: {why or 'no target names an enabled one.'}")
    return resolved.machines


def narrow(
    home: Home, deployment: Deployment, targets: Sequence[str], *, window_minutes: int | None = None
) -> Deployment:
    """``deployment`` for one run: only those of its machines that ``targets`` name too (all of them without any), and
    with another window.

    Raises:
        BadInput: a target names nothing, or nothing of the deployment, or by its name a machine outside the scope; the
            window is too short.
    """
    if window_minutes is not None:
        window = check_window(replace(deployment.window, minutes=window_minutes))
        deployment = replace(deployment, window=window)
    if not targets:
        return deployment
    resolved = resolve_targets(home, deployment)
    for outside in resolved.outside:
        if outside.machine.name in targets:
            reason = outside.why.rstrip(".")
            raise BadInput(f"{outside.machine.name} is outside the scope: {reason}. Nothing was begun.")
    names = [machine.name for machine in resolved.machines]
    wanted = _names_of(home, targets)
    chosen = tuple(name for name in names if name in wanted)
    if not chosen:
        why = describe_left_out([each for each in resolved.outside if each.machine.name in wanted], len(wanted))
        none = f"None of {', '.join(targets)} is an enabled machine of the deployment {deployment.name}."
        raise BadInput(" ".join((none, *why)))
    return replace(deployment, targets=chosen)


def left_out_of(home: Home, deployment: Deployment, targets: Sequence[str] = ()) -> tuple[str, ...]:
    """What a run of ``deployment``, narrowed to ``targets``, would leave out now for the scope, a line each."""
    resolved = resolve_targets(home, deployment)
    outside, inside = resolved.outside, resolved.machines
    if targets:
        wanted = _names_of(home, targets)
        outside = tuple(each for each in outside if each.machine.name in wanted)
        inside = tuple(machine for machine in inside if machine.name in wanted)
    return describe_left_out(outside, len(inside) + len(outside))


def _names_of(home: Home, targets: Sequence[str]) -> frozenset[str]:
    with opened(home.state_file) as connection:
        machines = MachineBook(connection).list_machines()
    return frozenset(machine.name for machine in select_machines(targets, machines, group_members(home)))


def request_run(
    home: Home,
    deployment: Deployment,
    opens_at: datetime,
    required_plan: str = "",
    *,
    requester: Requester | None = None,
) -> Run:
    """Makes a run that waits for its window; whoever works on runs takes it up. The ``requester`` is by default whoever
    runs this process; an operator of a shared home has its service make it.

    Raises:
        BadInput: no machine is meant; the deployment is not any more as it was read.
        UnknownName: it was removed.
        NotPermitted: this user may not.
    """
    machines_of(home, deployment)
    if _goes_to_service(home):
        from ops.service.asking import ask_for_run

        return ask_for_run(home, deployment, opens_at, required_plan)
    with opened(home.state_file) as connection, transaction(connection):
        _require_as_defined(connection, deployment)
        made = new_run(deployment, opens_at, requester or requester_now(), required_plan)
        run = with_edition(connection, made)
        RunBook(connection).make(run)
        if required_plan:
            ask_for_approval(connection, run, required_plan, load_settings(home))
    return run


def ask_run(home: Home, text: str, action: RunAction, reason: str = "", *, requester: Requester | None = None) -> Asked:
    """Asks ``action`` of the run that ``text`` means; the same again is once, whether it is done by then or not. For
    ``requester`` see `request_run`.

    Raises:
        UnknownName: there is no such run.
        BadInput: it is over, or several ids begin with ``text``.
        NotPermitted: this user may not.
    """
    if _goes_to_service(home):
        from ops.service.asking import ask_of_run

        with opened(home.state_file) as connection:
            found = RunBook(connection).find(text)
        return ask_of_run(home, found, Deed(action.value), reason)
    with opened(home.state_file) as connection, transaction(connection):
        book = RunBook(connection)
        run = book.find(text)
        outcome = AskOutcome.TAKEN if run.status.is_over else _foresee(connection, run, action)
        if outcome is AskOutcome.TAKEN:  # of a run that is over this refuses, and says how it ended
            book.ask(run.id, action, requester or requester_now(reason))
    return Asked(run, outcome)


def _foresee(connection: sqlite3.Connection, run: Run, action: RunAction) -> AskOutcome:
    """What becomes of ``action``, by how the run stands and what is asked of it and not done yet."""
    pending = [request.action for request in RunBook(connection).open_requests(run.id)]
    if RunHistory(connection).is_to_be_cancelled(run.id):
        if action is not RunAction.CANCEL:
            return AskOutcome.TOO_LATE
        return AskOutcome.PENDING if RunAction.CANCEL in pending else AskOutcome.SO_ALREADY
    if action is RunAction.CANCEL:
        return AskOutcome.TAKEN
    if pending and pending[-1] is action:
        return AskOutcome.PENDING
    is_paused = pending[-1] is RunAction.PAUSE if pending else run.status is RunStatus.PAUSED
    return AskOutcome.SO_ALREADY if is_paused is (action is RunAction.PAUSE) else AskOutcome.TAKEN


def _require_as_defined(connection: sqlite3.Connection, deployment: Deployment) -> None:
    """Refuses what somebody has edited since it was read: the run would do what one edited, under another's name."""
    defined = DeploymentBook(connection).find(deployment.name).deployment
    if replace(defined, targets=deployment.targets, window=deployment.window, enabled=deployment.enabled) != deployment:
        raise BadInput(
            f"{deployment.name} was edited after you had read it. No run was made: look at it, and ask again."
        )


def _goes_to_service(home: Home) -> bool:
    """Whether this user cannot write it down, and may have the service do so."""
    return refusal(home.path) is not None and standing_of(home).is_served


def requester_now(reason: str = "") -> Requester:
    """Whoever runs this process."""
    actor = current_actor()
    return Requester(actor.user, actor.ssh_client, actor.command, reason, actor.origin, current_person())
