"""`patchdeck enrol-token authorize`, `list` and `revoke`: what becomes of tokens."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.enrol_tokens import EnrolToken

_Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="The tokens.", show_default=False)]


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    for name, verb in (("authorize", authorize), ("list", list_), ("revoke", revoke)):
        group.command(name)(verb)


def authorize(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token.")],
    install: Annotated[
        bool, typer.Option("--install", help="Put the line into your authorized_keys, instead of only printing it.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="With --install: another file than ~/.ssh/authorized_keys.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Print the line of authorized_keys that lets a token's key introduce machines, and do nothing else.

    It belongs into the file of the user that the machines log in as: yours, unless the token was made with
    --console-user. sshd itself refuses the key once the token has expired.

    Example: `patchdeck enrol-token authorize 9c41d07e --install`
    """
    from ops.cli.enrol_token_listing import list_authorized
    from ops.cli.listing import show_listing
    from ops.enrol_tokens import authorizing
    from ops.enrol_tokens.authorized_keys import default_file
    from ops.state.audit import utc_now

    home = session_of(context).home()
    token = authorizing.require_active(authorizing.find_token(home, token_id), utc_now())
    line = authorizing.authorized_line(home, token)
    if install or file is not None:
        path = (file or default_file()).expanduser()
        is_changed = authorizing.authorize(home, token.id, path)
        say(f"{path} {'lets' if is_changed else 'already lets'} the token {token.id} introduce machines.")
    elif not json:
        show_lines([line])
    if json:
        show_listing(list_authorized(authorizing.find_token(home, token_id), line), as_json_text=True)
    return ExitCode.OK


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List tokens: what each allows, how often it was used, and what was refused.

    The line of a token is not shown again: nothing here knows it.

    Example: `patchdeck enrol-token list`
    """
    from ops.cli.enrol_token_listing import list_tokens
    from ops.cli.listing import show_listing
    from ops.enrol_tokens import authorizing
    from ops.state.audit import utc_now

    tokens = authorizing.list_tokens(session_of(context).home())
    show_listing(list_tokens(tokens, utc_now()), as_json_text=json)
    if not tokens:
        say("There is no token: patchdeck enrol-token new")
    return ExitCode.OK


def revoke(
    context: typer.Context,
    ids: _Ids = None,
    spent: Annotated[bool, typer.Option("--spent", help="All that are used up or expired.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """End tokens: nobody can introduce a machine with them from now on.

    Lines that --install put into an authorized_keys file are taken out of it. Machines that were introduced stay.

    Example: `patchdeck enrol-token revoke 9c41d07e`
    """
    from fleet.errors import BadInput
    from ops.cli.enrol_token_listing import list_tokens
    from ops.cli.listing import show_listing
    from ops.enrol_tokens import authorizing
    from ops.state.audit import utc_now

    if bool(ids) == spent:
        raise BadInput("Name the tokens to end, or give --spent.")
    home = session_of(context).home()
    tokens = authorizing.revoke(home, ids or authorizing.spent_tokens(home))
    say(f"Ended: {', '.join(token.id for token in tokens) or 'none'}.")
    for token in tokens:
        _say_what_stays(token)
    if json:
        show_listing(list_tokens(tokens, utc_now()), as_json_text=True)
    return ExitCode.OK


def _say_what_stays(token: "EnrolToken") -> None:
    if token.authorized_in is None:
        say(f"If the line of {token.id} stands in an authorized_keys file, take it out: it leads nowhere now.")
