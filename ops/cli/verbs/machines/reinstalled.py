"""`patchdeck machines reinstalled`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.cli.verbs.machines.accept_key import describe_fetched, refuse_alone
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.machines import Machine
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("reinstalled")(reinstalled)


def reinstalled(
    context: typer.Context,
    name: options.Name,
    fingerprint: Annotated[
        str | None,
        typer.Option("--fingerprint", help="Accept its new host key if it has this fingerprint (SHA256:…)."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept whatever host key it shows, without comparing it.")
    ] = False,
    keep_key: Annotated[
        bool, typer.Option("--keep-key", help="Leave its host key alone: it kept it, or has a certificate.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Say that a machine has a new system; its history stays with it.

    Its host key, its machine-id and all that was known are those of the old system. This shows the key that it has now
    and the one that was known, trusts the new one if you say so, and forgets what was known: the machine counts as not
    assessed until it is asked again. Doing it twice is once. For another machine in its place: `machines retire NAME`,
    then `machines add NAME`.

    Example: `patchdeck machines reinstalled web-01 --fingerprint SHA256:…`
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import find_machine
    from ops.lifecycle import note_reinstalled

    home = session_of(context).home()
    machine = find_machine(home, name)
    accepted = "" if keep_key else _accept_key(home, machine, fingerprint, is_sure=yes)
    done = note_reinstalled(home, machine.name, accepted)
    if done.is_new:
        say(f"What was known of {machine.name} was of its old system. Now: patchdeck assess {machine.name}")
    else:
        say(f"{machine.name}: nothing is known of an old system, nothing to forget.")
    if json:
        show_listing(list_definitions([done.machine]), as_json_text=True)
    return ExitCode.OK


def _accept_key(home: "Home", machine: "Machine", fingerprint: str | None, *, is_sure: bool) -> str:
    """The fingerprint of the key that the machine shows and that is trusted now; empty where it has none."""
    import asyncio

    from collectors.key_standing import Standing
    from fleet.machines import TransportKind
    from ops.host_keys import accept_key, fetch_keys

    if machine.transport is TransportKind.WINRM:
        return _accept_certificate(home, machine, fingerprint, is_sure=is_sure)
    if machine.transport is not TransportKind.SSH:
        return ""
    (fetched,) = asyncio.run(fetch_keys(home, [machine]))
    say(describe_fetched(fetched))
    refuse_alone([fetched], [fingerprint] if fingerprint else [])
    if fetched.key is None or fetched.standing is None:
        return ""  # refused already
    if fetched.standing.standing is Standing.KNOWN:
        return fetched.key.fingerprint
    if fingerprint is None and not is_sure and not confirm("Trust this key?", "--fingerprint SHA256:…"):
        raise BadInput("The key was not accepted: nothing was changed.")
    accept_key(home, machine, fetched.key)
    return fetched.key.fingerprint


def _accept_certificate(home: "Home", machine: "Machine", fingerprint: str | None, *, is_sure: bool) -> str:
    """The fingerprint of the certificate that the machine shows and that is trusted now; empty where it has none."""
    import asyncio

    from fleet.reaching import way_of
    from fleet.winrm import WinrmScheme
    from ops.certificates import accept_certificates, fetch_one_certificate, read_fingerprint
    from ops.cli.verbs.machines.accept_certificate import describe_certificate

    way = way_of(machine)
    if way is None or way.scheme is WinrmScheme.HTTP:
        return ""
    wanted = read_fingerprint(fingerprint) if fingerprint is not None else None
    fetched = asyncio.run(fetch_one_certificate(home, machine))
    for line in describe_certificate(fetched):
        say(line)
    shown = fetched.certificate
    if shown is None:
        return ""
    if wanted is not None and wanted != shown.fingerprint:
        raise BadInput(f"That is not {wanted}: the certificate was not accepted.")
    if fetched.is_trusted:
        return shown.fingerprint
    if wanted is None and not is_sure and not confirm("Trust this certificate?", "--fingerprint SHA256:…"):
        raise BadInput("The certificate was not accepted: nothing was changed.")
    accept_certificates(home, [(machine, shown)])
    return shown.fingerprint
