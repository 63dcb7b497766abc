"""Whole tables written to a folder, all of them or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.tables import TABLES, Table, find_table
from ops.cli.formats import Format
from ops.cli.listing import Column, Listing
from ops.cli.query_output import write_sheet, write_text
from ops.cli.values import format_time
from ops.config import Settings
from ops.home import Home
from ops.interrupting import run_interruptibly
from ops.questions import limits_of, open_engine

if TYPE_CHECKING:
    from ops.exporting.manifest import ExportedTable
    from ops.exporting.request import Bounds
    from ops.exporting.tables import Written
    from query.engine import QueryEngine
    from query.limits import Limits

_COLUMNS = (
    Column("table", "Table"),
    Column("rows", "Rows", is_number=True),
    Column("files", "Files", is_number=True),
    Column("file", "File"),
)
_TYPED = (Format.PARQUET, Format.ARROW)
# What an earlier Patchdeck wrote, without a manifest.
_EARLIER = (Format.PARQUET, Format.CSV, Format.NDJSON)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export: ``tables`` in ``format``, parted by ``partitions``, rows from ``since`` to before ``until``."""

    tables: Sequence[Table]
    format: Format
    partitions: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


def choose_tables(names: Sequence[str], *, all_tables: bool) -> tuple[Table, ...]:
    """The tables called ``names``, or every one.

    Raises:
        UnknownName: there is no such table.
        BadInput: neither names nor all, or both.
    """
    if bool(names) == all_tables:
        raise BadInput("Name the tables and then the folder, or give --all and the folder only.")
    return TABLES if all_tables else tuple(dict.fromkeys(map(find_table, names)))


def export_tables(home: Home, settings: Settings, request: ExportRequest, folder: Path) -> Listing:
    """Writes what ``request`` asks for to ``folder``, without any limit; gives what was written.

    All is made beside the folder first. What the folder held of an earlier export of other tables stays in it.

    Raises:
        BadInput: the folder cannot be made, or the tables not be parted so.
        QueryFailed: a file cannot be written; the folder is as it was.
    """
    from ops.exporting.folders import made_aside, replace_folder
    from ops.exporting.manifest import MANIFEST, write_manifest

    _check(request)
    limits = replace(limits_of(settings), rows=None, seconds=None)
    place = folder.resolve()
    with open_engine(home, settings, limits=limits) as engine, made_aside(place) as aside:
        work = partial(_write_all, engine, request, aside, limits)
        exported = run_interruptibly(engine, work)
        earlier = _earlier(place)
        written = {(table.table, table.format) for table in exported}
        kept = [table for table in earlier if (table.table, table.format) not in written]
        write_manifest(aside, [*exported, *kept])
        ours = {MANIFEST, *(table.path for table in earlier)}
        replace_folder(aside, place, ours, {table.path for table in kept})
    return Listing(_COLUMNS, [(table.table, table.rows, table.files, folder / table.path) for table in exported])


def _check(request: ExportRequest) -> None:
    from ops.exporting.request import partitions_of

    if request.partitions and request.format not in _TYPED:
        raise BadInput(f"--partition is for parquet and arrow; {request.format} is one file for each table.")
    if request.since and request.until and request.since >= request.until:
        raise BadInput("--since must be before --until.")
    for table in request.tables:
        partitions_of(table, request.partitions)


def _earlier(folder: Path) -> tuple["ExportedTable", ...]:
    """What is in ``folder`` of earlier exports."""
    from ops.exporting.manifest import ExportedTable, read_manifest

    told = [table for table in read_manifest(folder) if (folder / table.path).exists()]
    if told:
        return tuple(told)
    names = [(table, chosen, f"{table.name}.{chosen.value}") for table in TABLES for chosen in _EARLIER]
    found = [(table, chosen, name) for table, chosen, name in names if (folder / name).is_file()]
    return tuple(ExportedTable(table.name, chosen.value, name, 0, 1) for table, chosen, name in found)


def _write_all(
    engine: "QueryEngine", request: ExportRequest, aside: Path, limits: "Limits"
) -> tuple["ExportedTable", ...]:
    return tuple(_write_each(engine, request, aside, limits))


def _write_each(
    engine: "QueryEngine", request: ExportRequest, aside: Path, limits: "Limits"
) -> Iterator["ExportedTable"]:
    from ops.exporting.manifest import ExportedTable
    from ops.exporting.request import Bounds

    bounds = Bounds(request.since, request.until)
    for table in request.tables:
        made_at = datetime.now(UTC)
        written = _write(engine, table, request, bounds, aside, limits)
        yield ExportedTable(
            table=table.name,
            format=request.format.value,
            path=written.path,
            rows=written.rows,
            files=written.files,
            partitioned_by=tuple(request.partitions),
            since=format_time(request.since) if request.since else "",
            until=format_time(request.until) if request.until else "",
            made_at=format_time(made_at),
        )


def _write(
    engine: "QueryEngine", table: Table, request: ExportRequest, bounds: "Bounds", aside: Path, limits: "Limits"
) -> "Written":
    from ops.exporting.request import partitions_of, query_of
    from ops.exporting.tables import Written, write_typed_table
    from query.arrow_files import ArrowFormat

    partitions = partitions_of(table, request.partitions)
    if request.format in _TYPED:
        format_ = ArrowFormat(request.format.value)
        return write_typed_table(engine, table, partitions, bounds, format_, aside, limits)
    sql, parameters = query_of(table, (), bounds)
    name = f"{table.name}.{request.format.value}"
    with engine.stream(sql, parameters, limits) as answer:
        if request.format is Format.XLSX:
            return Written(name, write_sheet(answer, aside / name, table.name))
        return Written(name, write_text(answer, request.format, aside / name))
