"""`patchdeck alerts preview`."""

import typer

from ops.cli.alert_options import RuleName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("preview")(preview)


def preview(context: typer.Context, name: RuleName, json: JsonOption = False) -> ExitCode:
    """Show what a rule finds now, and the message that people would get; nothing is kept, nobody is told.

    Ends with 1 where the rule cannot be evaluated.
    """

    from ops.alerts.book import find_rule
    from ops.alerts.previewing import preview_rule
    from ops.cli.alert_listing import list_instances
    from ops.cli.alert_page import message_lines, preview_note
    from ops.cli.listing import show_listing
    from ops.state.audit import utc_now

    session = session_of(context)
    seen = preview_rule(session.home(), session.settings(), find_rule(session.home(), name), utc_now())
    show_listing(list_instances(seen), as_json_text=json)
    if not json and seen.posting is not None:
        show_lines(message_lines(seen.posting))
    say(preview_note(seen))
    return ExitCode.FAILED if seen.measured.problem else ExitCode.OK
