"""`patchdeck machines candidates`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("candidates")(candidates)


def candidates(
    context: typer.Context,
    refused: Annotated[bool, typer.Option("--refused", help="Also those that were refused.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """List machines that were found, or that introduced themselves, and are not enrolled.

    With the fingerprints of their host keys, and what speaks against believing them: compare both before you approve.

    Example: `patchdeck machines candidates`
    """
    from ops.candidates import list_candidates, waiting
    from ops.cli.candidate_listing import list_known
    from ops.cli.listing import show_listing
    from ops.cli.values import count_of

    known = list_candidates(session_of(context).home())
    undecided = waiting(known)
    shown = known if refused else undecided
    show_listing(list_known(shown), as_json_text=json)
    more = len(known) - len(undecided)
    say(f"{count_of(len(undecided), 'machine')} to decide about, {more} refused.")
    if undecided:
        say("patchdeck machines approve NAME enrols one, patchdeck machines refuse NAME is the other answer.")
    return ExitCode.OK
