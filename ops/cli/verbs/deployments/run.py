"""`patchdeck deployments run`."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.deployment_options import Name
from ops.cli.run_options import Here
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

    from fleet.deployments.deployment import Deployment


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("run")(run)


def run(
    context: typer.Context,
    name: Name,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TARGET", help="Only these of the deployment's machines.", show_default=False),
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="The window opens at once. That is the default.")] = False,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it opens: 'YYYY-MM-DD HH:MM', HH:MM, or ISO 8601.")
    ] = None,
    window: Annotated[
        int | None, typer.Option("--window", metavar="MINUTES", min=1, help="Another window, for this run only.")
    ] = None,
    require_plan: Annotated[
        str | None, typer.Option("--require-plan", metavar="HASH", help="Refuse if what it would do is another plan.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Watch it until it is over; Ctrl-C leaves it going.")
    ] = False,
    here: Here = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Run a deployment now, or at a time.

    It is written down, and the background service works on it: it outlives this terminal.
    """
    from fleet.errors import BadInput
    from ops.cli.run_attend import attend, require_here
    from ops.deployments.definitions import find_deployment
    from ops.deployments.run_requests import left_out_of, narrow, request_run
    from ops.state.audit import utc_now

    if now and at is not None:
        raise BadInput("--now and --at exclude each other.")
    session = session_of(context)
    if here:
        require_here(session)
    defined = find_deployment(session.home(), name).deployment
    deployment = narrow(session.home(), defined, targets or [], window_minutes=window)
    moment = utc_now()
    opens_at = moment if at is None else _start(at, deployment)
    required_plan = _hash(require_plan)
    # A run that is shown as it goes tells of this itself, but for what its own targets never had.
    if targets or json or not yes or not (follow or here):
        for line in left_out_of(session.home(), defined, targets or ()):
            say(line)
    if not yes:
        _ask(session, deployment, at or "now")
    made = request_run(session.home(), deployment, opens_at, required_plan)
    return attend(session, made, follow=follow, here=here, json=json)


def _start(text: str, deployment: "Deployment") -> "datetime":
    from ops.cli.run_time import read_start
    from ops.state.audit import utc_now

    return read_start(text, deployment, utc_now())


def _hash(text: str | None) -> str:
    from fleet.errors import BadInput

    if text is None:
        return ""
    if not re.fullmatch("[0-9a-f]{64}", text.casefold()):
        raise BadInput(
            f"--require-plan: {text!r} is no hash: copy the one that `patchdeck deployments preview` prints."
        )
    return text.casefold()


def _ask(session: Session, deployment: "Deployment", when: str) -> None:
    from fleet.errors import BadInput
    from ops.cli.confirmation import confirm
    from ops.cli.values import count_of
    from ops.deployments.run_requests import machines_of

    machines = count_of(len(machines_of(session.home(), deployment)), "machine")
    window = f"window {deployment.window.minutes} min"
    if not confirm(
        f"Run {deployment.name} on {machines}, {when}, {window}, reboot {deployment.reboot.policy}?", "--yes"
    ):
        raise BadInput("Nothing was started.")
