"""`patchdeck groups`: machines under a name."""

from dataclasses import replace as with_changes
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.groups.group import Group
    from ops.home import Home

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The group.")]
_Targets = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TARGET]...", help="Names, globs, tags, groups: a list.", show_default=False),
]
_Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="EXPRESSION",
        help="Whatever fits now: tag:env=prod and system = debian and missing-security > 0.",
    ),
]
_Query = Annotated[
    str | None, typer.Option("--query", metavar="QUERY", help="The machines in the rows of this saved query.")
]
_Profile = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="PROFILE", help="Credential profile of members that name none themselves. Empty: none."
    ),
]
_Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Machines under a name: group:NAME is a target everywhere.")
    verbs = (("add", add), ("list", list_), ("show", show), ("preview", preview), ("edit", edit), ("remove", remove))
    for name, verb in (*verbs, ("facts", facts)):
        group.command(name)(verb)
    app.add_typer(group, name="groups")


def add(
    context: typer.Context,
    name: _Name,
    targets: _Targets = None,
    where: _Where = None,
    query: _Query = None,
    description: _Description = None,
    profile: _Profile = None,
    replace: Annotated[bool, typer.Option("--replace", help="In the place of one of that name.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Define a group: a list of targets, an expression, or the rows of a query.

    Who is in it is found whenever it is used. The same definition again changes nothing.
    """
    from fleet.groups.group import Group
    from ops.groups import check_definition, define_group

    home = session_of(context).home()
    group = Group(name, tuple(targets or ()), where or "", query or "", description or "", profile or None)
    check_definition(home, group)
    is_changed = define_group(home, group, replace=replace)
    return _tell(home, group, "is defined" if is_changed else "is so already", json=json)


def edit(
    context: typer.Context,
    name: _Name,
    targets: _Targets = None,
    where: _Where = None,
    query: _Query = None,
    description: _Description = None,
    profile: _Profile = None,
    json: JsonOption = False,
) -> ExitCode:
    """Change what is given of a group; the rest stays.

    Example: `patchdeck groups edit web --profile deploy`
    """
    from ops.groups import check_definition, define_group, find_group

    home = session_of(context).home()
    group = find_group(home, name)
    if targets or where is not None or query is not None:
        group = with_changes(group, targets=tuple(targets or ()), expression=where or "", query=query or "")
    if description is not None:
        group = with_changes(group, description=description)
    if profile is not None:
        group = with_changes(group, profile=profile or None)
    check_definition(home, group)
    is_changed = define_group(home, group, replace=True)
    return _tell(home, group, "is changed" if is_changed else "is so already", json=json)


def list_(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these; globs too.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """List the groups, with how many machines are in each now; long definitions are whole in groups show.

    Unknown are those of which it cannot be said, for instance before their first assessment: they are not in.

    Example: `patchdeck groups list 'prod-*'`
    """
    from ops.cli.group_listing import describe_groups, list_groups
    from ops.cli.listing import show_listing
    from ops.groups import open_roster, select_groups, users_of

    home = session_of(context).home()
    groups = select_groups(home, names or ["*"])
    listing = list_groups(groups, open_roster(home), users_of(home, [group.name for group in groups]))
    show_listing(listing, as_json_text=json)
    if groups:
        say(describe_groups(listing))
    elif names:
        say(f"No group fits {' '.join(names)}.")
    else:
        say("There is no group: patchdeck groups add prod --where 'tag:env=prod'")
    return ExitCode.OK


def show(context: typer.Context, name: _Name, json: JsonOption = False) -> ExitCode:
    """Show a group: its whole definition, what refers to it, how many are in it now."""

    from ops.cli.group_listing import describe_unnamed, group_lines, list_groups
    from ops.cli.listing import show_listing
    from ops.enrolment import list_machines
    from ops.groups import find_group, open_roster, users_of

    home = session_of(context).home()
    group = find_group(home, name)
    roster, machines, users = open_roster(home), list_machines(home), users_of(home, [group.name])
    if json:
        show_listing(list_groups([group], roster, users), as_json_text=True)
    else:
        lines = group_lines(group, roster, len(machines), users[group.name])
        show_lines(lines)
    for line in describe_unnamed(group, roster, machines):
        say(line)
    return ExitCode.OK


def preview(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The group; or what one would have.", show_default=False)
    ] = None,
    where: _Where = None,
    query: _Query = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show who is in a group now, of whom it is not known, and why; also of one that is not defined yet."""
    from fleet.errors import BadInput
    from fleet.groups.group import Group, check_group
    from ops.cli.group_listing import describe_members, describe_unnamed, list_members
    from ops.cli.listing import show_listing
    from ops.enrolment import list_machines
    from ops.groups import open_roster

    if (name is not None) + (where is not None) + (query is not None) != 1 or "" in (where, query):
        raise BadInput("Name a group, or give an expression with --where or a query with --query: one of them.")
    home = session_of(context).home()
    tried = None
    if name is None:
        tried = check_group(Group("preview", expression=where or "", query=query or ""))
        tried = with_changes(tried, name="")  # which none that is kept has, so that it hides none
    roster = open_roster(home, tried=tried)
    wanted = name or ""
    found, machines = roster.find(wanted), list_machines(home)
    show_listing(list_members(wanted, roster, machines), as_json_text=json)
    say(f"{describe_members(found, len(machines))}.")
    for line in describe_unnamed(roster.group(wanted), roster, machines):
        say(line)
    return ExitCode.OK


def remove(context: typer.Context, name: _Name, json: JsonOption = False) -> ExitCode:
    """Forget a group; its machines stay.

    Refused while a deployment, a run that waits, another group, a setting or the scope refers to it.
    """
    from ops.cli.group_listing import list_groups
    from ops.cli.listing import show_listing
    from ops.groups import open_roster, remove_group

    home = session_of(context).home()
    roster = open_roster(home)
    group = remove_group(home, name)
    say(f"Forgot the group {group.name}.")
    if json:
        show_listing(list_groups([group], roster, {}), as_json_text=True)
    return ExitCode.OK


def facts(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List what expressions may ask of a machine."""
    from fleet.groups.facts import FACTS
    from ops.cli.listing import Column, Listing, show_listing

    session_of(context)
    columns = (Column("name", "Fact"), Column("kind", "Compared as"), Column("meaning", "Meaning"))
    rows = [(fact.name, fact.kind.name.lower(), fact.meaning) for fact in FACTS.values()]
    rows.append(("tag.KEY", "text", "the value of a tag; empty where a machine does not have it"))
    show_listing(Listing(columns, rows), as_json_text=json)
    return ExitCode.OK


def _tell(home: "Home", group: "Group", what: str, *, json: bool) -> ExitCode:
    from ops.cli.group_listing import describe_unnamed, list_groups
    from ops.cli.listing import show_listing
    from ops.cli.scope_listing import describe_scope
    from ops.groups import users_of
    from ops.scoping import look_at_scope

    sight = look_at_scope(home)
    say(f"Group {group.name} {what}.")
    show_listing(list_groups([group], sight.roster, users_of(home, [group.name])), as_json_text=json)
    for line in describe_unnamed(group, sight.roster, sight.machines):
        say(line)
    if sight.goes_by(group):
        say("The scope goes by this group.")
        for line in describe_scope(sight):
            say(line)
    return ExitCode.OK
