"""`patchdeck deployments pause`, `resume` and `cancel`."""

from typing import TYPE_CHECKING

import typer

from ops.cli.run_options import Here, Reason, Run
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.deployments.runs import Run as KnownRun
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the three verbs."""
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("cancel")(cancel)


def pause(context: typer.Context, run: Run, reason: Reason = "", json: JsonOption = False) -> ExitCode:
    """Begin no further machine of a run.

    Machines in work go on to their end. The window does not wait.
    """
    return _ask(session_of(context), run, "pause", reason, json)


def resume(
    context: typer.Context, run: Run, reason: Reason = "", here: Here = False, json: JsonOption = False
) -> ExitCode:
    """Begin machines of a paused run again.

    With --here go on in this process with a run that nobody works on any more.
    """
    from fleet.errors import BadInput
    from ops.cli.run_attend import attend, require_here
    from ops.deployments.history import find_run

    session = session_of(context)
    if not here:
        return _ask(session, run, "resume", reason, json)
    require_here(session)
    found = find_run(session.home(), run)
    if found.status.is_over:
        raise BadInput(f"The run {found.id} is over: {found.status.value}.")
    _ask(session, found.id, "resume", reason, json=False, quietly=True)
    return attend(session, found, follow=False, here=True, json=json)


def cancel(context: typer.Context, run: Run, reason: Reason = "", json: JsonOption = False) -> ExitCode:
    """End a run early.

    Nothing more is begun; what is being installed goes on to its end, and what was not done is told.
    """
    return _ask(session_of(context), run, "cancel", reason, json)


def _ask(session: Session, text: str, action: str, reason: str, json: bool, *, quietly: bool = False) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_runs
    from ops.cli.run_talk import describe_asked
    from ops.deployments import service_call
    from ops.deployments.history import find_run, summarise_run
    from ops.deployments.run_requests import ask_run
    from ops.state.runs import RunAction

    home, wanted = session.home(), RunAction(action)
    found = find_run(home, text)
    _require_one(home, found, text, action)
    if not (wanted is RunAction.CANCEL and found.status.value == "Cancelled"):
        asked = ask_run(home, found.id, wanted, reason)
        problem = "" if quietly else service_call.call_service(home)
        lines = describe_asked(asked, wanted, problem)
    else:
        lines = iter((f"Run {found.id} is cancelled already.",))
    for line in () if quietly else lines:
        say(line)
    if json:
        show_listing(list_runs([summarise_run(home, found.id)]), as_json_text=True)
    return ExitCode.OK


def _require_one(home: "Home", found: "KnownRun", text: str, action: str) -> None:
    """Refuse a deployment's name where several of its runs are open: what is asked must not hit another one."""
    from fleet.errors import BadInput
    from ops.deployments.history import OPEN_STATUSES, list_runs

    if found.status.is_over or found.id.startswith(text):
        return
    ids = [f"{each.run.id} ({each.run.status.value})" for each in list_runs(home, found.deployment.name, OPEN_STATUSES)]
    if len(ids) > 1:
        raise BadInput(
            f"{len(ids)} runs of {found.deployment.name} are open: {', '.join(ids)}. Name the one to {action}."
        )
