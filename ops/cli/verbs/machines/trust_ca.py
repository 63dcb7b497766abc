"""`patchdeck machines trust-ca`, `revoke-key` and `authorities`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from collectors.known_hosts_marks import Mark, MarkedKey

_KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The public key, a .pub file.", show_default=False)]
_Fingerprint = Annotated[
    str | None, typer.Option("--fingerprint", help="Do it if the key has this fingerprint (SHA256:…); else refuse.")
]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_Forget = Annotated[bool, typer.Option("--forget", help="Take it back.")]


def add_to(app: typer.Typer) -> None:
    """Adds the verbs."""
    for name, verb in (("trust-ca", trust), ("revoke-key", revoke), ("authorities", list_)):
        app.command(name)(verb)


def trust(
    context: typer.Context,
    key_file: _KeyFile,
    hosts: Annotated[
        str, typer.Option("--hosts", metavar="PATTERNS", help="For whom it counts: '*.example.com,[10.0.0.*]:2222'.")
    ],
    fingerprint: _Fingerprint = None,
    yes: _Yes = False,
    forget: _Forget = False,
    json: JsonOption = False,
) -> ExitCode:
    """Trust an authority that signs host keys: machines with its certificate need no accepted key of their own.

    A certificate must hold for the very name or address that the machine is reached by, and now.

    Example: `patchdeck machines trust-ca host_ca.pub --hosts '*.example.com'`
    """
    from collectors.known_hosts_marks import Mark

    return _mark(context, Mark.AUTHORITY, key_file, hosts, fingerprint, yes=yes, forget=forget, json=json)


def revoke(
    context: typer.Context,
    key_file: _KeyFile,
    hosts: Annotated[str, typer.Option("--hosts", metavar="PATTERNS", help="For whom.")] = "*",
    fingerprint: _Fingerprint = None,
    yes: _Yes = False,
    forget: _Forget = False,
    json: JsonOption = False,
) -> ExitCode:
    """Refuse a host key or an authority from now on, whatever else trusts it: a machine that shows it is left alone.

    Example: `patchdeck machines revoke-key stolen_host_key.pub`
    """
    from collectors.known_hosts_marks import Mark

    return _mark(context, Mark.REVOKED, key_file, hosts, fingerprint, yes=yes, forget=forget, json=json)


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the authorities that are trusted for host certificates, and the keys that are revoked."""
    from ops.host_authorities import list_marked

    found = list_marked(session_of(context).home())
    _show(found, json=json)
    if not found:
        say("There is none: patchdeck machines trust-ca host_ca.pub --hosts '*.example.com'")
    return ExitCode.OK


def _mark(
    context: typer.Context,
    mark: "Mark",
    key_file: Path,
    hosts: str,
    fingerprint: str | None,
    *,
    yes: bool,
    forget: bool,
    json: bool,
) -> ExitCode:
    from ops.host_authorities import put_marked, read_marked, take_marked

    home = session_of(context).home()
    marked = read_marked(mark, hosts, key_file)
    say(f"{key_file} is {marked.public_line.split()[0]} {marked.fingerprint}, {mark} for {marked.hosts}.")
    if fingerprint is not None and fingerprint != marked.fingerprint:
        raise BadInput(f"That is not {fingerprint}: nothing was changed.")
    if forget:
        is_changed = bool(take_marked(home, mark, marked.fingerprint, marked.hosts))
        say(f"Taken out of {home.known_hosts}." if is_changed else "It was not there: nothing to change.")
    else:
        if fingerprint is None and not yes and not confirm("Is that the key?", "--fingerprint SHA256:… or --yes"):
            raise BadInput("Nothing was changed.")
        is_changed = put_marked(home, marked)
        say(f"Written into {home.known_hosts}." if is_changed else "It says so already: nothing to change.")
    if json:
        _show([marked], json=True)
    return ExitCode.OK


def _show(found: "Sequence[MarkedKey]", *, json: bool) -> None:
    from ops.cli.listing import Column, Listing, show_listing

    columns = (
        Column("mark", "Mark"),
        Column("hosts", "Hosts"),
        Column("algorithm", "Algorithm"),
        Column("fingerprint", "Fingerprint"),
    )
    rows = [(each.mark.value, each.hosts, each.public_line.split()[0], each.fingerprint) for each in found]
    show_listing(Listing(columns, rows), as_json_text=json)
