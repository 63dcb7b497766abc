"""`patchdeck machines edit`."""

from typing import Annotated, TypeVar

import typer

from fleet.errors import UnknownName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.cli.verbs.machines.rename import say_consequences
from ops.cli.verbs.machines.winrm_options import CLEARABLE, WinrmOptions
from ops.exit_codes import ExitCode

T = TypeVar("T")

MACHINE_CLEARABLE = ("address", "port", "user", "key-file", "proxy-jump", "transcript", "os", "profile", *CLEARABLE)


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("edit")(edit)


def edit(
    context: typer.Context,
    name: options.Name,
    new_name: Annotated[str | None, typer.Option("--name", help="A new name; its history stays with it.")] = None,
    address: options.Address = None,
    port: options.Port = None,
    user: options.User = None,
    key_file: options.KeyFile = None,
    proxy_jump: options.ProxyJump = None,
    transport: options.Transport = None,
    transcript: options.Transcript = None,
    become: options.Becoming = None,
    tag: options.Tags = None,
    untag: Annotated[
        list[str] | None, typer.Option("--untag", metavar="KEY", help="Remove a tag; may be given several times.")
    ] = None,
    os_type: options.System = None,
    profile: options.Profile = None,
    winrm: options.Winrm = None,
    http: options.Http = None,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    clear_text: options.ClearText = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="OPTION", help=f"Back to the default: one of {', '.join(MACHINE_CLEARABLE)}."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Change how a machine is reached or called.

    What is not given stays. A new name is followed by the groups and deployments that name the machine exactly.

    Example: `patchdeck machines edit web-01 --user deploy --tag env=prod`
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import list_definitions
    from ops.enrolment import Definition, differences, edit_machine, parse_tags

    cleared = _check_clear(clear or [])
    added, removed = parse_tags(tag or []), set(untag or ())
    way = WinrmOptions(winrm, http, ca_file, proxy, clear_text)

    def pick(option: str, given: T | None, old: T | None) -> T | None:
        return None if option in cleared else old if given is None else given

    def change(old: Definition) -> Definition:
        new = Definition(
            name=new_name or old.name,
            transport=transport or old.transport,
            address=pick("address", address, old.address),
            port=pick("port", port, old.port),
            user=pick("user", user, old.user),
            key_file=pick("key-file", key_file, old.key_file),
            proxy_jump=pick("proxy-jump", proxy_jump, old.proxy_jump),
            transcript=pick("transcript", transcript, old.transcript),
            become=become or old.become,
            tags={key: value for key, value in old.tags.items() if key not in removed} | dict(added),
            os_type=pick("os", os_type, old.os_type),
            profile=pick("profile", profile, old.profile),
        )
        return way.changed(old, new, has_port=port is not None, cleared=cleared)

    edit = edit_machine(session_of(context).home(), name, change)
    after, changed = edit.after, differences(edit.before, edit.after)
    say(f"{after.name}: changed {', '.join(changed)}." if changed else f"{after.name}: nothing to change.")
    say_consequences(edit)
    if json:
        show_listing(list_definitions([after]), as_json_text=True)
    return ExitCode.OK


def _check_clear(names: list[str]) -> set[str]:
    for name in names:
        if name not in MACHINE_CLEARABLE:
            raise UnknownName("option to clear", name, MACHINE_CLEARABLE)
    return set(names)
