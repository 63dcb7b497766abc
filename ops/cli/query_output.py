"""Answers of queries on their way out: tables for people here, other formats by `query`."""

import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ops.cli.formats import Format
from ops.cli.terminal import say, terminal_width, wants_colours
from ops.cli.text_table import TextColumn, lay_out
from ops.cli.values import as_text
from query.language import QueryLanguage
from query.outfile import written_aside

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.limits import Limits
    from query.results import Rows
    from query.stream import ResultStream

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_REALS = ("FLOAT", "DOUBLE", "DECIMAL")


def write_table(answer: "ResultStream", output: Path | None) -> int:
    """Writes ``answer`` as a table and gives the number of rows: fitted to a terminal, in full elsewhere."""
    rows = [row for batch in answer.batches() for row in batch]
    columns = [
        TextColumn(
            as_text(column.name), [as_text(row[index]) for row in rows], column.type.startswith(_NUMBERS + _REALS)
        )
        for index, column in enumerate(answer.columns)
    ]
    on_terminal = output is None
    table = lay_out(
        columns, width=terminal_width() if on_terminal else None, bold_heading=on_terminal and wants_colours()
    )
    with _target(output) as stream:
        stream.writelines(f"{line}\n" for line in table.lines)
    if table.hidden_columns:
        say(f"{table.hidden_columns} more columns do not fit this terminal: name fewer, or use another --format.")
    return len(rows)


def write_typed(
    engine: "QueryEngine",
    text: str,
    parameters: Mapping[str, object],
    chosen: Format,
    output: Path,
    limits: "Limits",
    language: QueryLanguage,
) -> int:
    """Writes the answer to ``text`` as Parquet or Arrow and gives the number of rows: all, whatever the row limit.

    Such files are for programs, which do not read the note that some rows are missing.
    """
    if chosen is Format.PARQUET:
        return engine.write_parquet(text, parameters, output, limits, language, on_note=say)
    from query.arrow_files import ArrowFormat, write_batches

    with (
        engine.stream_arrow(text, parameters, limits, language, on_note=say) as answer,
        written_aside(output) as file,
    ):
        return write_batches(answer.schema, answer.batches(), ArrowFormat.ARROW, file)


def write_sheet(answer: "Rows", output: Path, title: str = "Result") -> int:
    """Writes ``answer`` as a workbook and gives the number of rows; says what a sheet could not hold."""
    from query.sheet import write_sheet as write

    with written_aside(output) as file:
        report = write(answer, file, output.parent, title)
    if report.note:
        say(report.note)
    return report.rows


def write_text(answer: "Rows", chosen: Format, output: Path | None) -> int:
    """Writes ``answer`` in a format that is text, batch by batch, and gives the number of rows."""
    from query.export import write_rows

    with _target(output) as stream:
        return write_rows(answer, chosen.value, stream)


def show(text: str, output: Path | None) -> None:
    """Writes ``text``, which somebody wrote and a terminal may be shown, with a newline at its end."""
    with _target(output) as stream:
        for line in text.rstrip().splitlines():
            indent = len(line) - len(line.lstrip(" "))
            stream.write(f"{' ' * indent}{as_text(line)}\n")


@contextmanager
def _target(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that is there whole or not at all."""
    if output is None:
        yield sys.stdout
        return
    with written_aside(output) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield stream
        stream.flush()
        stream.detach()
