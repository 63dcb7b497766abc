"""`patchdeck windows dump-raw`."""

from pathlib import Path
from typing import Annotated

import typer

from fleet.errors import BadInput
from fleet.failures import Failure
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("dump-raw")(dump_raw)


def dump_raw(
    context: typer.Context,
    machine: Annotated[str, typer.Argument(metavar="MACHINE", help="One Windows machine.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there; .gz packs it. Never over a file."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Save what a Windows machine says to everything that Patchdeck asks, without names.

    For the first run on a real Windows, and for reports of faults: versions, registry, searches, history, limits of
    WinRM, what is refused, how long each step took. Names of machines, domains, users and servers, addresses, security
    ids, keys and tokens are replaced, the same by the same. Read it before you send it. Changes nothing there but one
    task that does nothing, and is removed. Takes some minutes. Ends with 3 where a part gave no answer.

    Example: `patchdeck windows dump-raw sql-01 -o first-run.json.gz`
    """
    import asyncio

    from ops.cli.listing import Column, Listing, show_listing
    from ops.cli.windows_run import machines_meant, secrets_for
    from ops.windows.dumping import check_place, default_name, dump_machine, write_dump

    session = session_of(context)
    if output is not None:
        check_place(output)
    machines = machines_meant(session, [machine], "windows dump-raw")
    if len(machines) > 1:
        raise BadInput("Name one machine: a dump is of one. Nothing was asked.")
    found = asyncio.run(dump_machine(session.home(), machines[0], secrets_for(session, machines)))
    if isinstance(found, Failure):
        say(f"{machines[0].name}: {found.describe()} Nothing was written.")
        return ExitCode.MACHINES_FAILED
    path = write_dump(found, output or default_name(found), may_shrink=output is None)
    say(f"{path} is written. Read it before you send it: names were replaced, and nobody but you can know all of them.")
    if found.failed:
        say(f"Without an answer: {', '.join(found.failed)}. That is in it, too.")
    if json:
        columns = tuple(map(Column, ("file", "calls", "failed")))
        show_listing(Listing(columns, [(str(path), found.calls, found.failed)]), as_json_text=True)
    return ExitCode.MACHINES_FAILED if found.failed else ExitCode.OK
