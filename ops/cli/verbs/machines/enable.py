"""`patchdeck machines enable` and `disable`."""

from typing import Annotated

import typer

from fleet.machines import Machine
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

Targets = Annotated[
    list[str],
    typer.Argument(metavar="TARGET", help="Names, globs, tag:key=value, os:linux or all.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("enable")(enable)
    app.command("disable")(disable)


def enable(context: typer.Context, targets: Targets, json: JsonOption = False) -> ExitCode:
    """Assess these machines again."""
    return _set_enabled(context, targets, json, enabled=True)


def disable(context: typer.Context, targets: Targets, json: JsonOption = False) -> ExitCode:
    """Leave these machines alone.

    They stay enrolled, are not assessed, and count as disabled.
    """
    return _set_enabled(context, targets, json, enabled=False)


def _set_enabled(context: typer.Context, targets: list[str], json: bool, *, enabled: bool) -> ExitCode:
    from fleet.name_lists import some_of
    from fleet.targets import select_machines
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import enable_machines, list_machines
    from ops.groups import group_members

    home = session_of(context).home()
    chosen: list[Machine] = select_machines(targets, list_machines(home), group_members(home))
    after = enable_machines(home, [machine.name for machine in chosen], enabled=enabled)
    changed = [machine.name for machine in chosen if machine.enabled is not enabled]
    word = "enabled" if enabled else "disabled"
    say(f"{some_of(changed)}: {word} now." if changed else f"Nothing to change: {word} already.")
    if json:
        show_listing(list_definitions(after), as_json_text=True)
    return ExitCode.OK
