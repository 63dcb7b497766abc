"""The formats that results are written in."""

from enum import StrEnum
from pathlib import Path

from fleet.errors import BadInput


class Format(StrEnum):
    """A format of results."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


_BY_SUFFIX = {
    ".txt": Format.TABLE,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
}


def as_asked(given: Format | None, *, json: bool) -> Format | None:
    """The format that ``--format`` and ``--json`` ask for together, None where neither does.

    Raises:
        BadInput: they ask for different ones.
    """
    if json and given not in (None, Format.JSON):
        raise BadInput(f"--json and --format {given} contradict each other: give one of them.")
    return Format.JSON if json else given


def format_of_name(path: Path) -> Format | None:
    """The format that the end of a file's name says, None if it says none."""
    return _BY_SUFFIX.get(path.suffix.lower())


def choose_format(given: Format | None, output: Path | None) -> Format:
    """The format that was asked for, else the one that the file's name says, else a table.

    Raises:
        BadInput: the file's name says none, or Parquet is to go to standard output.
    """
    chosen = given or (format_of_name(output) if output else Format.TABLE)
    if chosen is None:
        raise BadInput(f"The name {output} does not say which format is meant: give --format.")
    if chosen is Format.PARQUET and output is None:
        raise BadInput("Parquet goes to a file: give -o FILE.")
    return chosen
