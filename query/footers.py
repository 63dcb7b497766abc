"""The part of a Parquet file's footer that names its columns, as bytes: where they are the same, so are the columns.

A table of a year has some hundred files, nearly all with the same columns. DuckDB finds out by parsing every footer,
each time that a view over them is bound; comparing bytes takes a hundredth of that. A footer is in Thrift's compact
protocol, and its second field is the schema.
"""

import os
from collections.abc import Iterable

from query.files import SharedFile

_MAGIC = b"PAR1"
_TAIL_BYTES = 8
_MOST_BYTES = 2**24
_SCHEMA_FIELD = 2
_MOST_DEPTH = 8

# Kinds of values, and the bytes of those of one size: flags lie in the kind itself.
_NUMBERS, _BYTES, _LISTS, _STRUCT = (4, 5, 6), 8, (9, 10), 12
_SIZES = {1: 0, 2: 0, 3: 1, 7: 8}
_LONG_LIST = 15


def schema_bytes(file: SharedFile, known: Iterable[bytes] = ()) -> bytes | None:
    """The bytes of the schema, one of ``known`` if it is; None where ``file`` is not as expected."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read(_TAIL_BYTES)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > min(size, _MOST_BYTES):
        return None
    file.seek(max(0, size - _TAIL_BYTES - length))
    footer = file.read(length)
    for each in known:
        if footer.startswith(each):
            return each
    try:
        return footer[: _Footer(footer).end_of_schema()]
    except (LookupError, ValueError):
        return None


class _Footer:
    """Steps over the values of Thrift's compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def end_of_schema(self) -> int:
        """Where the schema ends.

        Raises:
            LookupError, ValueError: this is no footer.
        """
        field = 0
        while kind_of := self._byte():
            field = field + (kind_of >> 4) if kind_of >> 4 else self._number()
            self._skip(kind_of & 15, 0)
            if field == _SCHEMA_FIELD:
                return self._at
        raise ValueError("no schema")

    def _skip(self, kind: int, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise ValueError("too deep")
        if kind == _STRUCT:
            self._skip_struct(depth)
        elif kind in _LISTS:
            head = self._byte()
            for _ in range(head >> 4 if head >> 4 < _LONG_LIST else self._number()):
                self._skip(head & 15, depth + 1)
        elif kind in _NUMBERS:
            self._number()
        else:
            size = self._number() if kind == _BYTES else _SIZES[kind]
            self._at += size  # only now: reading the number moves it too

    def _skip_struct(self, depth: int) -> None:
        while inner := self._byte():
            if not inner >> 4:
                self._number()
            self._skip(inner & 15, depth + 1)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _number(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
