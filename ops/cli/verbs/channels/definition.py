"""`patchdeck channels add` and `edit`."""

from typing import Annotated

import typer

from fleet.channels import ChannelKind
from ops.cli.channel_options import CLEARABLE, ChannelOptions, Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    group.command("add")(add)
    group.command("edit")(edit)


@ChannelOptions.taken_by
def add(
    context: typer.Context,
    name: Name,
    kind: Annotated[
        ChannelKind,
        typer.Argument(
            metavar="KIND",
            help="apprise: any service that it knows; webhook: signed JSON; smtp: mail; command: a program.",
            show_default=False,
        ),
    ],
    disabled: Annotated[bool, typer.Option("--disabled", help="It carries nothing until it is enabled.")] = False,
    json: JsonOption = False,
    **given: object,
) -> ExitCode:
    """Define a channel. The same definition again changes nothing; another one is refused: use edit.

    A URL may hold a token, and a password is one: they are asked for, or read as one line of standard input, a file or
    a program, and are kept in the keyring or the home's encrypted files. Nothing is sent: see test.

    Examples: `patchdeck channels add ops-chat apprise` (then type slack://… or ntfys://…), `patchdeck channels add
    ops-mail smtp --server mail.example.com:587 --user patchdeck --from patchdeck@example.com --to ops@example.com`,
    `patchdeck channels add tickets webhook --new-signing-key tickets.key` and `patchdeck channels add pager command
    --command '/usr/local/bin/page --team ops'`
    """
    from dataclasses import replace

    from ops.cli.channel_flags import apply_options
    from ops.cli.channel_listing import tell_channels
    from ops.messages.channels import add_channel, find_channel, new_channel

    home = session_of(context).home()
    options = ChannelOptions(**given)  # type: ignore[arg-type]  # typer fills them by their names
    change, secrets = apply_options(home, new_channel(name, kind), options, wants_secret=False)
    channel = replace(change(new_channel(name, kind)), is_enabled=not disabled)
    is_new = add_channel(home, channel, secrets)
    say(
        f"Channel {name} is defined. Try it: patchdeck channels test {name}"
        if is_new
        else f"Channel {name} was defined like that already."
    )
    if json:
        tell_channels(home, [find_channel(home, name)], json=True)
    return ExitCode.OK


@ChannelOptions.taken_by
def edit(
    context: typer.Context,
    name: Name,
    new_secret: Annotated[bool, typer.Option("--new-secret", help="Ask for its URL or its password anew.")] = False,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="OPTION", help=f"Back to nothing: one of {', '.join(CLEARABLE)}."),
    ] = None,
    json: JsonOption = False,
    **given: object,
) -> ExitCode:
    """Change what is given of a channel; the rest stays, its secrets too. Nothing is sent: see test.

    Examples: `patchdeck channels edit ops-mail --to night@example.com` and `patchdeck channels edit ops-chat
    --new-secret`
    """
    from ops.cli.channel_flags import apply_options
    from ops.cli.channel_listing import tell_channels
    from ops.messages.channels import edit_channel, find_channel

    home = session_of(context).home()
    options = ChannelOptions(**given)  # type: ignore[arg-type]  # typer fills them by their names
    old = find_channel(home, name)
    change, secrets = apply_options(home, old, options, clear or (), wants_secret=new_secret)
    before, after = edit_channel(home, name, change, secrets)
    is_changed = before != after or secrets.secret is not None or secrets.signing_key is not None
    say(f"Channel {after.name} is changed." if is_changed else f"Channel {after.name}: nothing to change.")
    if json:
        tell_channels(home, [after], json=True)
    return ExitCode.OK
