"""`patchdeck secrets`: the home's own encrypted place for secrets, where there is no keyring."""

from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

_Recipients = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient",
        metavar="KEY",
        help="Public key of age or SSH that may read them, too; may be given several times.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Encrypted files of the home, for passwords where there is no keyring.")
    for name, verb in (("init", init), ("show", show), ("passphrase", passphrase)):
        group.command(name)(verb)
    app.add_typer(group, name="secrets")


def init(context: typer.Context, recipient: _Recipients = None, json: JsonOption = False) -> ExitCode:
    """Make the encrypted place: behind a passphrase, or for the identity that secrets.identity_file names.

    The passphrase is asked for twice, or read as one line of standard input. Nobody can open the files without it.

    Example: `patchdeck secrets init`
    """
    from pathlib import Path

    from ops.credentials.identities import (
        is_sealed,
        new_identity,
        read_identity_file,
        recipients_of,
        require_pair,
    )
    from ops.credentials.session import session_of as secret_session_of
    from ops.enrolment import note_deed
    from ops.secrets import read_new_secret

    session = session_of(context)
    home, vault = session.home(), secret_session_of(session.home()).vault
    own = session.settings().secrets_identity_file
    more = list(recipient or ())
    if vault.is_made:
        say(f"{vault.folder} is there already: nothing to do.")
    elif own is not None:
        path = Path(own).expanduser()
        recipients = more if is_sealed(path) else [*recipients_of(read_identity_file(path), own, more), *more]
        if not is_sealed(path):
            require_pair(path, recipients)
        vault.make(recipients)
        note_deed(home, "secrets.init", str(vault.folder))
    else:
        sealed, public = new_identity(read_new_secret("Passphrase for the home's secrets: "))
        vault.make([public, *more], sealed)
        note_deed(home, "secrets.init", str(vault.folder))
    return _tell(context, json=json)


def show(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Show whether there is an encrypted place, how many secrets are in it, and whether they can be opened here.

    Nobody is asked for a passphrase.
    """
    return _tell(context, json=json)


def passphrase(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Change the passphrase; the secrets themselves stay as they are.

    It asks for the one that holds, then twice for the new one. Without a terminal: a line of standard input each.
    """
    from fleet.errors import BadInput
    from ops.credentials.identities import open_sealed, seal_identity
    from ops.credentials.session import session_of as secret_session_of
    from ops.enrolment import note_deed
    from ops.secrets import read_new_secret, read_secret

    home = session_of(context).home()
    vault = secret_session_of(home).vault
    if not vault.has_passphrase:
        raise BadInput(f"No passphrase is in use at {vault.folder}.")
    identity = open_sealed(vault.identity_file, read_secret("Passphrase until now: "))
    vault.replace_identity(seal_identity(identity, read_new_secret("New passphrase: ")))
    note_deed(home, "secrets.passphrase", str(vault.folder))
    say("The passphrase is changed. What unlocks the service must know it, too.")
    return _tell(context, json=json)


def _tell(context: typer.Context, *, json: bool) -> ExitCode:
    from ops.cli.listing import Column, Listing, show_listing
    from ops.credentials.keeping import has_keyring
    from ops.credentials.session import session_of as secret_session_of

    session = secret_session_of(session_of(context).home())
    columns = (
        Column("folder", "Encrypted files"),
        Column("is_made", "There"),
        Column("secrets", "Secrets", is_number=True),
        Column("opens", "Opens here"),
        Column("problem", "Problem"),
        Column("has_keyring", "Keyring"),
    )
    vault = session.vault
    opens, problem = session.standing()
    row = (str(vault.folder), vault.is_made, len(vault.entries()), opens, problem, has_keyring())
    show_listing(Listing(columns, [row]), as_json_text=json)
    return ExitCode.OK
