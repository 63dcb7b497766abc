"""`patchdeck machines add`."""

import typer

from fleet.machines import Become, TransportKind
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("add")(add)


def add(
    context: typer.Context,
    name: options.Name,
    address: options.Address = None,
    port: options.Port = None,
    user: options.User = None,
    key_file: options.KeyFile = None,
    proxy_jump: options.ProxyJump = None,
    transport: options.Transport = None,
    transcript: options.Transcript = None,
    become: options.Becoming = None,
    tag: options.Tags = None,
    os_type: options.System = None,
    profile: options.Profile = None,
    json: JsonOption = False,
) -> ExitCode:
    """Enrol a machine.

    The same definition again changes nothing; another one is refused: use edit.

    Nothing is connected to. A name that another machine had is told; its history stays with that one.
    `machines add this --transport local` enrols the machine you are on.
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import Definition, enrol, parse_tags

    definition = Definition(
        name=name,
        transport=transport or (TransportKind.SCRIPTED if transcript else TransportKind.SSH),
        address=address,
        port=port,
        user=user,
        key_file=key_file,
        proxy_jump=proxy_jump,
        transcript=transcript,
        become=become or Become.NONE,
        tags=parse_tags(tag or []),
        os_type=os_type,
        profile=profile,
    )
    enrolment = enrol(session_of(context).home(), definition)
    machine = enrolment.machine
    say(f"{machine.name} is enrolled." if enrolment.is_new else f"{machine.name} was enrolled like that already.")
    for note in enrolment.notes:
        say(note)
    if json:
        show_listing(list_definitions([machine]), as_json_text=True)
    return ExitCode.OK
