"""`patchdeck sources`: lists that machines came from, and those that are read again from time to time."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.importing.source import Source
    from ops.importing.sources import SourceReading

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The source.")]
_MOST_REFUSED = 5
_NO_SOURCE = "No list is followed: patchdeck machines import FILE --all --follow"


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Lists that machines came from, and are read again from time to time.")
    for name, verb in (("list", list_), ("show", show), ("run", run), ("edit", edit), ("remove", remove)):
        group.command(name)(verb)
    app.add_typer(group, name="sources")


def list_(
    context: typer.Context,
    all: Annotated[
        bool, typer.Option("--all", help="Also lists that were imported once and are not followed.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """List the sources: how many machines each names, how many it ceased to, when it was read, why it could not be.

    Example: patchdeck sources list
    """
    from ops.cli.import_listing import list_sources
    from ops.cli.listing import show_listing
    from ops.importing import sources

    known = sources.list_sources(session_of(context).home(), followed_only=not all)
    show_listing(list_sources(known), as_json_text=json)
    if not known:
        say(_NO_SOURCE)
    return ExitCode.OK


def show(context: typer.Context, name: _Name, json: JsonOption = False) -> ExitCode:
    """Show the machines of a source, and since when it does not name some of them.

    Example: patchdeck sources show hosts.ini
    """
    from ops.cli.import_listing import list_members, list_sources
    from ops.cli.listing import show_listing
    from ops.importing import sources

    home = session_of(context).home()
    source = sources.find_source(home, name)
    machines = sources.machines_of(home, source)
    show_listing(list_members(machines), as_json_text=json)
    if not json:
        columns, row = list_sources([source]).columns, list_sources([source]).rows[0]
        for column, value in zip(columns, row, strict=True):
            if text := column.show(value):
                say(f"{column.name.replace('_', ' '):<14} {text}")
    return ExitCode.OK


def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Sources. Default: all that are followed.")
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Read sources now, and take over what they say.

    What is refused stays out; what was changed or removed by hand stays so; machines that a list does not name any
    more are marked, never removed. A list that cannot be read changes nothing, and the exit code is 1.

    Example: patchdeck sources run hosts.ini
    """
    from ops.cli.import_listing import list_sources
    from ops.cli.listing import show_listing
    from ops.importing import sources

    home = session_of(context).home()
    chosen = names or [source.name for source in sources.list_sources(home, followed_only=True)]
    for name in chosen:
        sources.find_source(home, name)
    readings = []
    for name in dict.fromkeys(chosen):
        reading = sources.run_source(home, name, asked=True)
        say(_describe(reading))
        readings.append(reading)
    show_listing(list_sources([reading.source for reading in readings]), as_json_text=json)
    if not chosen:
        say(_NO_SOURCE)
    return ExitCode.FAILED if any(reading.outcome is None for reading in readings) else ExitCode.OK


def edit(
    context: typer.Context,
    name: _Name,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE", help="Where the list is now.")] = None,
    follow: Annotated[
        bool | None, typer.Option("--follow/--no-follow", help="Whether it is read from time to time.")
    ] = None,
    every: Annotated[int | None, typer.Option("--every", metavar="MINUTES", help="How often it is read.")] = None,
    new: Annotated[
        str | None, typer.Option("--new", metavar="WHAT", help="What becomes of new machines: enrol or propose.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Only these, or web-*; an empty text: all.")
    ] = None,
    excluded: Annotated[
        list[str] | None, typer.Option("--except", metavar="NAME", help="Not these, or web-*; an empty text: none.")
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Change how a source is followed; what is not given stays.

    With --no-follow its machines stay as they are, and marks of missing ones go.

    Example: patchdeck sources edit hosts.ini --every 15
    """
    from fleet.importing.source import parse_new_machines
    from ops.cli.import_listing import list_sources
    from ops.cli.listing import show_listing
    from ops.importing import sources

    def change(source: "Source") -> "Source":
        request = source.request
        if file is not None:
            request = replace(request, path=file)
        if only is not None:
            request = replace(request, only=tuple(filter(None, only)))
        if excluded is not None:
            request = replace(request, excluded=tuple(filter(None, excluded)))
        following = source.following
        if every is not None:
            following = replace(following, every_minutes=every)
        if new is not None:
            following = replace(following, new_machines=parse_new_machines(new))
        followed = source.followed if follow is None else follow
        return replace(source, request=request, following=following, followed=followed)

    before, after = sources.edit_source(session_of(context).home(), name, change)
    say(f"{after.name}: changed." if before != after else f"{after.name}: nothing to change.")
    show_listing(list_sources([after]), as_json_text=json)
    return ExitCode.OK


def remove(context: typer.Context, name: _Name, json: JsonOption = False) -> ExitCode:
    """Forget a source; its machines and groups stay as they are.

    Example: patchdeck sources remove hosts.ini
    """
    from ops.cli.import_listing import list_sources
    from ops.cli.listing import show_listing
    from ops.importing import sources

    source = sources.remove_source(session_of(context).home(), name)
    say(f"Forgot the source {source.name}; its machines stay.")
    if json:
        show_listing(list_sources([source]), as_json_text=True)
    return ExitCode.OK


def _describe(reading: "SourceReading") -> str:
    source, outcome = reading.source, reading.outcome
    if outcome is None:
        return f"{source.name} could not be read, and nothing was changed: {source.error}"
    said = ", ".join(f"{count:,} {state.value}" for state, count in outcome.counts.items() if count)
    proposed = f"; {len(reading.proposed):,} proposed: patchdeck machines candidates" if reading.proposed else ""
    refused = "".join(
        f"\n  {row.place} ({row.name or 'no name'}): {row.reason}" for row in outcome.refused[:_MOST_REFUSED]
    )
    if len(outcome.refused) > _MOST_REFUSED:
        refused += (
            f"\n  and {len(outcome.refused) - _MOST_REFUSED:,} more: patchdeck machines import {source.request.path}"
        )
    return f"{source.name}: {said or 'nothing'}{proposed}.{refused}"
