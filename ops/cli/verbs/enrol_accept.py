"""`patchdeck enrol-accept`: the forced command that takes in introductions, and does nothing else."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.enrol_tokens.accepting import Reception
    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("enrol-accept")(accept)


def accept(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token whose key logged in.")],
    json: JsonOption = False,
) -> ExitCode:
    """Take in the introduction of a machine, from standard input; for sshd to run, not for people.

    It stands in authorized_keys as the forced command of a token's key: see `patchdeck enrol-token authorize`. Whatever
    else the client asks for is refused; what it sends is bounded in size and time.

    Example: `patchdeck enrol-accept 9c41d07e <introduction`
    """
    from ops.cli.listing import Column, Listing, show_listing

    _refuse_all_else()
    reception = _receive(_open_home(session_of(context)), token_id)
    if json:
        columns = (Column("name"), Column("state"), Column("is_new"), Column("host_keys"), Column("weak_keys"))
        state = "enrolled" if reception.machine else "pending"
        row = (reception.name, state, reception.is_new, reception.keys, reception.weak_keys)
        show_listing(Listing(columns, [row]), as_json_text=True)
    else:
        _print(reception)
    return ExitCode.OK


def _open_home(session: Session) -> "Home":
    """The home, which is never made here; whoever introduces a machine does not hear where it lies."""
    from fleet.errors import PatchdeckError
    from ops.home import open_home
    from ops.logs import open_log

    try:
        home = open_home(session.home_path, create=False, read_only=session.is_read_only)
    except PatchdeckError as error:
        raise PatchdeckError("The console cannot take the introduction: its home cannot be used.") from error
    open_log(home.log_file)
    return home


def _receive(home: "Home", token_id: str) -> "Reception":
    """What came of it. Whoever sent it hears only of the token and of the introduction, nothing of this home."""
    from fleet.errors import PatchdeckError, StoreBusy
    from fleet.introductions import UnreadableIntroduction
    from ops.enrol_tokens import accepting
    from ops.logs import log_error

    try:
        accepting.require_usable(home, token_id)
        raw = _read(home, token_id)
        return accepting.accept_introduction(home, token_id, raw, _client())
    except (accepting.IntroductionRefused, UnreadableIntroduction):
        raise
    except StoreBusy as error:
        raise StoreBusy("The console is busy: run the line again.") from error
    except PatchdeckError as error:
        log_error("introduction not taken", error, token=token_id)
        raise PatchdeckError("The console cannot take the introduction now: its log says why.") from error


def _read(home: "Home", token_id: str) -> bytes:
    from fleet.introductions import UnreadableIntroduction
    from ops.enrol_tokens.accepting import note_refusal
    from ops.enrol_tokens.reading import read_introduction

    try:
        return read_introduction(0)
    except UnreadableIntroduction as error:
        note_refusal(home, token_id, _client(), str(error))
        raise


def _refuse_all_else() -> None:
    """Refuses a client that asks for something: a command, or a subsystem such as sftp, which sshd tells as one."""
    from fleet.errors import BadInput
    from ops.enrol_tokens.accepting import IntroductionRefused

    if os.environ.get("SSH_ORIGINAL_COMMAND"):
        raise IntroductionRefused("This key introduces machines, and does nothing else.")
    if os.isatty(0):
        raise BadInput("An introduction comes from a file or a pipe, not from a terminal.")


def _client() -> str:
    """The address that the connection came from, by sshd; empty where none did."""
    from fleet.enrol_tokens import read_client

    words = os.environ.get("SSH_CONNECTION", "").split() or [""]
    return words[0] if read_client(words[0]) is not None else ""


def _print(reception: "Reception") -> None:
    """For whoever ran the line, who can compare the fingerprints with what the administrator sees."""
    show_lines([reception.describe()])
    show_lines(f"  host key {key}" for key in reception.keys)
    show_lines(f"  left out: {why}" for why in reception.weak_keys)
