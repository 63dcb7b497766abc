"""`patchdeck query`."""

from pathlib import Path
from typing import Annotated

import typer

from ops.cli.formats import Format, as_asked
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode
from query.dialects.engines import Engine


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("query")(query)


def query(
    context: typer.Context,
    sql: Annotated[
        str | None,
        typer.Argument(metavar="SQL", help="One SELECT; - reads it from standard input.", show_default=False),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="A predefined or saved query instead: see queries list.")
    ] = None,
    kql: Annotated[
        str | None,
        typer.Option("--kql", metavar="KQL", help="A query in KQL instead; - reads it from standard input."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A value for $NAME in the query; several times."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="TARGET", help="Machines for $machines in the query; several times."),
    ] = None,
    scope: Annotated[bool, typer.Option("--scope", help="For $machines: only those inside the scope.")] = False,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="The moment that now() means, in ISO 8601; UTC if no zone."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="Answer from the state of the fleet at that time (2026-11-20T12:00Z, yesterday, 3d, run:ID), "
            "which is now() too unless --now says otherwise.",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the SQL that would run, and do not run it.")] = False,
    dialect: Annotated[
        Engine | None,
        typer.Option("--dialect", help="With --show or --views: the SQL of another engine.", show_default=False),
    ] = None,
    table_prefix: Annotated[
        str, typer.Option("--table-prefix", metavar="PREFIX", help="What goes before tables there: catalog.schema.")
    ] = "",
    views: Annotated[
        bool, typer.Option("--views", help="Print the statements that make the tables known to that engine.")
    ] = False,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="Default: by the name of the file, else table.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, whole or not at all.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=0, help="Give at most N rows, 0 for all. Default: the settings'."),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="SECONDS", min=0.01, help="Default: the settings'.")
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Ask the tables in SQL, or in KQL.

    The dialect of SQL is DuckDB's: what SELECTs from the tables is answered, all else is refused.

    Limits that bite are told on standard error.
    """
    from ops.cli.past_options import read_as_of
    from ops.cli.query_run import Question, ask, parse_moment, parse_parameters, read_query
    from ops.permission import require_elsewhere

    session = session_of(context)
    question = Question(
        sql=read_query(sql) if sql is not None else None,
        kql=read_query(kql) if kql is not None else None,
        name=name,
        parameters=parse_parameters(param or []),
        now=parse_moment(now) if now is not None else None,
        as_of=read_as_of(session.home(), as_of),
        is_shown_only=show,
        format=as_asked(format_, json=json),
        output=output,
        row_limit=limit,
        time_limit_seconds=time_limit,
        targets=tuple(target or ()),
        in_scope=scope,
    )
    home = session.home()
    if output is not None:
        require_elsewhere(output)
    if dialect is not None or views or table_prefix:
        from ops.cli.dialect_run import show_asked

        show_asked(home, question, dialect, table_prefix, are_views_wanted=views)
        return ExitCode.OK
    ask(home, session.settings(), question)
    return ExitCode.OK
