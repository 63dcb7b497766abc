"""`patchdeck machines remove`."""

from collections.abc import Sequence
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
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("remove")(remove)


def remove(
    context: typer.Context,
    targets: Targets,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask when several machines are meant.")] = False,
    retired: Annotated[bool, typer.Option("--retired", help="Forget retired machines, by name or id.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Forget these machines.

    The history in the tables stays. Passwords that are kept for them go too, and so does what `windows restore` would
    put back: restore first. To be able to take it back, use `machines retire`. Refused while a run works on one of
    them. Forgotten twice is once.

    Example: `patchdeck machines remove web-01`
    """
    if retired:
        return _forget_retired(context, targets, yes, json)
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import remove_machines

    home = session_of(context).home()
    chosen, already = _choose(home, targets)
    if len(chosen) > 1 and not yes and not confirm(f"Forget {len(chosen)} machines?", "--yes"):
        raise BadInput("Nothing was removed.")
    left = _left_configured(home, chosen)
    removed = remove_machines(home, [machine.name for machine in chosen]) if chosen else []
    _forget_secrets(home, removed)
    _say_all(left)
    _say_forgotten([machine.name for machine in removed], already)
    if json:
        show_listing(list_definitions(removed), as_json_text=True)
    return ExitCode.OK


def _forget_secrets(home: "Home", machines: Sequence["Machine"]) -> None:
    from ops.secrets import forget_secrets

    _say_all([line for machine in machines if (line := forget_secrets(home, machine))])


def _left_configured(home: "Home", machines: Sequence["Machine"]) -> list[str]:
    """What Patchdeck set on Windows machines and will put back no more: what it was, for who does that by hand."""
    from fleet.update_client.held import describe_held
    from ops.windows.settings import list_kept

    return [
        f"{machine.name} keeps the settings of its update client that Patchdeck changed; before, "
        f"{', '.join(f'{value.name} was {describe_held(value.before)}' for value in values)}."
        for machine, values in list_kept(home, machines)
    ]


def _say_all(lines: Sequence[str]) -> None:
    for line in lines:
        say(line)


def _choose(home: "Home", targets: list[str]) -> "tuple[list[Machine], list[str]]":
    """The machines that are meant, and the names of those that were removed before."""
    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members
    from ops.lifecycle import was_removed

    machines = list_machines(home)
    enrolled = {machine.name.casefold() for machine in machines}
    already = [text for text in targets if text.casefold() not in enrolled and was_removed(home, text)]
    return select_machines([text for text in targets if text not in already], machines, group_members(home)), already


def _forget_retired(context: typer.Context, names: list[str], yes: bool, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.retired_listing import list_retired_machines
    from ops.lifecycle import find_retired, forget_retired

    home = session_of(context).home()
    chosen, already = _choose_retired(home, names)
    if len(chosen) > 1 and not yes and not confirm(f"Forget {len(chosen)} retired machines?", "--yes"):
        raise BadInput("Nothing was removed.")
    left = _left_configured(home, [find_retired(home, machine_id).machine for machine_id in chosen])
    forgotten = [forget_retired(home, machine_id) for machine_id in chosen]
    _forget_secrets(home, [each.machine for each in forgotten])
    _say_all(left)
    _say_forgotten([each.machine.name for each in forgotten], already)
    if json:
        show_listing(list_retired_machines(forgotten), as_json_text=True)
    return ExitCode.OK


def _choose_retired(home: "Home", names: list[str]) -> tuple[list[str], list[str]]:
    """The ids of the retired machines that are meant, and the names of those that were forgotten before."""
    from fleet.errors import UnknownName
    from ops.lifecycle import find_retired, was_removed

    chosen: dict[str, None] = {}
    already = []
    for name in names:
        try:
            chosen[find_retired(home, name).machine.id] = None
        except UnknownName:
            if not was_removed(home, name):
                raise
            already.append(name)
    return list(chosen), already


def _say_forgotten(names: list[str], already: list[str]) -> None:
    from fleet.name_lists import some_of

    if already:
        say(f"{some_of(already)}: forgotten already.")
    if names or not already:
        say(f"Forgot {some_of(names) or 'nothing'}.")
