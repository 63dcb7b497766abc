"""`patchdeck tables load` on the command line: what became of the rows, as rows."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.hostile import clean
from fleet.tables import find_table
from ops.cli.listing import Column, Listing
from ops.cli.terminal import say
from ops.config import Settings
from ops.enrolment import note_deed
from ops.home import Home

if TYPE_CHECKING:
    from ops.store.loading.load import LoadOptions
    from ops.store.loading.report import FileReport, LoadReport

_COLUMNS = (
    Column("table", "Table"),
    Column("file", "File"),
    Column("rows", "Rows", is_number=True),
    Column("taken", "Taken", is_number=True),
    Column("known", "Known already", is_number=True),
    Column("refused", "Refused", is_number=True),
    Column("refusals"),
    Column("aside"),
)
# Of each file; the others are in the JSON.
_MOST_TOLD = 10


def load_files(home: Home, settings: Settings, name: str, paths: Sequence[Path], options: "LoadOptions") -> Listing:
    """Loads ``paths`` into the table called ``name``: a row for each file. Refusals are told on standard error.

    Raises:
        UnknownName: there is no such table.
        BadInput: as `ops.store.loading.load.Loader.load`.
        StoreBusy, HomeUnusable: the table cannot be written; nothing was loaded.
    """
    from ops.store.loading.load import Loader, time_of_load
    from ops.store.loading.report import RowsRefused

    loader = Loader(home, find_table(name), options)
    try:
        report = loader.load(paths, time_of_load(), wait_seconds=settings.store_wait_seconds)
    except RowsRefused as refused:
        _tell_refusals(refused.report.files)
        raise
    _tell_refusals(report.files)
    if report.aside is not None:
        say(f"What {report.table} has no columns for is in {report.aside}.")
    if options.dry_run:
        say("Nothing was loaded: --dry-run.")
    elif taken := sum(file.taken for file in report.files):
        said = {"rows": taken, "files": [str(file.path) for file in report.files]}
        note_deed(home, "table.load", report.table, json.dumps(said))
    return Listing(_COLUMNS, [_row(report, file) for file in report.files])


def _row(report: "LoadReport", file: "FileReport") -> tuple[object, ...]:
    refusals = [{"line": bad.line, "why": bad.why} for bad in file.bad]
    counts = (file.rows, file.taken, file.known, file.refused)
    return (report.table, file.path, *counts, refusals, report.aside)


def _tell_refusals(files: Sequence["FileReport"]) -> None:
    for file in files:
        for bad in file.bad[:_MOST_TOLD]:
            say(clean(f"{file.path}, line {bad.line}: {bad.why}."))
        if file.refused > _MOST_TOLD:
            say(f"{file.path}: {file.refused - _MOST_TOLD:,} more.")
