"""`patchdeck why`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("why")(why)


def why(
    context: typer.Context,
    machine_or_update: Annotated[
        str,
        typer.Argument(
            metavar="[MACHINE]", help="A machine's name; without one, all that miss it.", show_default=False
        ),
    ],
    update: Annotated[
        str | None,
        typer.Argument(metavar="UPDATE", help="A package, NAME=VERSION or KB5044284, with *.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Tell why an update that is missing is not installed.

    Every reason, each with its evidence and what to do: patchdeck why web-01 openssl. Without a machine for all that
    miss it, grouped by reason: patchdeck why openssl. What stops it now comes first.
    """
    home = session_of(context).home()
    if update is None:
        return _everywhere(home, machine_or_update, json)
    return _here(home, machine_or_update, update, json)


def _here(home: "Home", machine: str, wanted: str, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.terminal import terminal_width
    from ops.cli.why_listing import answer_lines, list_answers
    from ops.why.answers import why_here
    from ops.why.finding import find_on_machine

    found, missing = find_on_machine(home, wanted, machine)
    others = [each.update for each in missing]
    answers = [why_here(home, each, others) for each in found]
    if json:
        show_listing(list_answers(answers), as_json_text=True)
    else:
        for number, answer in enumerate(answers):
            lines = answer_lines(answer, terminal_width())
            sys.stdout.writelines(f"{line}\n" for line in (*([""] if number else []), *lines))
    return ExitCode.OK


def _everywhere(home: "Home", wanted: str, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.terminal import terminal_width
    from ops.cli.values import count_of
    from ops.cli.why_listing import group_lines, list_groups
    from ops.why.answers import group_answers, why_everywhere
    from ops.why.finding import find_everywhere

    found = find_everywhere(home, wanted)
    answers = why_everywhere(home, found)
    groups = group_answers(answers)
    if json:
        show_listing(list_groups(groups), as_json_text=True)
    else:
        sys.stdout.writelines(f"{line}\n" for line in group_lines(groups, terminal_width()))
    stopped = len({each.missing.machine_id for each in answers if each.reasons[0].stops})
    machines = count_of(len({each.machine_id for each in found}), "machine")
    say(f"{count_of(len(found), 'missing update')} on {machines}; something stops it now on {stopped} of them.")
    return ExitCode.OK
