"""Files of exported rows, read row by row: NDJSON, an array of JSON objects, CSV and Parquet.

A row is what its line says, not typed yet. Where a line cannot be read, there is a `BadLine` in its place.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO

from fleet.errors import BadInput
from fleet.hostile import clean

# Azure's cells have at most 32 KB, its rows some hundred of them.
_LINE_CHARACTERS = 16 * 2**20
_CELL_CHARACTERS = 1_000_000
# What is left of a part is copied after each object.
_CHUNK_CHARACTERS = 2**16
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of a file; ``line`` is where it begins, in Parquet its number, from 1."""

    line: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BadLine:
    """What cannot be taken, and why, without a full stop."""

    line: int
    why: str


class FileKind(Enum):
    """How rows lie in a file."""

    NDJSON = "ndjson"
    ARRAY = "array"
    CSV = "csv"
    PARQUET = "parquet"


_BY_SUFFIX = {
    ".ndjson": FileKind.NDJSON,
    ".jsonl": FileKind.NDJSON,
    ".csv": FileKind.CSV,
    ".parquet": FileKind.PARQUET,
}


def read_rows(path: Path) -> Iterator[RawRow | BadLine]:
    """The rows of ``path``, in order; what it is says the end of its name, for ``.json`` its first character.

    Raises:
        BadInput: it cannot be read, or as a whole is not what its name says.
    """
    if path.exists() and not path.is_file():
        raise BadInput(f"{path}: it is no ordinary file.")  # a pipe may wait for its writer for ever
    kind = _kind_of(path)
    if kind is FileKind.PARQUET:
        yield from _read_parquet(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _READERS[kind](path, file)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: it is not UTF-8 text.") from error
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}.") from error


def _kind_of(path: Path) -> FileKind:
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix != ".json":
        raise BadInput(f"{path}: its name must end with .ndjson, .jsonl, .json, .csv or .parquet.")
    try:
        with path.open("rb") as file:
            start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}.") from error
    return FileKind.ARRAY if start.startswith(b"[") else FileKind.NDJSON


def _read_ndjson(path: Path, file: TextIO) -> Iterator[RawRow | BadLine]:
    number = 0
    while line := file.readline(_LINE_CHARACTERS):
        number += 1
        if len(line) == _LINE_CHARACTERS:
            raise BadInput(f"{path}, line {number}: it is longer than {_LINE_CHARACTERS:,} characters.")
        if line.strip():
            yield _object_of(number, line)


def _object_of(number: int, text: str) -> RawRow | BadLine:
    try:
        return _as_row(number, json.loads(text))
    except json.JSONDecodeError as error:
        return BadLine(number, f"it is not JSON: {error.msg} at column {error.colno}")
    except (RecursionError, ValueError):
        return BadLine(number, "it is not JSON that can be read: nested too deep, or a number of thousands of digits")


def _as_row(number: int, value: object) -> RawRow | BadLine:
    return RawRow(number, value) if isinstance(value, dict) else BadLine(number, "it is not a JSON object")


class _ArrayText:
    """The text of a JSON array, a part of it at a time."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file
        self._text = ""
        self._decoder = json.JSONDecoder()
        self.line = 1

    def objects(self) -> Iterator[RawRow | BadLine]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
        else:
            yield self._value()
            while self._peek() == ",":
                self._take(",")
                yield self._value()
            self._take("]")
        if self._peek():
            raise self._broken("there is more after the array")

    def _peek(self) -> str:
        """The next character that is no blank, empty at the end."""
        while True:
            stripped = self._text.lstrip(" \t\r\n")
            self.line += self._text[: len(self._text) - len(stripped)].count("\n")
            self._text = stripped
            if stripped:
                return stripped[0]
            self._text = self._file.read(_CHUNK_CHARACTERS)
            if not self._text:
                return ""

    def _take(self, character: str) -> None:
        if self._peek() != character:
            raise self._broken(f"expected {character!r}")
        self._text = self._text[1:]

    def _value(self) -> RawRow | BadLine:
        self._peek()
        line = self.line
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text)
            except json.JSONDecodeError as error:
                wanted = max(_CHUNK_CHARACTERS, len(self._text))
                more = self._file.read(wanted) if len(self._text) < _LINE_CHARACTERS else ""
                if not more:
                    raise self._broken(error.msg) from error
                self._text += more
            except (RecursionError, ValueError) as error:
                raise self._broken("nested too deep, or a number of thousands of digits") from error
            else:
                self.line += self._text[:end].count("\n")
                self._text = self._text[end:]
                return _as_row(line, value)

    def _broken(self, why: str) -> BadInput:
        return BadInput(f"{self._path}, line {self.line}: it is not a JSON array of objects: {why}.")


def _read_array(path: Path, file: TextIO) -> Iterator[RawRow | BadLine]:
    return _ArrayText(path, file).objects()


def _read_csv(path: Path, file: TextIO) -> Iterator[RawRow | BadLine]:
    before = csv.field_size_limit(_CELL_CHARACTERS)
    reader = csv.reader(file, strict=True)
    try:
        names = next(reader, None)
        if names is None:
            return
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise BadInput(f"{path}, line 1: the column {clean(twice, 80)!r} is there twice.")
        end = reader.line_num
        for cells in reader:
            line, end = end + 1, reader.line_num
            if len(cells) == len(names):
                yield RawRow(line, dict(zip(names, cells, strict=True)))
            elif cells:
                yield BadLine(line, f"it has {len(cells)} cells, the heading {len(names)}")
    except csv.Error as error:
        raise BadInput(f"{path}, line {reader.line_num}: it is not CSV: {error}.") from error
    finally:
        csv.field_size_limit(before)


def _read_parquet(path: Path) -> Iterator[RawRow | BadLine]:
    import polars as pl

    try:
        rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        number = 0
        while (piece := rows.slice(number, _ROWS_AT_ONCE).collect()).height:
            for values in piece.iter_rows(named=True):
                number += 1
                yield RawRow(number, values)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path}: it cannot be read as Parquet: {clean(str(error), 200)}") from error


_READERS: Mapping[FileKind, Callable[[Path, TextIO], Iterator[RawRow | BadLine]]] = {
    FileKind.NDJSON: _read_ndjson,
    FileKind.ARRAY: _read_array,
    FileKind.CSV: _read_csv,
}
