"""`patchdeck messages retry`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("retry")(retry)


def retry(
    context: typer.Context,
    messages: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="These messages, also where they arrived before.", show_default=False),
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar="NAME", help="By this channel only.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed or were skipped.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Have messages sent again at once, by the service; each keeps its id, by which receivers know it.

    Examples: `patchdeck messages retry 3f2a9c` and `patchdeck messages retry --failed --channel ops-mail`
    """
    from fleet.errors import BadInput
    from ops.cli.listing import show_listing
    from ops.cli.message_listing import list_deliveries
    from ops.messages.book import retry as ask_again
    from ops.messages.channels import check_channels
    from ops.service.starting import working

    home = session_of(context).home()
    if bool(messages) == failed:
        raise BadInput("Say which messages: their ids, or --failed.")
    if channel is not None:
        check_channels(home, [channel])
    asked = ask_again(home, messages or (), channel)
    told = "1 delivery is" if len(asked) == 1 else f"{len(asked):,} deliveries are"
    say(f"{told} asked for again." if asked else "There is nothing to send again.")
    if asked and working(home) is None:
        say("They wait for the service, and none runs: patchdeck service start")
    if json:
        show_listing(list_deliveries(asked), as_json_text=True)
    return ExitCode.OK
