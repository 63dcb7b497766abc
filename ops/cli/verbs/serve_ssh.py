"""`patchdeck serve-ssh`: the app for people who log in over SSH with a key, and nothing else."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_text
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.config import Settings
    from ops.serve_ssh.desk import Limits
    from ops.serve_ssh.running import Serving


class RoleName(StrEnum):
    """What a login may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


_Listen = Annotated[
    str | None,
    typer.Option("--listen", metavar="ADDRESS:PORT", help="Where to listen; else the setting serve.listen."),
]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group(
        "Serve the app over SSH: each login gets the app and nothing else.\n\nIn the foreground, as the owner of the "
        "home: whose key is listed by `serve-ssh keys list` gets the app; no shell, no program, no files, no "
        "forwarding. SIGTERM and Ctrl-C end it, and its sessions; what they began in the service goes on."
    )
    group.callback(invoke_without_command=True)(serve)
    group.command("unit")(unit)
    keys = new_group("Whose keys may log in, and as what.")
    keys.command("add")(add)
    keys.command("list")(list_keys)
    keys.command("remove")(remove)
    group.add_typer(keys, name="keys")
    sessions = new_group("Who is in now.")
    sessions.command("list")(list_sessions)
    sessions.command("end")(end_session)
    group.add_typer(sessions, name="sessions")
    app.add_typer(group, name="serve-ssh")


def serve(context: typer.Context, listen: _Listen = None) -> ExitCode:
    """Serve the app over SSH, unless a verb of the group is called."""
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    from fleet.errors import BadInput
    from fleet.listening import parse_open_listen
    from ops.cli.signals import heeded_signals
    from ops.serve_ssh.login_keys import read_login_keys, require_owner
    from ops.serve_ssh.running import run_server

    session = session_of(context)
    home, settings = session.home(), session.settings()
    require_owner(home, "serve it over SSH")
    if not read_login_keys(home):
        raise BadInput("Nobody may log in yet: patchdeck serve-ssh keys add NAME KEYFILE --role viewer|operator|admin")
    place = parse_open_listen(listen or settings.serve_listen)
    run_server(home, place, _limits(settings), session.app_parent, _tell, heeded=heeded_signals())
    return ExitCode.OK


def unit(context: typer.Context) -> ExitCode:
    """Print a systemd unit that runs the server; nothing is written."""
    from ops.serve_ssh.unit import unit_text

    show_text(unit_text(session_of(context).home()))
    return ExitCode.OK


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who it is; one person has one name and one role.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="A public key: its file, its line, or - for stdin.")],
    role: Annotated[RoleName, typer.Option("--role", help="What they may do.")] = RoleName.VIEWER,
    json: JsonOption = False,
) -> ExitCode:
    """Let somebody log in with a key.

    As the owner of the home: patchdeck serve-ssh keys add anna anna.pub --role operator. At once, also while the
    server runs.
    """
    from fleet.roles import MEANINGS, Role
    from fleet.ssh_logins import LoginKey, check_login_name, read_public_key
    from ops.cli.listing import show_listing
    from ops.cli.login_listing import list_login_keys
    from ops.serve_ssh.login_keys import add_login_key

    home = session_of(context).home()
    line, comment = read_public_key(_text_of(key))
    kept = add_login_key(home, LoginKey(check_login_name(name), Role[role.name], line, comment))
    if json:
        show_listing(list_login_keys([kept]), as_json_text=True)
    say(f"{kept.name} may log in as {kept.role.word} with {kept.fingerprint}. They may: {MEANINGS[kept.role]}.")
    return ExitCode.OK


def list_keys(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List who may log in, as what, with which keys."""
    from ops.cli.listing import show_listing
    from ops.cli.login_listing import list_login_keys
    from ops.serve_ssh.login_keys import read_login_keys

    keys = read_login_keys(session_of(context).home())
    show_listing(list_login_keys(keys), as_json_text=json)
    if not keys:
        say("Nobody may log in over SSH. To let somebody in: patchdeck serve-ssh keys add NAME KEYFILE")
    return ExitCode.OK


def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME|FINGERPRINT", help="A login with all its keys, or one key.")],
    json: JsonOption = False,
) -> ExitCode:
    """Let somebody in no more; their sessions end within seconds."""
    from ops.cli.listing import show_listing
    from ops.cli.login_listing import list_login_keys
    from ops.serve_ssh.login_keys import remove_login_keys

    gone = remove_login_keys(session_of(context).home(), name)
    if json:
        show_listing(list_login_keys(gone), as_json_text=True)
    for each in gone:
        say(f"{each.name} does not get in with {each.fingerprint} any more.")
    return ExitCode.OK


def list_sessions(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the sessions that are open: whose, since when, from where.

    A server that was killed leaves them in the list, as such, until it is started again.
    """
    from ops.cli.listing import show_listing
    from ops.cli.login_listing import list_open_sessions
    from ops.serve_ssh import open_sessions

    found = open_sessions.list_sessions(session_of(context).home())
    show_listing(list_open_sessions(found), as_json_text=json)
    if not found:
        is_served = open_sessions.is_served(session_of(context).home())
        say("Nobody is in over SSH." if is_served else "Nobody is in over SSH, and no server runs: patchdeck serve-ssh")
    return ExitCode.OK


def end_session(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="SESSION|LOGIN", help="One session, or all of a login.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit and for whoever is in.")] = "",
    json: JsonOption = False,
) -> ExitCode:
    """End a session, or all of a login, within seconds; its key still lets in (else: serve-ssh keys remove)."""
    from ops.cli.listing import show_listing
    from ops.cli.login_listing import list_open_sessions
    from ops.serve_ssh.open_sessions import SeenSession, end_sessions

    ended = end_sessions(session_of(context).home(), which, reason)
    if json:
        show_listing(list_open_sessions([SeenSession(each, is_served=True) for each in ended]), as_json_text=True)
    for each in ended:
        say(f"The session {each.login.session} of {each.login.name} ends.")
    return ExitCode.OK


def _text_of(key: str) -> str:
    import sys

    from fleet.errors import BadInput

    if key == "-":
        return sys.stdin.read(_MOST_KEY_CHARACTERS)
    if " " in key.strip():
        return key
    try:
        with Path(key).expanduser().open(encoding="utf-8", errors="replace") as file:
            return file.read(_MOST_KEY_CHARACTERS)
    except OSError as error:
        raise BadInput(f"Cannot read {key}: {error.strerror}. Give a public key, or the file that holds it.") from error


_MOST_KEY_CHARACTERS = 32_768


def _limits(settings: "Settings") -> "Limits":
    from ops.serve_ssh.desk import Limits

    return Limits(
        settings.serve_sessions,
        settings.serve_sessions_of_one,
        settings.serve_strangers,
        settings.serve_strangers_of_one,
        settings.serve_login_seconds,
        settings.serve_idle_minutes * 60,
    )


def _tell(serving: "Serving") -> None:
    from ops.service.notify import notify

    say(f"The app is served on {serving.place}; Ctrl-C ends it. Its key: {serving.fingerprint}")
    notify("READY=1")
