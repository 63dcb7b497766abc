"""`patchdeck messages list` and `show`."""

from typing import Annotated

import typer

from fleet.deliveries import DeliveryStatus
from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    group.command("list")(list_all)
    group.command("show")(show)


def list_all(
    context: typer.Context,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="NAME", help="Only those of this channel.")
    ] = None,
    status: Annotated[
        list[DeliveryStatus] | None,
        typer.Option("--status", help="Only those that stand so; may be given several times."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many.")] = 100,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List messages and their deliveries, a row for each channel, latest first.

    They are delivered by the service: where none runs, they wait.

    Example: `patchdeck messages list --status failed`
    """
    from ops.cli.listing import show_listing
    from ops.cli.message_listing import list_deliveries
    from ops.messages.book import list_deliveries as find
    from ops.past.telling import deliveries_at
    from ops.service.starting import working

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    if at is None:
        found = find(home, channel, status, limit)
    else:
        then = deliveries_at(home, at, channel)
        found = [each for each in then if not status or each.status in status][:limit]
    show_listing(list_deliveries(found), as_json_text=json)
    say_instant(at)
    if not found:
        say("There is no such message." if at is None else "There was no such message by then.")
    elif at is None and any(each.status is DeliveryStatus.WAITING for each in found) and working(home) is None:
        say("Messages wait for the service, and none runs: patchdeck service start")
    return ExitCode.OK


def show(
    context: typer.Context,
    message: Annotated[str, typer.Argument(metavar="ID", help="The message; the beginning of its id is enough.")],
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show a message in full: what was sent to each channel, when, and what came back each time.

    Example: `patchdeck messages show 3f2a9c`
    """
    from ops.cli.listing import show_listing
    from ops.cli.message_listing import list_deliveries, message_lines
    from ops.messages.book import find_message
    from ops.past.telling import find_message_at

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    found, deliveries = find_message(home, message) if at is None else find_message_at(home, message, at)
    say_instant(at)
    if json:
        show_listing(list_deliveries(deliveries), as_json_text=True)
        return ExitCode.OK
    show_lines(message_lines(found, deliveries))
    return ExitCode.OK
