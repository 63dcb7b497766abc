"""Rows that were read and typed, laid aside until all are known to be good: memory holds some thousand at a time."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl

from collectors.handed_down import folder_mode
from fleet.records import Row
from fleet.tables import DAY, Table
from ops.store.frames import make_unsorted_frame
from ops.store.journal import sync_folder

_ROWS_AT_ONCE = 10_000
# Compared with what is stored at once, each some kilobyte.
_ROWS_COMPARED_AT_ONCE = 200_000
FILE_NUMBER = "_file"


class Staging:
    """Rows of ``table`` in ``folder``, which is this load's own."""

    def __init__(self, folder: Path, table: Table) -> None:
        self._folder = folder
        self._table = table
        self._rows: list[Row] = []
        self._file_numbers: list[int] = []
        self._pieces: list[Path] = []
        self._fresh: list[Path] = []
        self._days: Counter[date] = Counter()
        folder.mkdir(parents=True, mode=0o700)

    def add(self, row: Row, file_number: int) -> None:
        """Lay ``row`` aside, which is of the file with ``file_number``."""
        self._rows.append(row)
        self._file_numbers.append(file_number)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._write()

    def groups(self) -> Iterator[tuple[frozenset[date], pl.DataFrame]]:
        """All rows, those of some days at a time, with `FILE_NUMBER`."""
        self._write()
        for days in self._groups_of_days():
            staged = pl.scan_ipc(self._pieces).filter(pl.col(DAY.name).is_in(sorted(days)))
            yield days, staged.collect()

    def keep(self, fresh: pl.DataFrame) -> None:
        """Keep ``fresh`` rows for the commit."""
        path = self._folder / f"fresh-{len(self._fresh)}.arrow"
        fresh.write_ipc(path, compression="zstd")
        self._fresh.append(path)

    def fresh(self) -> Iterator[pl.DataFrame]:
        """What was kept for the commit."""
        return (pl.read_ipc(path) for path in self._fresh)

    def _write(self) -> None:
        if not self._rows:
            return
        numbers = pl.Series(FILE_NUMBER, self._file_numbers, dtype=pl.Int32())
        frame = make_unsorted_frame(self._table, self._rows).with_columns(numbers)
        path = self._folder / f"staged-{len(self._pieces)}.arrow"
        frame.write_ipc(path, compression="zstd")
        self._days.update(frame[DAY.name].to_list())
        self._pieces.append(path)
        self._rows, self._file_numbers = [], []

    def _groups_of_days(self) -> Iterator[frozenset[date]]:
        together: set[date] = set()
        rows = 0
        for day in sorted(self._days):
            if together and rows + self._days[day] > _ROWS_COMPARED_AT_ONCE:
                yield frozenset(together)
                together, rows = set(), 0
            together.add(day)
            rows += self._days[day]
        if together:
            yield frozenset(together)


class AsideFile:
    """What the columns of a table do not hold, an object a line. Its name follows from what is in it, so that the same
    load again gives the same file.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "aside.ndjson"
        self._digest = sha256()
        self._file = self._path.open("w", encoding="ascii")
        self._is_empty = True

    def add(self, file: Path, line: int, key: Mapping[str, object], values: Mapping[str, object]) -> None:
        """Keep ``values`` of the row at ``line`` of ``file``, known again by ``key``."""
        told = {"file": file.name, "line": line, **key, "values": values}
        text = json.dumps(told, default=str)
        self._digest.update(text.encode("ascii"))
        self._file.write(text + "\n")
        self._is_empty = False

    def publish(self, folder: Path, table: str) -> Path | None:
        """Put it into ``folder``, where it stays, and say where it is; None if there is nothing to keep."""
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._is_empty:
            return None
        folder.mkdir(mode=folder_mode(folder.parent), exist_ok=True)
        target = folder / f"{table}-{self._digest.hexdigest()[:12]}.ndjson"
        self._path.replace(target)
        sync_folder(folder)
        return target

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
