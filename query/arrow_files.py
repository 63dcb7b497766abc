"""Answers as files of Arrow's types, Arrow IPC and Parquet, with what is known of their columns in the metadata."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

from arro3.core import RecordBatch, RecordBatchReader, Schema

from fleet.errors import QueryFailed
from query.wording import sentence

_ROW_GROUP = 122_880  # DuckDB's: readers skip and share out work by groups


class ArrowFormat(StrEnum):
    """A format of files with Arrow's types."""

    PARQUET = "parquet"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: ``table`` of the whole, and by name of ``columns`` of each."""

    table: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def describe(self, schema: Schema) -> Schema:
        """``schema`` with all of it as metadata."""
        fields = [schema.field(name) for name in schema.names]
        described = [f.with_metadata(dict(self.columns[f.name])) if f.name in self.columns else f for f in fields]
        return Schema(described, metadata=dict(self.table))

    def entries(self) -> dict[str, str]:
        """All of it as key and value, for readers that know of no Arrow."""
        columns = {"patchdeck.columns": json.dumps(dict(self.columns), default=dict)} if self.columns else {}
        return {**self.table, **columns}


NOTHING_KNOWN = About()


def write_batches(
    schema: Schema, batches: Iterable[RecordBatch], format_: ArrowFormat, file: BinaryIO, about: About = NOTHING_KNOWN
) -> int:
    """Write ``batches`` of ``schema`` to ``file`` and return the number of rows.

    Raises:
        OSError: the file cannot be written.
        QueryFailed, QueryTimedOut, QueryCancelled: the query came to a bad end meanwhile.
    """
    described = about.describe(schema)
    target = _Target(file)
    source = _Source(batches, described, target)
    reader = RecordBatchReader.from_batches(described, iter(source))
    try:
        _write(reader, format_, target, about)
    # arro3 has no class of its own for what it comes to.
    except Exception as error:
        if target.error is None and source.error is None:
            raise QueryFailed(f"The answer cannot be written: {sentence(str(error))}") from error
    if failure := target.error or source.error:
        raise failure
    return source.rows


def _write(reader: RecordBatchReader, format_: ArrowFormat, target: "_Target", about: About) -> None:
    from arro3.io import write_ipc, write_parquet

    if format_ is ArrowFormat.ARROW:
        write_ipc(reader, target, compression="LZ4")  # type: ignore[arg-type]  # all that it calls is there
    else:
        write_parquet(
            reader,
            target,  # type: ignore[arg-type]
            compression="zstd(3)",
            max_row_group_size=_ROW_GROUP,
            key_value_metadata=about.entries(),
        )


class _Source:
    """Batches under another schema, counted. An error ends them and is kept: arro3 0.9.1 never frees one that is
    raised, and with it the query would stay, of which DuckDB's binding complains at length when the program ends.
    """

    def __init__(self, batches: Iterable[RecordBatch], schema: Schema, target: "_Target") -> None:
        self.rows = 0
        self.error: Exception | None = None
        self._batches = batches
        self._schema = schema
        self._target = target

    def __iter__(self) -> Iterator[RecordBatch]:
        try:
            for batch in self._batches:
                if self._target.error is not None:
                    return
                self.rows += batch.num_rows
                yield batch.with_schema(self._schema)
        except Exception as error:  # noqa: BLE001  (raised by `write_batches`)
            self.error = error


class _Target:
    """A file to write to that is not closed. An error is kept, and what comes after it let go: arro3 0.9.1 panics when
    a write raises, and prints that on the terminal.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self._file = file

    def write(self, data: bytes) -> int:
        """As a file does."""
        if self.error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self.error = error
        return len(data)

    def tell(self) -> int:
        """As a file does."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file does."""
        return self._file.seek(offset, whence)

    def flush(self) -> None:
        """As a file does; whoever opened it does so in the end."""
