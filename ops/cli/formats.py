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
    MARKDOWN = "markdown"
    PARQUET = "parquet"
    ARROW = "arrow"
    XLSX = "xlsx"

    @property
    def is_binary(self) -> bool:
        """Whether it is for files only."""
        return self in (Format.PARQUET, Format.ARROW, Format.XLSX)


_BY_SUFFIX = {
    ".txt": Format.TABLE,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".csv": Format.CSV,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".parquet": Format.PARQUET,
    ".arrow": Format.ARROW,
    ".feather": Format.ARROW,
    ".ipc": Format.ARROW,
    ".xlsx": Format.XLSX,
}
_NAMES = {Format.PARQUET: "Parquet", Format.ARROW: "Arrow", Format.XLSX: "A workbook"}


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
        BadInput: the file's name says none, or a format that is for files is to go to standard output.
    """
    chosen = given or (format_of_name(output) if output else Format.TABLE)
    if chosen is None:
        raise BadInput(f"The name {output} does not say which format is meant: give --format.")
    if chosen.is_binary and output is None:
        raise BadInput(f"{_NAMES[chosen]} goes to a file: give -o FILE.")
    return chosen
