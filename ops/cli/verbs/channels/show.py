"""`patchdeck channels list` and `show`."""

import typer

from ops.cli.channel_options import Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    group.command("list")(list_all)
    group.command("show")(show)


def list_all(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the channels: where they lead, what waits for them, how the last delivery ended. Never a secret.

    Example: `patchdeck channels list`
    """
    from ops.cli.channel_listing import tell_channels
    from ops.messages.channels import list_channels

    home = session_of(context).home()
    channels = list_channels(home)
    tell_channels(home, channels, json=json)
    if not channels:
        say("There is no channel yet: nobody is told anything. See `patchdeck channels add --help`.")
    return ExitCode.OK


def show(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Show one channel in full: its templates, what names it, how its last deliveries ended.

    Example: `patchdeck channels show ops-mail`
    """
    from ops.cli.channel_listing import channel_lines, tell_channels
    from ops.messages.channels import find_channel

    home = session_of(context).home()
    channel = find_channel(home, name)
    if json:
        tell_channels(home, [channel], json=True)
        return ExitCode.OK
    show_lines(channel_lines(home, channel))
    return ExitCode.OK
