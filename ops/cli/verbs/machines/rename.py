"""`patchdeck machines rename`, and what is said of a machine that was edited."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.enrolment import Edit


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("rename")(rename)


def rename(
    context: typer.Context,
    name: options.Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="What it is called from now on.", show_default=False)],
    json: JsonOption = False,
) -> ExitCode:
    """Give a machine another name; its history stays with it.

    It is reached where it was. Groups and deployments that name it exactly follow; what cannot follow is told, and so
    is every group that it leaves or enters by its new name. Rows of history keep the name that it had then.

    Example: `patchdeck machines rename web-01 web-old-01`
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import rename_machine

    edit = rename_machine(session_of(context).home(), name, new_name)
    if edit.before.name == edit.after.name:
        say(f"{edit.after.name}: nothing to change.")
    else:
        reached = f", and is still reached at {edit.after.address}" if edit.after.address else ""
        say(f"{edit.before.name} is called {edit.after.name} now{reached}.")
    say_consequences(edit)
    if json:
        show_listing(list_definitions([edit.after]), as_json_text=True)
    return ExitCode.OK


def say_consequences(edit: "Edit") -> None:
    """What the change led to elsewhere."""
    if edit.followed:
        say(f"The new name was put into {', '.join(edit.followed)}.")
    if edit.kept:
        say(f"Still with the old name, change it there: {', '.join(edit.kept)}.")
    for sentence in edit.regrouping.describe():
        say(sentence)
