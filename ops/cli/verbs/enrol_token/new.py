"""`patchdeck enrol-token new`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.enrol_tokens import ApprovalMode, ReachBy
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.enrol_tokens import EnrolToken

_Texts = list[str] | None
_Count = Annotated[int, typer.Option("--count", help="How many machines may introduce themselves with it.")]
_Expires = Annotated[str, typer.Option("--expires", metavar="TIME", help="How long it lasts: 30m, 24h, 7d.")]
_Approve = Annotated[
    ApprovalMode,
    typer.Option("--approve", help="ask: each machine waits for an administrator; auto: these limits decide."),
]
_Networks = Annotated[_Texts, typer.Option("--network", metavar="CIDR", help="Only from there; several times.")]
_Names = Annotated[_Texts, typer.Option("--name", metavar="GLOB", help="Other names wait for approval; several times.")]
_Tags = Annotated[_Texts, typer.Option("--tag", metavar="KEY=VALUE", help="A tag that each machine gets.")]
_Allowed = Annotated[
    _Texts,
    typer.Option("--allow-tag", metavar="KEY=GLOB", help="A tag that a machine may give itself: … | sh -s role=web"),
]
_Profile = Annotated[str | None, typer.Option("--profile", help="The credential profile that each machine gets.")]
_User = Annotated[str | None, typer.Option("--user", help="User to log in to the machines as.")]
_ReachBy = Annotated[ReachBy, typer.Option("--reach-by", help="What becomes a machine's address.")]
_InstallKey = Annotated[
    Path | None,
    typer.Option(
        "--install-key",
        metavar="FILE",
        help="The line also puts this public key into authorized_keys of --user, else of whoever runs it.",
        show_default=False,
    ),
]
_Windows = Annotated[bool, typer.Option("--powershell", help="A line for PowerShell on a Windows machine.")]
_Fips = Annotated[bool, typer.Option("--fips", help="An ECDSA key, for machines that may not use Ed25519.")]
_Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What it is for.", show_default=False)]
_Console = Annotated[
    str | None,
    typer.Option(
        "--console",
        metavar="HOST[:PORT]",
        help="Where machines reach this console by SSH. Default: where you have reached it.",
        show_default=False,
    ),
]
_ConsoleUser = Annotated[
    str | None, typer.Option("--console-user", help="User of this console to log in as. Default: you.")
]
_HostKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--host-key", metavar="FILE", help="Public host key of this console. Default: those in /etc/ssh; several times."
    ),
]
_Install = Annotated[bool, typer.Option("--authorize", help="Authorize it at once, in your ~/.ssh/authorized_keys.")]


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("new")(new)


def new(
    context: typer.Context,
    count: _Count = 1,
    expires: _Expires = "24h",
    approve: _Approve = ApprovalMode.ASK,
    network: _Networks = None,
    name: _Names = None,
    tag: _Tags = None,
    allow_tag: _Allowed = None,
    profile: _Profile = None,
    user: _User = None,
    reach_by: _ReachBy = ReachBy.ADDRESS,
    install_key: _InstallKey = None,
    powershell: _Windows = False,
    fips: _Fips = False,
    note: _Note = "",
    console: _Console = None,
    console_user: _ConsoleUser = None,
    host_key: _HostKeys = None,
    authorize: _Install = False,
    json: JsonOption = False,
) -> ExitCode:
    """Print one line to run on a machine: it introduces itself to this console over SSH.

    The line is a secret until the token has expired or is used up, and is not shown again: whoever has it can
    introduce machines. It needs sh and ssh, and root only for what --install-key asks. The machine tells its name,
    system and host keys; `patchdeck machines candidates` lists it, `patchdeck machines approve` enrols it.

    Example: `patchdeck enrol-token new --count 20 --expires 8h --network 10.0.0.0/16 --tag env=prod --authorize`
    """
    from fleet.enrol_tokens import parse_lifetime
    from ops.enrol_tokens.console import find_console
    from ops.enrol_tokens.making import KeyType, TokenRequest, make_token
    from ops.enrolment import parse_tags

    home = session_of(context).home()
    request = TokenRequest(
        lifetime=parse_lifetime(expires),
        count=count,
        approval=approve,
        networks=tuple(network or ()),
        names=tuple(name or ()),
        tags=parse_tags(tag or []),
        allowed_tags=tuple(allow_tag or ()),
        profile=profile,
        user=user,
        reach_by=reach_by,
        note=note,
        installed_key=install_key,
        is_for_windows=powershell,
        key_type=KeyType.ECDSA if fips else KeyType.ED25519,
    )
    made = make_token(home, request, find_console(console, console_user, host_key or []))
    _tell(context, made.token, made.line, authorize=authorize, json=json)
    return ExitCode.OK


def _tell(context: typer.Context, token: "EnrolToken", line: str, *, authorize: bool, json: bool) -> None:
    from ops.cli.enrol_token_listing import list_new
    from ops.cli.listing import show_listing
    from ops.cli.values import as_text, count_of
    from ops.enrol_tokens import authorizing
    from ops.enrol_tokens.authorized_keys import default_file

    home = session_of(context).home()
    if authorize:
        authorizing.authorize(home, token.id, default_file())
        token = authorizing.find_token(home, token.id)
    if json:
        show_listing(list_new(token, line, authorizing.authorized_line(home, token)), as_json_text=True)
    else:
        show_lines([line])
    who = "its limits approve" if token.approval is ApprovalMode.AUTO else "each waits for approval"
    say(f"Token {token.id}: {count_of(token.count, 'machine')} until {as_text(token.expires_at)}; {who}.")
    if not authorize:
        say(f"Nobody can use it yet: patchdeck enrol-token authorize {token.id} --install")
    if token.approval is ApprovalMode.AUTO and not token.networks:
        say("Whoever has the line enrols a machine from anywhere: --network says from where.")
