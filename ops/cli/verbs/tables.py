"""`patchdeck tables`: what is stored, what is loaded into it, and its upkeep."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode

TablesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[TABLE...]", help="Default: every table.", show_default=False)
]


class UnknownColumns(StrEnum):
    """What becomes of columns that a table does not have."""

    REFUSE = "refuse"
    ASIDE = "aside"
    DROP = "drop"


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("The record tables.")
    group.command("list")(list_)
    group.command("load")(load)
    group.command("check")(check)
    group.command("compact")(compact)
    group.command("vacuum")(vacuum)
    group.command("stats")(stats)
    group.command("key")(key)
    app.add_typer(group, name="tables")


def list_(
    context: typer.Context,
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help="Show the columns of this table.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """List the record tables, or the columns of one.

    Tables with their sizes; columns with their types and meanings.
    """
    from ops.cli.listing import show_listing
    from ops.cli.table_listing import list_columns, list_tables

    session = session_of(context)
    listing, broken = (list_columns(table), 0) if table else list_tables(session.home(), session.settings())
    show_listing(listing, as_json_text=json)
    return ExitCode.HOME_UNUSABLE if broken else ExitCode.OK


def load(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The table that the rows are of.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="NDJSON, a JSON array, CSV or Parquet: by the file's name.")
    ],
    unknown: Annotated[
        UnknownColumns,
        typer.Option("--unknown", help="Columns that the table lacks: refuse, keep aside in a file, or drop."),
    ] = UnknownColumns.REFUSE,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Load the others where rows cannot be taken.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be loaded.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Load rows that a Log Analytics workspace exported.

    Rows that are stored already are not taken again; all of a call is loaded in one commit, or nothing.

    Rows of Update go to UpdateHistory.
    """
    from ops.cli.listing import show_listing
    from ops.cli.load_run import load_files
    from ops.store.loading.headings import Unknown
    from ops.store.loading.load import LoadOptions

    session = session_of(context)
    options = LoadOptions(Unknown(unknown.value), skip_bad, dry_run)
    loaded = load_files(session.home(), session.settings(), table, files, options)
    show_listing(loaded, as_json_text=json)
    return ExitCode.OK


def check(
    context: typer.Context,
    tables: TablesArgument = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Go on without files that are missing or torn; their rows are lost.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Read every file of the tables, and say what is wrong and what to do.

    Ends with 1 if something is.
    """
    from ops.cli.care_run import check_tables, choose
    from ops.cli.listing import show_listing

    session = session_of(context)
    listing, problems = check_tables(session.home(), session.settings(), choose(tables or ()), forget=forget)
    show_listing(listing, as_json_text=json)
    return ExitCode.FAILED if problems else ExitCode.OK


def compact(context: typer.Context, tables: TablesArgument = None, json: JsonOption = False) -> ExitCode:
    """Join the small files of each day into one.

    The service does so by itself; readers are not disturbed.
    """
    from ops.cli.care_run import choose, compact_tables
    from ops.cli.listing import show_listing

    session = session_of(context)
    listing, broken = compact_tables(session.home(), session.settings(), choose(tables or ()))
    show_listing(listing, as_json_text=json)
    return ExitCode.HOME_UNUSABLE if broken else ExitCode.OK


def vacuum(
    context: typer.Context,
    tables: TablesArgument = None,
    hours: Annotated[
        int | None,
        typer.Option("--hours", min=1, help="Keep what was in use since. Default: 24 where rows are added, else 2."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Delete files that only old versions of the tables need.

    The service does so by itself. Whoever still reads such a version fails.
    """
    from ops.cli.care_run import choose, vacuum_tables
    from ops.cli.listing import show_listing

    session = session_of(context)
    listing, broken = vacuum_tables(session.home(), session.settings(), choose(tables or ()), hours, dry_run=dry_run)
    show_listing(listing, as_json_text=json)
    return ExitCode.HOME_UNUSABLE if broken else ExitCode.OK


def stats(context: typer.Context, tables: TablesArgument = None, json: JsonOption = False) -> ExitCode:
    """Show what the tables hold, since when, and how fast they grow.

    A month is the last 30 days. How long rows are kept is in the settings, by table; empty is for ever.
    """
    from ops.cli.care_run import choose, show_stats
    from ops.cli.listing import show_listing

    session = session_of(context)
    listing, broken = show_stats(session.home(), session.settings(), choose(tables or ()))
    show_listing(listing, as_json_text=json)
    return ExitCode.HOME_UNUSABLE if broken else ExitCode.OK


def key(
    context: typer.Context,
    forget: Annotated[bool, typer.Option("--forget", help="Remove the kept key.")] = False,
) -> ExitCode:
    """Keep the key of the store that the tables lie in, in the system's keyring.

    Asks for the id of the key and for its secret; without a terminal they are two lines of standard input.

    Variables (AWS_ACCESS_KEY_ID, …) and profiles stand above it.
    """
    from fleet.errors import BadInput
    from ops.cli.terminal import say
    from ops.enrolment import note_deed
    from ops.secrets import read_secret
    from ops.store.objects.kept_keys import StoreKey, forget_key, keep_key

    session = session_of(context)
    url = session.settings().tables
    if url is None or not url.startswith("s3://"):
        raise BadInput("The tables of this home do not lie in a store of S3: `tables` in config.toml says where.")
    if forget:
        is_gone = forget_key(url)
        if is_gone:
            note_deed(session.home(), "tables.forget-key", url)
        say("The key is removed." if is_gone else "There was no key.")
        return ExitCode.OK
    identity = read_secret("Id of the access key: ").reveal()
    keep_key(url, StoreKey(identity, read_secret("Its secret: ")))
    note_deed(session.home(), "tables.keep-key", url)
    say(f"The key {identity[:4]}… is kept for {url}.")
    return ExitCode.OK
