"""`patchdeck why`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_as_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

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
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """Tell why an update that is missing is not installed.

    Every reason, each with its evidence and what to do: patchdeck why web-01 openssl. Without a machine for all that
    miss it, grouped by reason: patchdeck why openssl. What stops it now comes first.
    """
    home = session_of(context).home()
    at = read_as_of(home, as_of)
    if update is None:
        _everywhere(home, machine_or_update, at, json)
    else:
        _here(home, machine_or_update, update, at, json)
    say_as_of(home, at)
    return ExitCode.OK


def _here(home: "Home", machine: str, wanted: str, at: "datetime | None", json: bool) -> None:
    from ops.cli.listing import show_listing
    from ops.cli.terminal import terminal_width
    from ops.cli.why_listing import answer_lines, list_answers
    from ops.statuses import statuses_of
    from ops.why.answers import why_here
    from ops.why.finding import find_on_machine

    found, missing = find_on_machine(home, wanted, machine, at)
    others = [each.update for each in missing]
    then = statuses_of(home, ["all"], at) if at is not None else None
    answers = [why_here(home, each, others, at, then) for each in found]
    if json:
        show_listing(list_answers(answers), as_json_text=True)
    else:
        for number, answer in enumerate(answers):
            lines = answer_lines(answer, terminal_width())
            show_lines((*([""] if number else []), *lines))


def _everywhere(home: "Home", wanted: str, at: "datetime | None", json: bool) -> None:
    from ops.cli.listing import show_listing
    from ops.cli.terminal import terminal_width
    from ops.cli.values import count_of
    from ops.cli.why_listing import group_lines, list_groups
    from ops.statuses import statuses_of
    from ops.why.answers import group_answers, why_everywhere
    from ops.why.finding import find_everywhere

    found = find_everywhere(home, wanted, at)
    answers = why_everywhere(home, found, at, statuses_of(home, ["all"], at) if at is not None else None)
    groups = group_answers(answers)
    if json:
        show_listing(list_groups(groups), as_json_text=True)
    else:
        show_lines(group_lines(groups, terminal_width()))
    stopped = len({each.missing.machine_id for each in answers if each.reasons[0].stops})
    machines = count_of(len({each.machine_id for each in found}), "machine")
    stops = "stops it now" if at is None else "stopped it then"
    say(f"{count_of(len(found), 'missing update')} on {machines}; something {stops} on {stopped} of them.")
