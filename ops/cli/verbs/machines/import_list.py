"""`patchdeck machines import`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.importing.preview import ImportPreview
    from fleet.importing.source import Following
    from ops.importing.applying import ImportOutcome

_FORMATS = "csv, ssh-config, ansible, apt-dater, azure or zone"


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("import")(import_)


def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The list: a file, or the folder of an inventory.")],
    format: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help=f"{_FORMATS}. Default: by name and content.")
    ] = None,
    take_all: Annotated[bool, typer.Option("--all", help="Take over all that the preview shows.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Take over this one, or web-*; again for more.")
    ] = None,
    excluded: Annotated[
        list[str] | None, typer.Option("--except", metavar="NAME", help="Leave this one out, or web-*; again for more.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")] = False,
    skip_refused: Annotated[
        bool, typer.Option("--skip-refused", help="Leave out what is refused, and take over the rest.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Take the list's word also where somebody changed a machine by hand.")
    ] = False,
    groups: Annotated[
        bool, typer.Option("--groups/--no-groups", help="Whether groups of the list become groups.")
    ] = True,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="In a table: name='Server Name', or name=1 by number."),
    ] = None,
    tag_variables: Annotated[
        list[str] | None,
        typer.Option("--tag-var", metavar="NAME", help="Make a tag of this column or variable; again for more."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of the text, as in cp1252. Default: UTF-8.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="NAME", help="What names in a zone file are relative to.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="What to call the list. Default: after its file.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Read the list again from time to time: see patchdeck sources.")
    ] = False,
    every: Annotated[
        int | None, typer.Option("--every", metavar="MINUTES", help="How often, with --follow. Default: 60.")
    ] = None,
    new: Annotated[
        str | None,
        typer.Option("--new", metavar="WHAT", help="With --follow, machines that are new later: enrol or propose."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Import machines from a list: CSV, ssh_config, Ansible, apt-dater, Azure, DNS zone.

    Without --all or --only it shows what would be new, changed, unchanged and refused, and changes nothing. Doing it
    again changes nothing more. What somebody changed by hand stays, and is told. Nothing is connected to.

    Example: patchdeck machines import hosts.csv --all --skip-refused
    """
    from fleet.importing.request import ImportRequest, ReadingOptions
    from ops.importing import preview_import

    request = ImportRequest(
        path=file,
        format=format or "",
        source=source or "",
        options=ReadingOptions(_pairs(columns or []), tuple(tag_variables or ()), encoding or "", zone or ""),
        only=tuple(only or ()),
        excluded=tuple(excluded or ()),
        overwrites=overwrite,
        with_groups=groups,
    )
    following = _following(follow, every, new)
    is_meant = (take_all or bool(only)) and not dry_run
    if follow and not (take_all or only):
        raise BadInput("--follow takes over what is there first: give --all or --only.")
    home = session_of(context).home()
    preview = preview_import(home, request)
    if not is_meant:
        return _show(preview, take_all or bool(only), json=json)
    from ops.importing.applying import Applying, apply_import

    if not skip_refused:
        _show_refused(preview, json=json)
    outcome = apply_import(home, preview, Applying(skip_refused=skip_refused, following=following))
    return _tell(preview, outcome, json=json)


def _pairs(texts: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts:
        name, equals, column = text.partition("=")
        if not equals or not column.strip():
            raise BadInput(f"--map {text!r} is not usable: write FIELD=COLUMN, for example name='Server Name'.")
        pairs.append((name.strip().replace("-", "_"), column.strip()))
    return tuple(pairs)


def _following(follow: bool, every: int | None, new: str | None) -> "Following | None":
    from fleet.importing.source import USUAL_MINUTES, Following, check_minutes, parse_new_machines

    if not follow:
        if every is not None or new is not None:
            raise BadInput("--every and --new go with --follow.")
        return None
    minutes = check_minutes(USUAL_MINUTES if every is None else every)
    return Following(minutes, parse_new_machines(new or ""))


def _show(preview: "ImportPreview", is_asked: bool, *, json: bool) -> ExitCode:
    from ops.cli.import_listing import describe_groups, list_rows, notes_of, telling_groups, telling_rows
    from ops.cli.listing import show_listing

    if json:
        show_listing(list_rows(preview.rows, preview.groups, preview.notes), as_json_text=True)
    else:
        show_listing(list_rows(telling_rows(preview.rows), telling_groups(preview.groups)), as_json_text=False)
    for line in (*notes_of(preview), preview.describe(), describe_groups(preview.groups)):
        if line:
            say(line)
    say("Nothing was changed." if is_asked else "Nothing was changed: --all takes all of it over, --only NAME some.")
    return ExitCode.OK


def _show_refused(preview: "ImportPreview", *, json: bool) -> None:
    """Each of the rows for which nothing will be done; the error that follows names only some."""
    from fleet.importing.preview import ImportState
    from ops.cli.import_listing import list_rows
    from ops.cli.listing import show_listing

    refused = [*preview.in_state(ImportState.REFUSED)]
    if refused:
        show_listing(list_rows(refused, ()), as_json_text=json)


def _tell(preview: "ImportPreview", outcome: "ImportOutcome", *, json: bool) -> ExitCode:
    from dataclasses import replace

    from fleet.name_lists import some_of
    from ops.cli.import_listing import describe_groups, list_rows, notes_of, telling_groups, telling_rows
    from ops.cli.listing import show_listing

    done = (*outcome.rows, *outcome.refused)
    if json:
        show_listing(list_rows(done, outcome.groups, preview.notes), as_json_text=True)
    else:
        show_listing(list_rows(telling_rows(done), telling_groups(outcome.groups)), as_json_text=False)
    told = replace(preview, rows=done)
    for line in (*notes_of(preview), told.describe(), describe_groups(outcome.groups)):
        if line:
            say(line)
    say("Taken over, without what is refused." if outcome.refused else "Taken over.")
    if outcome.outdated:
        say(f"Changed here meanwhile and left out: {some_of(outcome.outdated)}. Import again.")
    if outcome.source.followed:
        name, minutes = outcome.source.name, outcome.source.following.every_minutes
        say(f"The service reads {name} again every {minutes} min: patchdeck sources show {name}")
    return ExitCode.MACHINES_FAILED if outcome.outdated else ExitCode.OK
