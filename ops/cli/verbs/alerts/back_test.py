"""`patchdeck alerts back-test`."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.alert_options import RuleName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.alerts.rule import AlertRule
    from ops.home import Home

_QUARTER = timedelta(days=91)


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("back-test")(back_test)


def back_test(
    context: typer.Context,
    name: RuleName,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="ISO 8601; UTC if no zone. Default: 91 days before.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="ISO 8601. Default: now.")] = None,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="SPAN", help="Evaluate so often: 1h, 1d. Default: some 100 times in all."),
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", metavar="SECONDS", min=1, max=86_400, help="Stop after so long.")
    ] = 60.0,
    json: JsonOption = False,
) -> ExitCode:
    """Show when a rule would have fired in the past, going by what history holds. Nobody is told.

    NAME is a rule, or one of the starter set that was not added yet.

    Example: `patchdeck alerts back-test security-overdue --from 2026-07-01 --to 2026-10-01`
    """

    from fleet.alerts.spelling import parse_minutes
    from ops.alerts.back_test import run_back_test
    from ops.cli.alert_listing import list_tellings
    from ops.cli.alert_page import back_test_lines, back_test_notes
    from ops.cli.listing import show_listing
    from ops.cli.query_run import parse_moment
    from ops.state.audit import utc_now

    session = session_of(context)
    rule = _find(session.home(), name)
    ends_at = parse_moment(end) if end is not None else utc_now()
    begins_at = parse_moment(begin) if begin is not None else ends_at - _QUARTER
    step = timedelta(minutes=parse_minutes(every)) if every is not None else None
    test = run_back_test(
        session.home(), session.settings(), rule, begins_at, ends_at, step=step, deadline_seconds=deadline
    )
    if json:
        show_listing(list_tellings(test), as_json_text=True)
    else:
        show_lines(back_test_lines(test))
    for line in back_test_notes(test):
        say(line)
    return ExitCode.FAILED if test.failures == test.evaluations else ExitCode.OK


def _find(home: "Home", name: str) -> "AlertRule":
    from fleet.errors import UnknownName
    from ops.alerts.book import find_rule
    from ops.alerts.starter import find_starter

    try:
        return find_rule(home, name)
    except UnknownName:
        try:
            return find_starter(name)
        except UnknownName:
            pass
        raise
