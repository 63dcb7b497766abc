"""`patchdeck windows restore`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.windows_run import Deadline, Preview, Targets, Yes
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("restore")(restore)


def restore(
    context: typer.Context,
    targets: Targets,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="This setting alone, as `windows kept` has it; several times."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also what somebody has changed since Patchdeck wrote it.")
    ] = False,
    preview: Preview = False,
    yes: Yes = False,
    deadline: Deadline = 120.0,
    json: JsonOption = False,
) -> ExitCode:
    """Put settings of the Windows Update client back as they were before Patchdeck changed them.

    Only those that Patchdeck wrote: what somebody changed since is left alone and said, unless --overwrite. Shows what
    each value is and would be, and asks. Ends with 3 where something was left alone or a machine failed.

    Example: `patchdeck windows restore sql-01`
    """
    import asyncio

    from fleet.errors import UnknownName
    from ops.cli.windows_run import carry_out_asked, machines_meant, secrets_for
    from ops.windows.settings import RESTORES, MachineSettings, list_kept, plan_putting_back, read_settings

    session = session_of(context)
    home = session.home()
    machines = machines_meant(session, targets, "windows restore")
    kept = dict.fromkeys(value.name for _, values in list_kept(home, machines) for value in values)
    by_folded = {name.casefold(): name for name in kept}
    for name in only or []:
        if name.casefold() not in by_folded:
            raise UnknownName("kept setting", name, kept)
    secrets = secrets_for(session, machines)
    # A machine of which nothing is kept need not be asked.
    asked = [machine for machine, _ in list_kept(home, machines)]
    found = asyncio.run(read_settings(home, asked, secrets, deadline_seconds=deadline))
    found += [MachineSettings(machine, None) for machine in machines if machine not in asked]
    names = [by_folded[name.casefold()] for name in only or []]
    planned = plan_putting_back(home, found, only=names, overwrite=overwrite, settles=not preview)
    return carry_out_asked(
        session,
        planned,
        secrets,
        action=RESTORES,
        question="Put back",
        preview=preview,
        yes=yes,
        json=json,
        deadline=deadline,
    )
