"""An answer on its way to a file, in any format: all rows, and what must be known of them."""

from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from ops.cli.formats import Format, format_of_name
from ops.permission import require_elsewhere

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.limits import Limits
    from tui.asking import Asked


def endings() -> tuple[str, ...]:
    """How the names of files end that an answer can be written to."""
    wanted = (".csv", ".json", ".ndjson", ".md", ".xlsx", ".parquet", ".arrow")
    return tuple(ending for ending in wanted if format_of_name(Path(f"answer{ending}")) is not None)


def format_of(path: Path) -> Format:
    """The format that the name of ``path`` asks for.

    Raises:
        BadInput: it asks for none.
    """
    chosen = format_of_name(path)
    if chosen is None or chosen is Format.TABLE:
        raise BadInput(f"The name {path} does not say which format is meant: end it with {' '.join(endings())}.")
    return chosen


def write_answer(engine: "QueryEngine", asked: "Asked", path: Path, limits: "Limits") -> str:
    """Writes the answer to ``asked`` to ``path``, whole or not at all; gives what was done, with the notes, in a line.

    Raises:
        NotPermitted: it would lie in a home that this process does not change.
        QueryFailed, QueryTimedOut, QueryCancelled, and what else `query.engine` raises.
    """
    require_elsewhere(path)
    chosen = format_of(path)
    notes: list[str] = []
    if chosen is Format.PARQUET:
        rows = engine.write_parquet(asked.text, asked.parameters, path, limits, asked.language, on_note=notes.append)
    elif chosen is Format.ARROW:
        rows = _write_arrow(engine, asked, path, limits, notes)
    else:
        rows = _write_rows(engine, asked, path, limits, notes)
    return " ".join([f"{rows:,} rows in {path}.", *notes])


def _write_arrow(engine: "QueryEngine", asked: "Asked", path: Path, limits: "Limits", notes: list[str]) -> int:
    from query.arrow_files import ArrowFormat, write_batches
    from query.outfile import written_aside

    with (
        engine.stream_arrow(asked.text, asked.parameters, limits, asked.language, on_note=notes.append) as answer,
        written_aside(path) as file,
    ):
        return write_batches(answer.schema, answer.batches(), ArrowFormat.ARROW, file)


def _write_rows(engine: "QueryEngine", asked: "Asked", path: Path, limits: "Limits", notes: list[str]) -> int:
    from ops.cli.query_output import write_text
    from query.outfile import written_aside
    from query.sheet import write_sheet

    with engine.stream(asked.text, asked.parameters, limits, asked.language) as answer:
        if format_of(path) is not Format.XLSX:
            rows = write_text(answer, format_of(path), path)
        else:
            with written_aside(path) as file:
                report = write_sheet(answer, file, path.parent, "Result")
            rows = report.rows
            notes += [report.note] if report.note else []
        notes += answer.notes
    return rows
