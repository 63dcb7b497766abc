"""`patchdeck channels test`: sends a message now, and says what came back."""

from typing import Annotated

import typer

from ops.cli.channel_options import Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("test")(try_channel)


def try_channel(
    context: typer.Context,
    name: Name,
    here: Annotated[bool, typer.Option("--here", help="Send it from this process, also where a service runs.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Send a test message at once, and say what came back.

    The service sends it where one runs, since it is what sends all others; else this process does. Ends with 1 where it
    was not delivered; it is not tried again.

    Example: `patchdeck channels test ops-mail`
    """
    from fleet.deliveries import DeliveryStatus
    from ops.cli.listing import show_listing
    from ops.cli.message_listing import list_deliveries
    from ops.messages.trying import try_channel as send
    from ops.secrets import type_passphrase

    home = session_of(context).home()
    type_passphrase(home)
    delivery = send(home, name, is_here=here)
    is_delivered = delivery.status is DeliveryStatus.DELIVERED
    words = "took the test message" if is_delivered else "did not take the test message"
    say(f"Channel {delivery.channel} {words}: {delivery.record.last_said or 'the service has not come to it yet'}")
    if json:
        show_listing(list_deliveries([delivery]), as_json_text=True)
    return ExitCode.OK if is_delivered else ExitCode.FAILED
