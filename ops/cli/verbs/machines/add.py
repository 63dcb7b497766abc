"""`patchdeck machines add`."""

import typer

from fleet.machines import Become, TransportKind
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.cli.verbs.machines.winrm_options import WinrmOptions
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
    winrm: options.Winrm = None,
    http: options.Http = None,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    clear_text: options.ClearText = None,
    json: JsonOption = False,
) -> ExitCode:
    """Enrol a machine.

    The same definition again changes nothing; another one is refused: use edit.

    Nothing is connected to. A name that another machine had is told; its history stays with that one.
    `machines add this --transport local` enrols the machine you are on.

    Windows is reached by WinRM: `machines add win-01 --transport winrm --address 192.0.2.20 --user 'CORP\\patch'`; or
    by OpenSSH, if it has that: `machines add win-02 --os Windows --user patch`.
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import Definition, enrol, parse_tags

    way = WinrmOptions(winrm, http, ca_file, proxy, clear_text)
    definition = Definition(
        name=name,
        transport=transport or _usual_transport(transcript, way),
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
        winrm=way.way(None),
    )
    enrolment = enrol(session_of(context).home(), definition)
    machine = enrolment.machine
    say(f"{machine.name} is enrolled." if enrolment.is_new else f"{machine.name} was enrolled like that already.")
    for note in enrolment.notes:
        say(note)
    if json:
        show_listing(list_definitions([machine]), as_json_text=True)
    return ExitCode.OK


def _usual_transport(transcript: str | None, way: WinrmOptions) -> TransportKind:
    """What the other options speak of."""
    if transcript:
        return TransportKind.SCRIPTED
    return TransportKind.WINRM if way.is_given else TransportKind.SSH
