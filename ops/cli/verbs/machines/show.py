"""`patchdeck machines show`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import UnknownName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("show")(show)


def show(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The machine's name; also of one that is retired.", show_default=False),
    ],
    json: JsonOption = False,
) -> ExitCode:
    """Show all that is known of one machine.

    Its definition, the names it has had, other machines that had its name, its last answer, its facts, findings with
    their remedies.

    Example: `patchdeck machines show web-01`
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_page import machine_lines, machine_listing
    from ops.enrolment import find_machine
    from ops.lifecycle import find_names
    from ops.state.audit import utc_now
    from ops.statuses import statuses_of

    home = session_of(context).home()
    try:
        machine = find_machine(home, name)
    except UnknownName as error:
        return _show_retired(home, name, json, error)
    (status,) = [status for status in statuses_of(home, ["all"]) if status.machine.id == machine.id]
    names = find_names(home, machine)
    if json:
        show_listing(machine_listing(status, utc_now(), names), as_json_text=True)
    else:
        show_lines(machine_lines(status, utc_now(), names))
    return ExitCode.OK


def _show_retired(home: "Home", name: str, json: bool, unknown: UnknownName) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.retired_listing import list_retired_machines, retired_lines
    from ops.lifecycle import find_retired

    try:
        retired = find_retired(home, name)
    except UnknownName:
        raise unknown from None
    if json:
        show_listing(list_retired_machines([retired]), as_json_text=True)
    else:
        show_lines(retired_lines(retired))
    return ExitCode.OK
