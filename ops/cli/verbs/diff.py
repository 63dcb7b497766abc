"""`patchdeck diff`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

    from ops.home import Home


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("diff")(diff)


def diff(
    context: typer.Context,
    since: Annotated[
        str,
        typer.Argument(
            metavar="FROM", help="The earlier time: yesterday, 2026-11-20T12:00Z, 7d, run:ID.", show_default=False
        ),
    ],
    rest: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TO] [TARGET]...",
            help="The later time, now where none is given; then names, globs, tag:key=value, group:NAME.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Tell how the fleet changed between two times.

    Machines that came and went, became compliant or not; updates that appeared, were installed (by which run, or
    outside Patchdeck), were superseded or hidden; reboots; failed assessments. What one run changed:
    patchdeck diff run:ID run:ID:end
    """
    from ops.cli.diff_listing import describe_difference, list_lines
    from ops.cli.listing import show_listing
    from ops.instants import past_instant
    from ops.past.differences import compare_instants
    from ops.state.audit import utc_now

    session, now = session_of(context), utc_now()
    home = session.home()
    begins = past_instant(home, since, now)
    ends, targets = _read_rest(home, rest or [], now)
    compared = compare_instants(home, session.settings(), begins, ends, targets)
    if not json:
        for line in describe_difference(compared.difference):
            say(line)
    show_listing(list_lines(compared.difference.lines), as_json_text=json)
    for note in compared.notes:
        say(note)
    return ExitCode.OK


def _read_rest(home: "Home", words: list[str], now: "datetime") -> tuple["datetime", list[str]]:
    """The later time, where the first of ``words`` says one, and the targets."""
    from ops.instants import past_instant, says_instant

    if not words or not says_instant(words[0], now):
        return now, words
    return past_instant(home, words[0], now), words[1:]
