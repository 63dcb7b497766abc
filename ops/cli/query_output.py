"""Answers of queries on their way out: tables for people here, other formats by `query.export`."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ops.cli.formats import Format
from ops.cli.terminal import say, terminal_width, wants_colours
from ops.cli.text_table import TextColumn, lay_out
from ops.cli.values import as_text
from query.outfile import written_aside

if TYPE_CHECKING:
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


def write_text(answer: "ResultStream", chosen: Format, output: Path | None) -> int:
    """Writes ``answer`` as JSON, NDJSON or CSV, batch by batch, and gives the number of rows."""
    from query.export import write_rows

    with _target(output) as stream:
        return write_rows(answer, chosen.value, stream)


def show(text: str, output: Path | None) -> None:
    """Writes ``text``, which somebody wrote and a terminal may be shown, with a newline at its end."""
    with _target(output) as stream:
        stream.writelines(f"{as_text(line)}\n" for line in text.rstrip().splitlines())


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
