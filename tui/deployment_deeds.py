"""What the app does with deployments and runs: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fleet.errors import PatchdeckError
from ops.permission import require_elsewhere
from tui.background import in_thread
from tui.lending import in_editor
from tui.places import push_run

if TYPE_CHECKING:
    from fleet.deployments.deployment import Deployment
    from fleet.deployments.runs import Run
    from fleet.machines import Machine
    from ops.deployments.definitions import Defined
    from ops.deployments.overview import DeploymentOverview
    from ops.state.deployments import StoredDeployment
    from ops.state.runs import RunAction
    from tui.app import PatchdeckApp
    from tui.screens.request_form import Wish
    from tui.screens.run_form import RunOrder

Result = TypeVar("Result")


def ask_to_run(deck: "PatchdeckApp", deployment: "Deployment", required_plan: str = "") -> None:
    """Asks for the count of machines or the name, then has the deployment run, and shows the run.

    With ``required_plan`` only if that is still what would be done.
    """
    from ops.deployments.run_requests import machines_of
    from tui.screens.run_form import RunForm

    def counted(machines: "tuple[Machine, ...]") -> None:
        def answered(order: "RunOrder | None") -> None:
            if order is not None:
                _request(deck, deployment, order.opens_at, required_plan)

        deck.push_screen(RunForm(deployment, machines, deck.clock(), required_plan), answered)

    work = lambda: machines_of(deck.home, deployment)  # noqa: E731  # one expression, used once
    in_thread(deck, work, counted, deck.complain, what="looking for the machines")


def _request(deck: "PatchdeckApp", deployment: "Deployment", opens_at: datetime | None, required_plan: str) -> None:
    from ops.cli.run_talk import describe_made
    from ops.deployments import service_call
    from ops.deployments.run_requests import request_run

    def work() -> tuple["Run", str]:
        run = request_run(deck.home, deployment, opens_at or deck.clock(), required_plan)
        return run, service_call.call_service(deck.home)

    def made(answer: tuple["Run", str]) -> None:
        run, problem = answer
        for line in describe_made(run, problem, stays=True):
            deck.say(line, is_error=bool(problem))
        push_run(deck, run.id)

    in_thread(deck, work, made, deck.complain, what="asking for a run")


def ask_of_run(deck: "PatchdeckApp", run: "Run", action: "RunAction", machines: int) -> None:
    """Asks whether to pause, resume or cancel ``run``, and has it done."""
    from tui.screens.request_form import RequestForm

    if run.status.is_over:
        deck.say(f"The run {run.id} is over: {run.status.value}.")
        return

    def answered(wish: "Wish | None") -> None:
        if wish is not None:
            _ask(deck, run, action, wish.reason)

    deck.push_screen(RequestForm(run, action, machines), answered)


def _ask(deck: "PatchdeckApp", run: "Run", action: "RunAction", reason: str) -> None:
    from ops.cli.run_talk import describe_asked
    from ops.deployments import service_call
    from ops.deployments.run_requests import ask_run

    def work() -> list[str]:
        asked = ask_run(deck.home, run.id, action, reason)
        return list(describe_asked(asked, action, service_call.call_service(deck.home)))

    in_thread(deck, work, lambda lines: deck.say(" ".join(lines)), deck.complain, what=f"asking to {action.value}")


def switch(deck: "PatchdeckApp", overview: "DeploymentOverview") -> None:
    """Enables a disabled deployment, disables an enabled one."""
    from ops.cli.deployment_talk import describe_runs
    from ops.deployments.definitions import enable_deployment

    deployment = overview.stored.deployment
    wanted = not deployment.enabled

    def switched(_: "Defined") -> None:
        going_on = describe_runs(overview.open_runs, "disabling" if not wanted else "")
        deck.say(" ".join([f"{deployment.name}: {'enabled' if wanted else 'disabled'} now.", *going_on]))

    work = lambda: enable_deployment(deck.home, deployment.name, enabled=wanted)  # noqa: E731  # used once
    in_thread(deck, work, switched, deck.complain, what="switching the deployment")


def ask_to_remove(deck: "PatchdeckApp", overview: "DeploymentOverview") -> None:
    """Asks for the name, then removes the deployment; its history stays."""
    from ops.cli.deployment_talk import describe_runs
    from ops.deployments.definitions import remove_deployment
    from tui.screens.remove_form import RemoveForm

    name = overview.stored.deployment.name

    def removed(_: "StoredDeployment") -> None:
        going_on = describe_runs(overview.open_runs, "removing")
        deck.say(" ".join([f"{name} is removed; its history stays.", *going_on]))

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            work = lambda: remove_deployment(deck.home, name)  # noqa: E731  # one expression, used once
            in_thread(deck, work, removed, deck.complain, what="removing the deployment")

    deck.push_screen(RemoveForm(overview), answered)


def edit(deck: "PatchdeckApp", overview: "DeploymentOverview") -> None:
    """Opens the definition in the user's editor; what comes back is kept, or its error told and its text kept."""
    from ops.cli.deployment_editor import edit_in_editor
    from ops.cli.deployment_talk import describe_change
    from ops.deployments.editing import draft_of

    before = overview.stored
    after = in_editor(deck, lambda: edit_in_editor(deck.home, draft_of(before)))
    if after is not None:
        changed = after
        _tell_of(deck, changed, lambda seen: " ".join(list(describe_change(before, seen))[:1]))


def add(deck: "PatchdeckApp", begun: "Deployment | None" = None) -> None:
    """Asks for a new deployment; what the form has no field for can be written in the editor, where it goes on."""
    from ops.deployments.definitions import define
    from tui.screens.new_deployment import NewDeployment, Written

    def answered(written: Written | None) -> None:
        if written is None:
            return
        if written.goes_on_in_editor:
            _add_in_editor(deck, written.deployment)
            return
        work = lambda: define(deck.home, written.deployment)  # noqa: E731  # one expression, used once
        in_thread(deck, work, added, failed(written.deployment), what="adding the deployment")

    def added(defined: "Defined") -> None:
        _tell_outcome(deck, defined)

    def failed(deployment: "Deployment") -> Callable[[PatchdeckError], None]:
        def again(error: PatchdeckError) -> None:
            deck.complain(error)
            add(deck, deployment)

        return again

    from ops.groups import group_members

    machines = [status.machine for status in deck.fleet.statuses]
    deck.push_screen(NewDeployment(machines, group_members(deck.home, asks_queries=False), deck.clock, begun), answered)


def _add_in_editor(deck: "PatchdeckApp", deployment: "Deployment") -> None:
    from ops.cli.deployment_editor import define_in_editor

    defined = in_editor(deck, lambda: define_in_editor(deck.home, deployment))
    if defined is not None:
        _tell_outcome(deck, defined)


def _tell_outcome(deck: "PatchdeckApp", defined: "Defined") -> None:
    from ops.cli.deployment_talk import describe_outcome

    deck.say(describe_outcome(defined.stored.deployment.name, defined.outcome))
    deck.work.look()


def _tell_of(deck: "PatchdeckApp", stored: "StoredDeployment", words: "Callable[[DeploymentOverview], str]") -> None:
    from ops.deployments.overview import overview_of

    work = lambda: overview_of(deck.home, stored)  # noqa: E731  # one expression, used once
    in_thread(deck, work, lambda seen: deck.say(words(seen)), deck.complain, what="looking at the deployment")


def write_record(deck: "PatchdeckApp", run: "Run", path: Path) -> None:
    """Writes the change record of ``run``: HTML where the name of the file says so, else Markdown."""
    from fleet.deployments.change_record import change_record_html, change_record_markdown
    from ops.deployments.history import view_run
    from query.outfile import written_aside

    def work() -> None:
        require_elsewhere(path)
        view = view_run(deck.home, run.id)
        make = change_record_html if path.suffix.casefold() in (".html", ".htm") else change_record_markdown
        with written_aside(path) as file:
            file.write(make(view.run, view.machines, view.plan, view.interventions).encode())

    in_thread(deck, work, lambda _: deck.say(f"{path} is written."), deck.complain, what="writing the change record")
