"""`patchdeck machines test`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any  # Any: each field of a definition has a type of its own

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
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
    profile: options.Profile = None,
    json: JsonOption = False,
) -> ExitCode:
    """Log in to a machine before it is added or edited, and show its host key where that is not trusted.

    Nothing is kept, and nothing is changed there. Of a machine that is enrolled, what is not given is as it is. Ends
    with 3 where nobody was let in.

    Example: `patchdeck machines test web-01 --address 192.0.2.10 --user deploy`
    """
    import asyncio

    from ops.cli.listing import show_listing
    from ops.credentials.finding import HomeSecrets
    from ops.enrolment import planned_machine
    from ops.secrets import type_secrets
    from ops.trial import try_machine

    home = session_of(context).home()
    said: dict[str, Any] = {"address": address, "port": port, "user": user, "key_file": key_file}
    said |= {"proxy_jump": proxy_jump, "profile": profile}
    given = {field: value for field, value in said.items() if value is not None}

    def change(known: "Definition") -> "Definition":
        return replace(known, **given)

    machine = planned_machine(home, name, change)
    secrets = HomeSecrets(home)
    type_secrets(secrets, [machine])
    trial = asyncio.run(try_machine(home, machine, secrets))
    show_listing(_listing(trial), as_json_text=json)
    if trial.key is not None:
        say(f"Compare the fingerprint. Once {machine.name} is enrolled: patchdeck machines accept-key {machine.name}")
    elif trial.failure is not None and trial.failure.remedy:
        say(trial.failure.remedy)
    return ExitCode.OK if trial.greeting is not None else ExitCode.MACHINES_FAILED


def _listing(trial: "Trial") -> "Listing":
    from ops.cli.listing import Column, Listing

    columns = (
        *(Column("name", "Machine"), Column("address", "Address"), Column("result", "Result")),
        *(Column("user", "User"), Column("host", "Calls itself"), Column("system", "System")),
        *(Column("key", "Host key"), Column("fingerprint", "Fingerprint"), Column("problem", "Problem")),
        *(Column("port"), Column("remedy")),
    )
    machine, greeting, failure, key = trial.machine, trial.greeting, trial.failure, trial.key
    who = (greeting.user, greeting.host, greeting.system) if greeting else (None, None, None)
    shown = (key.algorithm, key.fingerprint) if key else (None, None)
    result = "logged in" if failure is None else failure.kind
    why = (failure.evidence, failure.remedy) if failure else ("", "")
    row = (machine.name, machine.address, result, *who, *shown, why[0], machine.port, why[1])
    return Listing(columns, [row])
