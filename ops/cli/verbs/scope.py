"""`patchdeck scope`: what Patchdeck may touch at all."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.scoping import ScopeSight

_Groups = Annotated[list[str], typer.Argument(metavar="GROUP...", help="Names of groups, without group:.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group(
        "What Patchdeck may touch at all, as groups of machines.\n\n"
        "Without a scope that is every enrolled machine; with one, nothing connects to a machine that is in none of "
        "its groups, whatever is asked for. For example: patchdeck groups add prod --where 'tag:env=prod', then "
        "patchdeck scope add prod."
    )
    for name, verb in (("show", show), ("add", add), ("remove", remove), ("preview", preview)):
        group.command(name)(verb)
    app.add_typer(group, name="scope")


def show(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Show the groups of the scope, and how many machines may be touched."""
    from ops.scoping import look_at_scope

    return _tell(look_at_scope(session_of(context).home()), json=json)


def add(context: typer.Context, groups: _Groups, json: JsonOption = False) -> ExitCode:
    """Let the members of these groups be touched, too.

    The first group makes the scope: from then on every other machine is outside. The same again changes nothing.
    See before whom that leaves: patchdeck scope preview --add prod.
    """
    from ops.scoping import add_to_scope, look_at_scope

    home = session_of(context).home()
    is_changed = add_to_scope(home, groups)
    say("The scope is changed." if is_changed else "That is in the scope already.")
    return _tell(look_at_scope(home), json=json)


def remove(
    context: typer.Context,
    groups: _Groups,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Also where no group is left, which lets every enrolled machine be touched."),
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Take groups out of the scope.

    Machines that are in none of the others are not connected to any more, also not by a run that works on them.
    """
    from ops.scoping import look_at_scope, remove_from_scope

    home = session_of(context).home()
    remove_from_scope(home, groups, everything=everything)
    say("The scope is changed.")
    return _tell(look_at_scope(home), json=json)


def preview(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...", help="Names, globs, tag:key=value, group:name. Default: all.", show_default=False
        ),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="GROUP", help="As it would be with this group; nothing changes."),
    ] = None,
    removed: Annotated[
        list[str] | None, typer.Option("--remove", metavar="GROUP", help="As it would be without this group.")
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show which machines may be touched, which not, and why.

    For example, before the scope is narrowed: patchdeck scope preview --remove test.
    """
    from fleet.targets import select_machines
    from ops.cli.listing import show_listing
    from ops.cli.scope_listing import describe_scope, list_inside
    from ops.scoping import look_at_scope

    sight = look_at_scope(session_of(context).home(), added=added or (), removed=removed or ())
    machines = select_machines(targets or ["all"], sight.machines, sight.roster.members)
    show_listing(list_inside(sight, machines), as_json_text=json)
    for line in describe_scope(sight):
        say(line)
    return ExitCode.OK


def _tell(sight: "ScopeSight", *, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.scope_listing import describe_scope, list_scope

    show_listing(list_scope(sight), as_json_text=json)
    for line in describe_scope(sight):
        say(line)
    return ExitCode.OK
