"""`patchdeck about`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_as_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("about")(about)


def about(
    context: typer.Context,
    update: Annotated[
        str,
        typer.Argument(metavar="UPDATE", help="A package, NAME=VERSION or KB5044284, with *.", show_default=False),
    ],
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show all that is known of an update that machines miss.

    Its advisories and CVEs as the feeds have them (CVSS, known to be exploited), who needs it since when, and which
    deployments take it next. Why it is not installed: patchdeck why.
    """
    from ops.cli.about_page import about_lines, list_about
    from ops.cli.listing import show_listing
    from ops.update_about import about_update
    from ops.why.finding import find_everywhere, group_by_update

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    known = [about_update(home, found, None, at) for found in group_by_update(find_everywhere(home, update, at))]
    say_as_of(home, at)
    if json:
        show_listing(list_about(known), as_json_text=True)
    else:
        for number, each in enumerate(known):
            show_lines((*([""] if number else []), *about_lines(each)))
    return ExitCode.OK
