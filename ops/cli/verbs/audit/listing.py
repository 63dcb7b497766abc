"""`patchdeck audit` without a verb: the deeds, the newest first."""

from typing import Annotated

import typer

from fleet.errors import BadInput
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds what the group does by itself."""
    group.callback(invoke_without_command=True)(audit)


def audit(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME|AGE", help="From then on: 2026-11-20T12:00Z, 7d, 12h, 30min.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME|AGE", help="From before then.", show_default=False)
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="USER|GLOB", help="Done by them, also when they had become another user.")
    ] = "",
    action: Annotated[
        str, typer.Option("--action", metavar="NAME|GLOB", help="What was done: machine.edit, 'deployment.*'.")
    ] = "",
    target: Annotated[str, typer.Option("--target", metavar="NAME|GLOB", help="What it was done to.")] = "",
    machine: Annotated[
        str,
        typer.Option(
            "--machine",
            metavar="NAME|ID",
            help="What was done to this machine, under whatever name it had then; it may be retired or removed by now.",
        ),
    ] = "",
    below: Annotated[
        int | None,
        typer.Option("--below", metavar="N", min=1, help="Entries before number N: the next page.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many entries.")] = 100,
    json: JsonOption = False,
) -> ExitCode:
    """Show who did what, when and from where.

    The newest deeds come first, each with what it changed. All conditions that are given hold together.

    Example: `patchdeck audit --by alice --action 'deployment.*' --since 7d`
    """
    if context.invoked_subcommand is not None:
        _require_none_given(context)
        return ExitCode.OK
    from ops.audit.book import deeds_of, list_deeds
    from ops.cli.audit_listing import list_entries, write_entries
    from ops.cli.listing import show_listing
    from ops.cli.moments import read_moment
    from ops.state.audit import utc_now
    from ops.state.audit_search import AuditFilter

    now = utc_now()
    wanted = AuditFilter(
        read_moment(since, "--since", now), read_moment(until, "--until", now), by, action, target, below=below
    )
    home = session_of(context).home()
    if json:
        with deeds_of(home, wanted, limit, machine) as entries:
            write_entries(entries)
        return ExitCode.OK
    page = list_deeds(home, wanted, limit, machine)
    show_listing(list_entries(page.entries), as_json_text=False)
    if page.next_below is not None:
        say(f"There are earlier ones: add --below {page.next_below}.")
    elif not page.entries:
        say("No entry of the audit is meant by that.")
    return ExitCode.OK


def _require_none_given(context: typer.Context) -> None:
    given = next((name for name, value in context.params.items() if value and (name, value) != ("limit", 100)), None)
    if given is not None:
        raise BadInput(
            f"--{given} stands before {context.invoked_subcommand}: it belongs behind it, or to `patchdeck audit` "
            "without a verb."
        )
