"""`patchdeck profiles list`, `show` and `which`."""

from typing import Annotated

import typer

from fleet.counts import share_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.cli.verbs.profiles import options
from ops.exit_codes import ExitCode

_Targets = Annotated[
    list[str], typer.Argument(metavar="TARGET...", help="Names, globs, tags, groups, or all.", show_default=False)
]


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    for name, verb in (("list", list_), ("show", show), ("which", which)):
        group.command(name)(verb)


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the profiles, with how many machines each holds for now.

    Of a secret it is told where it is found, never more.
    """
    from ops.credentials.book import list_profiles

    home = session_of(context).home()
    profiles = list_profiles(home)
    options.tell(home, profiles, json=json)
    if not profiles:
        say("There is no profile: patchdeck profiles add web --user deploy --key-file ~/.ssh/deploy")
    return ExitCode.OK


def show(context: typer.Context, name: options.Name, json: JsonOption = False) -> ExitCode:
    """Show a profile: what it says, who names it, and whether its secrets are where they should be."""

    from ops.cli.profile_listing import profile_lines
    from ops.credentials.book import find_profile

    home = session_of(context).home()
    profile = find_profile(home, name)
    if json:
        options.tell(home, [profile], json=True)
    else:
        show_lines(profile_lines(home, profile))
    return ExitCode.OK


def which(context: typer.Context, targets: _Targets, json: JsonOption = False) -> ExitCode:
    """Show what machines are logged in to with, and who says so: the machine, its profile, or its groups'.

    Ends with 3 where it cannot be said of one of them: its groups differ, or a profile is not there.

    Example: `patchdeck profiles which tag:env=prod`
    """
    from fleet.targets import select_machines
    from ops.cli.listing import show_listing
    from ops.cli.profile_listing import list_credentials
    from ops.enrolment import list_machines
    from ops.groups import group_members

    home = session_of(context).home()
    machines = select_machines(targets, list_machines(home), group_members(home))
    listing, unclear = list_credentials(home, machines)
    show_listing(listing, as_json_text=json)
    if unclear:
        say(f"{share_of(unclear, len(machines))} cannot be logged in to: their credentials are not clear.")
    return ExitCode.MACHINES_FAILED if unclear else ExitCode.OK
