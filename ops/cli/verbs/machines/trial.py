"""`patchdeck machines test`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any  # Any: each field of a definition has a type of its own

import typer

from ops.cli.assess_options import AskPassword
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.cli.verbs.machines.winrm_options import WinrmOptions
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.cli.listing import Listing
    from ops.enrolment import Definition
    from ops.trial import Trial


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("test")(try_way)


def try_way(
    context: typer.Context,
    name: options.Name,
    address: options.Address = None,
    port: options.Port = None,
    user: options.User = None,
    key_file: options.KeyFile = None,
    proxy_jump: options.ProxyJump = None,
    transport: options.Transport = None,
    os_type: options.System = None,
    profile: options.Profile = None,
    winrm: options.Winrm = None,
    http: options.Http = None,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    clear_text: options.ClearText = None,
    ask_password: AskPassword = False,
    json: JsonOption = False,
) -> ExitCode:
    """Log in to a machine before it is added or edited, and show its host key or certificate where none is trusted.

    Nothing is kept, and nothing is changed there. Of a machine that is enrolled, what is not given is as it is. Ends
    with 3 where nobody was let in.

    Example: `patchdeck machines test web-01 --address 192.0.2.10 --user deploy`; of Windows `patchdeck machines test
    win-01 --transport winrm --address 192.0.2.20 --user 'CORP\\patch'`
    """
    import asyncio

    from ops.cli.listing import show_listing
    from ops.credentials.finding import HomeSecrets
    from ops.enrolment import planned_machine
    from ops.secrets import ask_secrets, type_secrets
    from ops.trial import try_machine

    home = session_of(context).home()
    said: dict[str, Any] = {"address": address, "port": port, "user": user, "key_file": key_file}
    said |= {"proxy_jump": proxy_jump, "profile": profile, "transport": transport, "os_type": os_type}
    way = WinrmOptions(winrm, http, ca_file, proxy, clear_text)
    given = {field: value for field, value in said.items() if value is not None}

    def change(known: "Definition") -> "Definition":
        return way.changed(known, replace(known, **given), has_port=port is not None)

    machine = planned_machine(home, name, change)
    secrets = ask_secrets(login=ask_password, sudo=False, otherwise=HomeSecrets(home))
    type_secrets(secrets, [machine])
    trial = asyncio.run(try_machine(home, machine, secrets))
    show_listing(_listing(trial), as_json_text=json)
    if trial.key is not None:
        say(f"Compare the fingerprint. Once {machine.name} is enrolled: patchdeck machines accept-key {machine.name}")
    elif trial.certificate is not None:
        from ops.cli.verbs.machines.accept_certificate import describe_certificate

        for line in describe_certificate(trial.certificate):
            say(line)
        accept = f"patchdeck machines accept-certificate {machine.name}"
        say(f"Compare the fingerprint. Once {machine.name} is enrolled: {accept}")
    if trial.failure is not None and trial.failure.remedy and trial.key is None:
        say(trial.failure.remedy)
    return ExitCode.OK if trial.greeting is not None else ExitCode.MACHINES_FAILED


def _listing(trial: "Trial") -> "Listing":
    from fleet.reaching import port_of
    from ops.cli.listing import Column, Listing

    columns = (
        *(Column("name", "Machine"), Column("address", "Address"), Column("result", "Result")),
        *(Column("user", "User"), Column("host", "Calls itself"), Column("system", "System")),
        *(Column("key", "Key"), Column("fingerprint", "Fingerprint"), Column("problem", "Problem")),
        *(Column("port"), Column("remedy"), Column("subject"), Column("issuer"), Column("valid_until")),
    )
    machine, greeting, failure, key = trial.machine, trial.greeting, trial.failure, trial.key
    who = (greeting.user, greeting.host, greeting.system) if greeting else (None, None, None)
    shown = (key.algorithm, key.fingerprint) if key else (None, None)
    certificate = trial.certificate.certificate if trial.certificate else None
    if certificate is not None:
        shown = ("certificate", certificate.fingerprint)
    of_certificate = (getattr(certificate, name, None) for name in ("subject", "issuer", "valid_until"))
    result = "logged in" if failure is None else failure.kind
    why = (failure.evidence, failure.remedy) if failure else (greeting.doubt if greeting else "", "")
    row = (machine.name, machine.address, result, *who, *shown, why[0], port_of(machine), why[1], *of_certificate)
    return Listing(columns, [row])
