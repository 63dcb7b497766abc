"""What the app does with deployments and runs: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ops.permission import require_elsewhere
from tui.background import in_thread
from tui.conflicts import or_conflict
from tui.lending import in_editor
from tui.places import push_run

if TYPE_CHECKING:
    from fleet.deployments.deployment import Deployment
    from fleet.deployments.runs import Run
    from fleet.errors import PatchdeckError
    from fleet.machines import Machine
    from ops.deployments.definitions import Defined
    from ops.deployments.overview import DeploymentOverview
    from ops.state.deployments import StoredDeployment
    from ops.state.runs import RunAction
    from tui.app import PatchdeckApp
    from tui.rows.run_rows import Standing
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
    in_thread(deck, work, counted, deck.complain, what="looking for the machines", opens=True)


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

    in_thread(deck, work, made, deck.complain, what="asking for a run", opens=True)


def ask_of_run(deck: "PatchdeckApp", run: "Run", action: "RunAction", standing: "Standing") -> None:
    """Asks whether to pause, resume or cancel ``run``, and has it done."""
    from tui.screens.request_form import RequestForm

    if run.status.is_over:
        deck.say(f"The run {run.id} is over: {run.status.value}.")
        return

    def answered(wish: "Wish | None") -> None:
        if wish is not None:
            _ask(deck, run, action, wish.reason)

    deck.push_screen(RequestForm(run, action, standing), answered)


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


def edit_text(deck: "PatchdeckApp", stored: "StoredDeployment", begun: "Deployment | None" = None) -> None:
    """Opens the definition in the user's editor, as it is or as it was ``begun`` in the form; what comes back is kept,
    or its error told and its text kept. What was begun stands in the form again where that fails.
    """
    from ops.cli.deployment_editor import edit_in_editor
    from ops.deployments.definition_files import write_definition
    from ops.deployments.editing import Draft, draft_of
    from ops.state.deployments import Source

    draft = draft_of(stored)
    if begun is not None and begun != stored.deployment:
        draft = Draft(stored, Source(write_definition(begun, "toml"), "toml"))
    again = None if begun is None else lambda error: edit(deck, stored, begun, str(error))
    after = in_editor(deck, lambda: edit_in_editor(deck.home, draft), again)
    if after is not None:
        _tell_change(deck, stored, after)


def edit(deck: "PatchdeckApp", stored: "StoredDeployment", begun: "Deployment | None" = None, reason: str = "") -> None:
    """Asks for another definition, step by step, and keeps it; one that was refused is asked for again."""
    from ops.deployments.definitions import change
    from tui.screens.deployment_form import DeploymentForm, Written

    def answered(written: Written | None) -> None:
        if written is None:
            return
        if written.goes_on_in_editor:
            edit_text(deck, stored, written.deployment)
            return

        def put(after: "Deployment", known: "Deployment") -> None:
            if after == known:
                deck.say(f"{stored.deployment.name}: nothing to change.")
                return
            seen = replace(stored, deployment=known)
            kept = lambda now: _tell_change(deck, seen, now)  # noqa: E731  # one expression, used once
            failed = or_conflict(deck, refused, put)
            in_thread(deck, lambda: change(deck.home, seen, after), kept, failed, what="keeping the deployment")

        refused = lambda error: edit(deck, stored, written.deployment, str(error))  # noqa: E731  # one expression
        put(written.deployment, stored.deployment)

    form = DeploymentForm(deck, stored.deployment, is_new=False, texts=_texts_of(begun), reason=reason)
    deck.push_screen(form, answered)


def add(deck: "PatchdeckApp", begun: "Deployment | None" = None, reason: str = "") -> None:
    """Asks for a new deployment, step by step, and keeps it; one that was refused is asked for again."""
    from ops.deployments.definitions import define
    from tui.screens.deployment_form import DeploymentForm, Written

    def answered(written: Written | None) -> None:
        if written is None:
            return
        made = written.deployment
        again = lambda error: add(deck, made, str(error))  # noqa: E731  # one expression
        if written.goes_on_in_editor:
            _add_in_editor(deck, made, again)
            return
        told = lambda defined: _tell_outcome(deck, defined)  # noqa: E731  # one expression, used once
        in_thread(deck, lambda: define(deck.home, made), told, again, what="adding the deployment")

    deck.push_screen(DeploymentForm(deck, texts=_texts_of(begun), reason=reason), answered)


def _texts_of(begun: "Deployment | None") -> dict[str, str]:
    from tui.deployment_steps import FIELDS

    return {} if begun is None else {name: field.text_of(begun) for name, field in FIELDS.items()}


def _tell_change(deck: "PatchdeckApp", before: "StoredDeployment", after: "StoredDeployment") -> None:
    from ops.cli.deployment_talk import describe_change

    _tell_of(deck, after, lambda seen: " ".join(list(describe_change(before, seen))[:1]))
    deck.work.look()


def _add_in_editor(deck: "PatchdeckApp", deployment: "Deployment", failed: "Callable[[PatchdeckError], None]") -> None:
    from ops.cli.deployment_editor import define_in_editor

    defined = in_editor(deck, lambda: define_in_editor(deck.home, deployment), failed)
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
    """Writes the change record of ``run``, as it stands or stood: HTML where the file's name says so, else Markdown."""
    from fleet.deployments.change_record import change_record_html, change_record_markdown
    from ops.deployments.history import view_run
    from ops.past.runs import view_run_at
    from query.outfile import written_aside

    at = deck.instant

    def work() -> None:
        require_elsewhere(path)
        view = view_run(deck.home, run.id) if at is None else view_run_at(deck.home, run.id, at)
        make = change_record_html if path.suffix.casefold() in (".html", ".htm") else change_record_markdown
        with written_aside(path) as file:
            file.write(make(view.run, view.machines, view.plan, view.interventions, as_of=at).encode())

    in_thread(deck, work, lambda _: deck.say(f"{path} is written."), deck.complain, what="writing the change record")
