"""`patchdeck updates`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, before_all, read_as_of, say_as_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("updates")(updates)


def updates(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET", help="Names, globs, tag:key=value, os:linux. Default: all.", show_default=False
        ),
    ] = None,
    class_: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            metavar="CLASS",
            help="Only critical, security, others, unclassified, or a class of Windows such as update-rollups; several "
            "times.",
        ),
    ] = None,
    kb: Annotated[
        list[str] | None,
        typer.Option("--kb", metavar="KB", help="Only updates of Windows with this article: KB5044284; several times."),
    ] = None,
    installable: Annotated[
        bool | None,
        typer.Option("--installable/--not-installable", help="Only what an ordinary upgrade would (not) install now."),
    ] = None,
    by_update: Annotated[
        bool, typer.Option("--by-update", help="One row for each update, with the number of machines that miss it.")
    ] = False,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List missing updates.

    As the machines' last answers had them, and why each is or is not installable. Which Windows machines
    miss one: patchdeck updates os:windows --kb KB5044284
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import describe_coverage
    from ops.cli.update_listing import (
        describe_total,
        has_article,
        list_update_groups,
        list_updates,
        parse_articles,
        parse_classes,
    )
    from ops.missing import list_missing
    from ops.missing_groups import group_missing
    from ops.state.audit import utc_now
    from ops.statuses import statuses_of

    classes, articles = parse_classes(class_ or []), parse_articles(kb or [])
    home = session_of(context).home()
    at = read_as_of(home, as_of)
    statuses = statuses_of(home, targets or ["all"], at)
    missing = list_missing(home, {status.machine.id for status in statuses}, at) if statuses else []
    shown = [
        found
        for found in missing
        if (not classes or found.update.classification in classes)
        and (not articles or has_article(found.update, articles))
        and (installable is None or found.update.is_installable is installable)
    ]
    listing = list_update_groups(group_missing(shown)) if by_update else list_updates(shown)
    show_listing(listing, as_json_text=json)
    if not (unknown := before_all(home, at)):
        say(describe_total(shown, missing))
    if statuses or not unknown:
        say(describe_coverage(statuses, at or utc_now()))
    say_as_of(home, at)
    return ExitCode.OK
