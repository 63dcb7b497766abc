"""A run that was made or is to go on: somebody works on it, and whoever asked stays as long as they like."""

from fleet.deployments.runs import Run
from ops.approvals.overview import waiting_of
from ops.cli.approval_talk import describe_waiting
from ops.cli.listing import show_listing
from ops.cli.run_follow import code_of, watch
from ops.cli.run_listing import list_runs
from ops.cli.run_talk import describe_made
from ops.cli.session import Session
from ops.cli.terminal import say
from ops.deployments import service_call
from ops.deployments.history import summarise_run
from ops.exit_codes import ExitCode
from ops.permission import require_writable
from ops.roles import require_service_user


def require_here(session: Session) -> None:
    """Let pass whoever may work on runs in this process.

    Raises:
        NotPermitted: the home is not to be changed, or is shared and another's.
    """
    home = session.home()
    require_writable(home.path, "work on runs here")
    require_service_user(home)


def attend(session: Session, run: Run, *, follow: bool, here: bool, json: bool) -> ExitCode:
    """Sees that the service works on ``run``, or works on it ``here``; shows it, and says how it stands at the end."""
    home = session.home()
    problem = "" if here else service_call.call_service(home)
    for line in (*describe_made(run, problem, stays=follow or here), *describe_waiting(waiting_of(home, run))):
        say(line)
    code = ExitCode.FAILED if problem else ExitCode.OK
    if here:
        from ops.cli.run_here import work_here

        code = work_here(home, session.settings(), run, quiet=json)
    elif follow and not problem:
        code = watch(home, run, quiet=json)
    summary = summarise_run(home, run.id)
    if json or not (follow or here):
        show_listing(list_runs([summary]), as_json_text=json)
    return code if code is not ExitCode.OK else code_of(summary.run)
