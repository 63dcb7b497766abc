"""`patchdeck home`: who shares this home, and how."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.sharing import Shared

_Viewers = Annotated[
    list[str] | None, typer.Option("--viewers", metavar="GROUP", help="Look at everything but secrets; several.")
]
_Operators = Annotated[
    list[str] | None,
    typer.Option("--operators", metavar="GROUP", help="Also assess, and run what is defined; several."),
]
_Admins = Annotated[list[str] | None, typer.Option("--admins", metavar="GROUP", help="Everything; several.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("This home: whom it is shared with, and as what.")
    for verb in (share, show, unshare):
        group.command(verb.__name__)(verb)
    app.add_typer(group, name="home")


def share(
    context: typer.Context,
    viewers: _Viewers = None,
    operators: _Operators = None,
    admins: _Admins = None,
    json: JsonOption = False,
) -> ExitCode:
    """Share this home with Unix groups of this host.

    As its owner, or root: patchdeck --home /srv/fleet home share --viewers ops --operators oncall --admins linux. What
    is given now holds, and nothing else. Files get access control lists; the service listens on a socket for operators.
    """
    from fleet.errors import BadInput
    from fleet.roles import Role
    from ops.sharing import find_groups, share_home

    given = {Role.VIEWER: viewers, Role.OPERATOR: operators, Role.ADMIN: admins}
    groups = {role: find_groups(names) for role, names in given.items() if names}
    if not groups:
        raise BadInput("Say with whom: --viewers, --operators, --admins. To end it: patchdeck home unshare")
    home = session_of(context).home()
    return _tell(context, share_home(home, groups), json)


def show(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Show whom this home is shared with, your own role, and what keeps it from working."""
    from ops.cli.home_listing import describe_home, list_roles
    from ops.cli.listing import show_listing
    from ops.roles import find_shared_roles, standing_of
    from ops.sharing_reach import describe_reach

    home = session_of(context).home()
    shared = find_shared_roles(home)
    show_listing(list_roles(shared), as_json_text=json)
    for line in (*describe_home(home, shared, standing_of(home)), *describe_reach(home)):
        say(line)
    return ExitCode.OK


def unshare(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Take every role away: the home is its owner's alone again."""
    from ops.sharing import unshare_home

    return _tell(context, unshare_home(session_of(context).home()), json)


def _tell(context: typer.Context, done: "Shared", json: bool) -> ExitCode:
    from ops.cli.home_listing import describe_shared, list_roles
    from ops.cli.listing import show_listing
    from ops.roles import find_shared_roles

    home = session_of(context).home()
    if json:
        show_listing(list_roles(find_shared_roles(home)), as_json_text=True)
    for line in describe_shared(home, done):
        say(line)
    return ExitCode.FAILED if done.left else ExitCode.OK
