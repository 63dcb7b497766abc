"""`patchdeck audit verify`."""

from pathlib import Path
from typing import Annotated

import typer

from fleet.errors import BadInput
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("verify")(verify)


def verify(
    context: typer.Context,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="HASH|NUMBER:HASH",
            help="A head that was noted before: it has to be part of the chain.",
            show_default=False,
        ),
    ] = None,
    since_head: Annotated[
        Path | None,
        typer.Option(
            "--since-head",
            metavar="FILE",
            help="The same, of all heads in a file with what `patchdeck audit head` printed; - reads standard input.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Find out whether the audit is as it was written.

    Each entry is chained to the one before it by a hash: an entry that was changed, removed, put in or reordered shows.
    What a known head and the table Audit have is compared too; without them, a cut end does not show.

    Ends with 12 where something is off, and says at which entry.

    Example: `patchdeck audit verify --since-head /media/usb/patchdeck-head`
    """
    from ops.audit.known_heads import known_head, read_head_file
    from ops.audit.verifying import verify_audit
    from ops.cli.audit_verdict import list_verdict, verdict_lines
    from ops.cli.listing import show_listing

    if head is not None and since_head is not None:
        raise BadInput("Give --head or --since-head, not both.")
    known = (known_head(head),) if head is not None else read_head_file(since_head) if since_head is not None else ()
    verdict = verify_audit(session_of(context).home(), known)
    if json:
        show_listing(list_verdict(verdict), as_json_text=True)
    else:
        show_lines(verdict_lines(verdict))
    return ExitCode.OK if verdict.is_whole else ExitCode.AUDIT_BROKEN
