"""`patchdeck channels enable`, `disable` and `remove`."""

from typing import Annotated

import typer

from ops.cli.channel_options import Name
from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    for verb in (enable, disable, remove):
        group.command(verb.__name__)(verb)


def enable(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Let a channel carry messages again; those that came while it was off are not sent: see messages retry.

    Example: `patchdeck channels enable ops-chat`
    """
    return _switch(context, name, is_enabled=True, json=json)


def disable(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Let a channel carry nothing. What would go to it is listed as skipped.

    Example: `patchdeck channels disable ops-chat`
    """
    return _switch(context, name, is_enabled=False, json=json)


def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, though its secrets are lost.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Forget a channel and the secrets that are kept for it.

    Refused while an alert rule, a deployment, a run that is not over, a report or another channel names it.

    Example: `patchdeck channels remove ops-chat`
    """
    from fleet.deliveries import DeliveryStatus
    from fleet.errors import BadInput
    from ops.cli.channel_listing import list_channels
    from ops.cli.listing import show_listing
    from ops.messages.book import list_deliveries
    from ops.messages.channels import find_channel, remove_channel

    home = session_of(context).home()
    channel = find_channel(home, name)
    kept = [origin for origin in (channel.secret, channel.signing_key) if origin is not None and origin.place.keeps]
    if kept and not yes and not confirm(f"Forget channel {channel.name} with its secrets?", "--yes"):
        raise BadInput("Nothing was removed.")
    listing = list_channels(home, [channel])
    remove_channel(home, name)
    say(f"Forgot the channel {channel.name}.")
    if waiting := len(list_deliveries(home, channel.name, [DeliveryStatus.WAITING])):
        say(f"Not sent: {waiting:,} {'message that waits' if waiting == 1 else 'messages that wait'} for it.")
    if json:
        show_listing(listing, as_json_text=True)
    return ExitCode.OK


def _switch(context: typer.Context, name: str, *, is_enabled: bool, json: bool) -> ExitCode:
    from ops.cli.channel_listing import tell_channels
    from ops.messages.channels import switch_channel

    home = session_of(context).home()
    channel, is_changed = switch_channel(home, name, is_enabled=is_enabled)
    word = "on" if is_enabled else "off"
    say(f"Channel {channel.name} {'is' if is_changed else 'was'} {word}{'' if is_changed else ' already'}.")
    if json:
        tell_channels(home, [channel], json=True)
    return ExitCode.OK
