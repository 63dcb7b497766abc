"""One table written into a folder: a file, or folders of files parted by the values of columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.tables import Table
from ops.exporting.request import Bounds, Partition, describe_table, key_names, query_of
from query.arrow_files import ArrowFormat, write_batches
from query.outfile import written_aside
from query.partitions import folder_of, part_batches

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.limits import Limits

_MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """What a table became: its file or folder, rows and files."""

    path: str
    rows: int
    files: int = 1


def write_typed_table(
    engine: "QueryEngine",
    table: Table,
    partitions: Sequence[Partition],
    bounds: Bounds,
    format_: ArrowFormat,
    folder: Path,
    limits: "Limits",
) -> Written:
    """Write ``table`` into ``folder`` as Parquet or Arrow, with what its columns mean.

    Raises:
        BadInput: it would become too many files.
        QueryFailed, QueryTimedOut, QueryCancelled: it cannot be written.
    """
    sql, parameters = query_of(table, partitions, bounds)
    about = describe_table(table)
    with engine.stream_arrow(sql, parameters, limits) as answer:
        if not partitions:
            name = f"{table.name}.{format_.value}"
            with written_aside(folder / name) as file:
                return Written(name, write_batches(answer.schema, answer.batches(), format_, file, about))
        keys, names = key_names(partitions), tuple(partition.name for partition in partitions)
        schema = answer.schema.empty_table().select([n for n in answer.schema.names if n not in keys]).schema
        (folder / table.name).mkdir()
        rows = files = 0
        for values, batches in part_batches(answer.batches(), keys):
            files += 1
            if files > _MOST_PARTS:
                raise BadInput(f"{table.name} parted by {', '.join(names)} is more than {_MOST_PARTS:,} files.")
            part = folder / table.name / folder_of(names, values)
            part.mkdir(parents=True)
            with written_aside(part / f"part-0.{format_.value}") as file:
                rows += write_batches(schema, batches, format_, file, about)
        return Written(table.name, rows, files)
