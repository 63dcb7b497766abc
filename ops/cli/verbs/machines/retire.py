"""`patchdeck machines retire` and `restore`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines.enable import Targets
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.machines import Machine
    from fleet.retired import RetiredMachine
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("retire")(retire)
    app.command("restore")(restore)


def retire(
    context: typer.Context,
    targets: Targets,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with it and in the audit.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask when several machines are meant.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Take machines out of the fleet, and keep their history.

    They are not assessed, patched or counted any more, and their names are free. What is known of them is kept:
    `machines list --retired` has them, `machines restore NAME` brings one back as it was. Refused while a run works on
    one of them. A machine that is retired already stays so.

    Example: `patchdeck machines retire web-01 --reason "replaced by web-07"`
    """
    from ops.cli.listing import show_listing
    from ops.cli.retired_listing import list_retired_machines
    from ops.lifecycle import list_retired, retire_machines

    home = session_of(context).home()
    before = {each.machine.name.casefold(): each for each in reversed(list_retired(home))}
    chosen, already = _choose(home, targets, before)
    if len(chosen) > 1 and not yes and not confirm(f"Retire {len(chosen)} machines?", "--yes"):
        raise BadInput("Nothing was retired.")
    retired = retire_machines(home, [machine.name for machine in chosen], reason) if chosen else []
    _say_retired(home, retired, already)
    if json:
        show_listing(list_retired_machines([*retired, *already]), as_json_text=True)
    return ExitCode.OK


def restore(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME|ID", help="Of a retired machine; its id where several had the name.")
    ],
    new_name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Call it so, where another machine has its name by now."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Bring a retired machine back.

    Under its id, with its history, its tags and what was known of it. A machine that is back already stays so.

    Example: `patchdeck machines restore web-01`
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.lifecycle import restore_machine

    restored = restore_machine(session_of(context).home(), name, new_name)
    machine = restored.machine
    state = "enrolled" if machine.enabled else "enrolled, and disabled as it was"
    say(f"{machine.name} is {state} again." if restored.is_new else f"{machine.name} is not retired: nothing to do.")
    if json:
        show_listing(list_definitions([machine]), as_json_text=True)
    return ExitCode.OK


def _choose(
    home: "Home", targets: list[str], retired: dict[str, "RetiredMachine"]
) -> tuple[list["Machine"], list["RetiredMachine"]]:
    """The enrolled machines that are meant, and those that are retired already."""
    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members

    machines = list_machines(home)
    enrolled = {machine.name.casefold() for machine in machines}
    already = [target for target in targets if target.casefold() in retired and target.casefold() not in enrolled]
    wanted = [target for target in targets if target not in already]
    return select_machines(wanted, machines, group_members(home)), [retired[text.casefold()] for text in already]


def _say_retired(home: "Home", retired: list["RetiredMachine"], already: list["RetiredMachine"]) -> None:
    from fleet.name_lists import some_of
    from ops.lifecycle import find_references

    if retired:
        say(f"Retired {some_of(each.machine.name for each in retired)}. Their history stays.")
    if already:
        say(f"{some_of(each.machine.name for each in already)}: retired already.")
    for each in retired[:5]:
        if references := find_references(home, each.machine.name):
            say(f"Still named {each.machine.name}: {', '.join(references)}.")
    if not retired and not already:
        say("Nothing to retire.")
