"""Sorted batches parted by the value of a column, as folders of a hive-partitioned file set."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote

from arro3.core import RecordBatch

# What readers take for null: Hive's own word.
_NULL = "__HIVE_DEFAULT_PARTITION__"


def part_batches(
    batches: Iterable[RecordBatch], keys: tuple[str, ...]
) -> Iterator[tuple[tuple[str | None, ...], Iterator[RecordBatch]]]:
    """``batches``, sorted by ``keys``, parted by their values; each part is to be read before the next.

    ``keys`` are columns of texts, and are not in the parts.
    """
    for values, pieces in groupby(_slices(batches, keys), key=itemgetter(0)):
        yield values, (piece for _, piece in pieces)


def folder_of(names: tuple[str, ...], values: tuple[str | None, ...]) -> str:
    """The folder of a part, as in ``Day=2026-11-20/OSType=Linux``; no value can lead out of it."""
    return "/".join(f"{name}={_escaped(value)}" for name, value in zip(names, values, strict=True))


def _escaped(value: str | None) -> str:
    if not value:  # the empty text too: Hive has no folder for it
        return _NULL
    # "." alone would be another folder.
    return quote(value, safe=" ").replace("~", "%7E") if value.strip(".") else value.replace(".", "%2E")


def _slices(
    batches: Iterable[RecordBatch], keys: tuple[str, ...]
) -> Iterator[tuple[tuple[str | None, ...], RecordBatch]]:
    for batch in batches:
        rows = list(zip(*(batch.column(key).to_pylist() for key in keys), strict=True))
        others = batch.select([name for name in batch.column_names if name not in keys])
        start = 0
        for values, group in groupby(rows):
            length = sum(1 for _ in group)
            yield values, others.slice(start, length)
            start += length
