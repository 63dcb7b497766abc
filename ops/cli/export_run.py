"""Whole tables written to files."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.tables import TABLES, Table, find_table
from ops.cli.formats import Format
from ops.cli.listing import Column, Listing
from ops.cli.query_output import write_text
from ops.cli.query_run import run_interruptibly
from ops.config import Settings
from ops.home import Home
from ops.questions import limits_of, open_engine

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.limits import Limits

_COLUMNS = (Column("table", "Table"), Column("rows", "Rows", is_number=True), Column("file", "File"))


def choose_tables(names: Sequence[str], *, all_tables: bool) -> tuple[Table, ...]:
    """The tables called ``names``, or every one.

    Raises:
        UnknownName: there is no such table.
        BadInput: neither names nor all, or both.
    """
    if bool(names) == all_tables:
        raise BadInput("Name the tables and then the folder, or give --all and the folder only.")
    return TABLES if all_tables else tuple(map(find_table, names))


def export_tables(home: Home, settings: Settings, tables: Sequence[Table], folder: Path, chosen: Format) -> Listing:
    """Writes each of ``tables`` to ``folder``/NAME.FORMAT, without any limit; gives what was written.

    Raises:
        BadInput: the folder cannot be made.
        QueryFailed: a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"Cannot make the folder {folder}: {error.strerror}.") from error
    limits = replace(limits_of(settings), rows=None, seconds=None)
    rows = []
    with open_engine(home, settings, limits=limits) as engine:
        for table in tables:
            path = folder / f"{table.name}.{chosen.value}"
            count = run_interruptibly(engine, partial(_write, engine, table, path, chosen, limits))
            rows.append((table.name, count, path))
    return Listing(_COLUMNS, rows)


def _write(engine: "QueryEngine", table: Table, path: Path, chosen: Format, limits: "Limits") -> int:
    order = ", ".join(f'"{name}"' for name in table.sort_by)
    sql = f'SELECT * FROM "{table.name}" ORDER BY {order}'  # noqa: S608  (names that we declare ourselves)
    if chosen is Format.PARQUET:
        return engine.write_parquet(sql, {}, path, limits)
    with engine.stream(sql, {}, limits) as answer:
        return write_text(answer, chosen, path)
