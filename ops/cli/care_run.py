"""`patchdeck tables check|compact|vacuum|stats`: what becomes of the tables, as rows."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from fleet.errors import BadInput, HomeUnusable
from fleet.tables import TABLES, Table, find_table
from ops.cli.listing import Column, Listing
from ops.cli.terminal import say
from ops.config import Settings
from ops.enrolment import note_deed
from ops.home import Home

if TYPE_CHECKING:
    from ops.store.checking import TableProblem

_T = TypeVar("_T")


def choose(names: Sequence[str]) -> tuple[Table, ...]:
    """The tables called ``names``, every one where none is named.

    Raises:
        UnknownName: there is no such table.
    """
    return tuple(dict.fromkeys(map(find_table, names))) if names else TABLES


def of_each(settings: Settings, tables: Sequence[Table], work: Callable[[Table], _T]) -> tuple[list[_T], int]:
    """What ``work`` gives for each table, and how many are broken: those are told, and the others done.

    Raises:
        HomeUnusable: the store that the tables lie in is away; it would be for each of them.
    """
    done: list[_T] = []
    for table in tables:
        try:
            done.append(work(table))
        except HomeUnusable as error:
            if settings.tables is not None:
                raise
            say(f"patchdeck: {str(error).rstrip('.')}. To see what to do: patchdeck tables check {table.name}")
    return done, len(tables) - len(done)


def check_tables(home: Home, settings: Settings, tables: Sequence[Table], *, forget: bool) -> tuple[Listing, int]:
    """A row for each thing that is wrong, and how many of them are left; ``forget`` goes on without lost files.

    Raises:
        StoreBusy, HomeUnusable: a table cannot be written.
    """
    from ops.store.checking import check_table, forget_lost_files

    for table in tables if forget else ():
        for lost in forget_lost_files(home, table, settings.store_wait_seconds):
            say(f"{lost.table} goes on without {lost.file}: {lost.what}.")
            note_deed(home, "table.forget-lost-file", lost.table, json.dumps({"file": lost.file, "what": lost.what}))
    problems = [problem for table in tables for problem in check_table(home, table)]
    say(_verdict(len(tables), problems))
    columns = (
        Column("table", "Table"),
        Column("file", "File"),
        Column("problem", "Problem"),
        Column("remedy", "Remedy"),
    )
    rows = [(problem.table, problem.file, problem.what, problem.remedy) for problem in problems]
    return Listing(columns, rows), len(problems)


def compact_tables(home: Home, settings: Settings, tables: Sequence[Table]) -> tuple[Listing, int]:
    """A row for each table: its files before and after; and how many are broken.

    Raises:
        StoreBusy: another process holds the tables for too long.
    """
    from ops.store.care import compact_table

    names = ("files_before", "files"), ("size_bytes_before", "size_bytes")
    titles = ("Files before", "Files"), ("Bytes before", "Bytes")
    columns = [
        Column(name, title, is_number=True)
        for pair in zip(names, titles, strict=True)
        for name, title in zip(*pair, strict=True)
    ]
    wait = settings.store_wait_seconds
    done, broken = of_each(settings, tables, lambda table: compact_table(home, table, wait))
    for each in done:
        if each.before != each.after:
            counts = {"files_before": each.before.files, "files": each.after.files}
            note_deed(home, "table.compact", each.table, json.dumps(counts))
    rows = [(d.table, d.before.files, d.after.files, d.before.size_bytes, d.after.size_bytes) for d in done]
    return Listing((Column("table", "Table"), *columns), rows), broken


def vacuum_tables(
    home: Home, settings: Settings, tables: Sequence[Table], hours: int | None, *, dry_run: bool
) -> tuple[Listing, int]:
    """A row for each table: the old files that were deleted; and how many are broken.

    Raises:
        BadInput: a query may last longer than ``hours``.
        StoreBusy: another process holds the tables for too long.
    """
    from ops.store.care import vacuum_table

    if hours is not None and hours * 3600 < settings.query_time_limit_seconds:
        limit = settings.query_time_limit_seconds
        raise BadInput(f"A query may last {limit:g} s (query.time_limit_seconds): files must be kept longer than that.")
    wait = settings.store_wait_seconds
    done, broken = of_each(settings, tables, lambda table: vacuum_table(home, table, hours, wait, dry_run=dry_run))
    if dry_run:
        say("Nothing was deleted: --dry-run.")
    for each in done if not dry_run else ():
        if each.files:
            said = {"files": each.files, "size_bytes": each.size_bytes, "older_than_hours": each.hours}
            note_deed(home, "table.vacuum", each.table, json.dumps(said))
    columns = (
        Column("table", "Table"),
        Column("files", "Old files", is_number=True),
        Column("size_bytes", "Bytes", is_number=True),
        Column("hours", "Older than hours", is_number=True),
    )
    return Listing(columns, [(d.table, d.files, d.size_bytes, d.hours) for d in done]), broken


def show_stats(home: Home, settings: Settings, tables: Sequence[Table]) -> tuple[Listing, int]:
    """A row for each table: what it holds, since when, how fast it grows, how long it is kept; how many are broken."""
    from ops.store.retention import kept_days
    from ops.store.table_stats import read_stats

    today = datetime.now(UTC).date()
    columns = (
        Column("table", "Table"),
        Column("rows", "Rows", is_number=True),
        Column("files", "Files", is_number=True),
        Column("size_bytes", "Bytes", is_number=True),
        Column("days", "Days", is_number=True),
        Column("oldest", "Oldest"),
        Column("newest", "Newest"),
        Column("rows_a_month", "Rows a month", is_number=True),
        Column("bytes_a_month", "Bytes a month", is_number=True),
        Column("kept_days", "Kept days", is_number=True),
    )

    def row(table: Table) -> tuple[object, ...]:
        s = read_stats(home, table, today)
        growth = (s.rows_a_month, s.bytes_a_month, kept_days(settings, table))
        return s.table, s.rows, s.files, s.size_bytes, s.days, s.oldest, s.newest, *growth

    rows, broken = of_each(settings, tables, row)
    return Listing(columns, rows), broken


def _verdict(tables: int, problems: "Sequence[TableProblem]") -> str:
    if not problems:
        return f"{tables} tables are whole." if tables != 1 else "The table is whole."
    wrong = len({problem.table for problem in problems})
    return f"{wrong} of {tables} tables {'is' if wrong == 1 else 'are'} not whole."
