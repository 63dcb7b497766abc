"""`patchdeck deployments edit`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.deployment_options import DefinitionOptions, Name
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.state.deployments import StoredDeployment


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("edit")(edit)


@DefinitionOptions.taken_by
def edit(
    context: typer.Context,
    name: Name,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="Take the edited text from this file; - is stdin."),
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="OPTION", help="Back to the default: an option's name, or schedule; several."),
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option("--revision", min=1, help="Only if it is still this revision, as `deployments list` tells it."),
    ] = None,
    json: JsonOption = False,
    **given: object,
) -> ExitCode:
    """Change a deployment.

    Without options in your editor ($VISUAL, $EDITOR), as it was read from its file, else as TOML. With options, what
    is not given stays; a list replaces the old one. Runs that are made already have their own copy, and keep it.
    """
    from fleet.errors import BadInput
    from ops.approvals.overview import approval_of_plan
    from ops.cli.approval_talk import describe_bar
    from ops.cli.deployment_listing import list_definitions
    from ops.cli.deployment_talk import describe_change, describe_runs
    from ops.cli.listing import show_listing
    from ops.deployments.definitions import find_deployment
    from ops.deployments.overview import overview_of

    options = DefinitionOptions(**given)  # type: ignore[arg-type]  # typer read each by its field's type
    session = session_of(context)
    before = find_deployment(session.home(), name)
    if revision not in (None, before.revision):
        raise BadInput(
            f"{before.changed_by} changed {before.deployment.name} at {before.changed_at:%Y-%m-%d %H:%M:%SZ}: it is "
            f"revision {before.revision} by now. Nothing was changed: look at it, and try again."
        )
    if options.given or clear:
        if file is not None:
            raise BadInput(f"-f goes with no other option: leave out {_first(options)}, or write it in the file.")
        after = _change_by_options(session, before, options, clear or [])
    else:
        after = _change_text(session, before, file)
    overview = overview_of(session.home(), after)
    standing = approval_of_plan(session.home(), after.deployment, "")
    for line in (*describe_change(before, overview), *describe_bar(standing, after.deployment)):
        say(line)
    for line in describe_runs(overview.open_runs, "editing" if after.deployment != before.deployment else ""):
        say(line)
    if json:
        show_listing(list_definitions([overview]), as_json_text=True)
    return ExitCode.OK


def _change_by_options(
    session: Session, before: "StoredDeployment", options: DefinitionOptions, clear: list[str]
) -> "StoredDeployment":
    from ops.cli.deployment_flags import apply_flags, clear_flags
    from ops.deployments.definitions import change
    from ops.state.audit import utc_now

    after = apply_flags(clear_flags(before.deployment, clear), options, utc_now())
    return before if after == before.deployment else change(session.home(), before, after)


def _first(options: DefinitionOptions) -> str:
    return DefinitionOptions.option_of(options.given[0]) if options.given else "--clear"


def _change_text(session: Session, before: "StoredDeployment", file: str | None) -> "StoredDeployment":
    from ops.cli.deployment_editor import edit_in_editor, take_edited
    from ops.deployments.editing import draft_of

    draft = draft_of(before)
    return edit_in_editor(session.home(), draft) if file is None else take_edited(session.home(), draft, file)
