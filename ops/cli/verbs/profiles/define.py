"""`patchdeck profiles add`, `edit` and `remove`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.profiles import options
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.profiles import Profile

CLEARABLE = ("user", "key-file", "certificate-file", "winrm", "description")


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    for name, verb in (("add", add), ("edit", edit), ("remove", remove)):
        group.command(name)(verb)


def add(
    context: typer.Context,
    name: options.Name,
    user: options.User = None,
    key_file: options.KeyFile = None,
    certificate_file: options.CertificateFile = None,
    agent: options.Agent = None,
    become: options.Becoming = None,
    winrm: options.Winrm = None,
    description: options.Description = None,
    json: JsonOption = False,
) -> ExitCode:
    """Define a profile. The same definition again changes nothing; another one is refused: use edit.

    Its passwords come afterwards, with set-secret: they are never an argument. Machines and groups take it with
    `machines edit NAME --profile` and `groups edit NAME --profile`.

    Example: `patchdeck profiles add web --user deploy --key-file ~/.ssh/deploy --become sudo`
    """
    from fleet.machines import Become
    from fleet.profiles import AgentUse
    from ops.credentials.book import add_profile, find_profile, new_profile

    home = session_of(context).home()
    profile = replace(
        new_profile(name),
        user=user,
        key_file=options.whole_path(key_file),
        certificate_file=options.whole_path(certificate_file),
        agent=agent or AgentUse.ALSO,
        become=become or Become.NONE,
        winrm=winrm,
        description=description or "",
    )
    is_new = add_profile(home, profile)
    say(f"Profile {name} is defined." if is_new else f"Profile {name} was defined like that already.")
    if json:
        options.tell(home, [find_profile(home, name)], json=True)
    return ExitCode.OK


def edit(
    context: typer.Context,
    name: options.Name,
    user: options.User = None,
    key_file: options.KeyFile = None,
    certificate_file: options.CertificateFile = None,
    agent: options.Agent = None,
    become: options.Becoming = None,
    winrm: options.Winrm = None,
    description: options.Description = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="OPTION", help=f"Back to nothing: one of {', '.join(CLEARABLE)}."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Change what is given of a profile; the rest stays, its secrets too. Nothing is tried: see rotate and test.

    Example: `patchdeck profiles edit web --user patch`
    """
    from fleet.errors import UnknownName
    from ops.credentials.book import edit_profile

    for option in clear or ():
        if option not in CLEARABLE:
            raise UnknownName("option to clear", option, CLEARABLE)
    given = {
        "user": user,
        "key_file": options.whole_path(key_file),
        "certificate_file": options.whole_path(certificate_file),
        "agent": agent,
        "become": become,
        "winrm": winrm,
        "description": description,
    }
    values: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    values |= {option.replace("-", "_"): "" if option == "description" else None for option in clear or ()}

    def change(old: "Profile") -> "Profile":
        return replace(old, **values)  # type: ignore[arg-type]  # each of them is of its field's type

    home = session_of(context).home()
    before, after = edit_profile(home, name, change)
    say(f"Profile {after.name} is changed." if after != before else f"Profile {after.name}: nothing to change.")
    if json:
        options.tell(home, [after], json=True)
    return ExitCode.OK


def remove(
    context: typer.Context,
    name: options.Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, though its kept secrets are lost.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Forget a profile and the secrets that are kept for it.

    Refused while a machine, a group, a candidate or an enrolment token that can still be used names it.

    Example: `patchdeck profiles remove web`
    """
    from fleet.errors import BadInput
    from fleet.profiles import SecretKind
    from ops.cli.listing import show_listing
    from ops.cli.profile_listing import list_profiles
    from ops.credentials.book import find_profile, remove_profile

    home = session_of(context).home()
    profile = find_profile(home, name)
    kept = [kind.words for kind in SecretKind if (origin := profile.origin(kind)) is not None and origin.place.keeps]
    if kept and not yes and not confirm(f"Forget profile {profile.name} with its {' and '.join(kept)}?", "--yes"):
        raise BadInput("Nothing was removed.")
    listing = list_profiles(home, [profile])
    problems = remove_profile(home, name)
    say(f"Forgot the profile {profile.name}.")
    for problem in problems:
        say(problem)
    if json:
        show_listing(listing, as_json_text=True)
    return ExitCode.OK
