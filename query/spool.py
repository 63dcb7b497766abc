"""Rows laid aside in pages on disk: an answer of any length, of which only what is looked at is in memory."""

import pickle
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock

from query.results import Row

# A page is a batch of the engine; so many cover what a screen shows while one scrolls through it.
_PAGES_IN_MEMORY = 24
# Fast, and still a quarter of the size: rows of a table repeat themselves.
_COMPRESSION = 1


class RowSpool:
    """Rows in the order in which they came. One thread may append while another reads.

    The file has no name: it is gone with the process, however that ends. Only what this very object wrote is read back.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self._starts: list[int] = []
        self._places: list[tuple[int, int]] = []
        self._count = 0
        self._cache: OrderedDict[int, list[Row]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return self._count

    def append(self, rows: Sequence[Row]) -> None:
        """Lays ``rows`` aside, behind those that are there.

        Raises:
            OSError: the disk is full.
            ValueError: the spool was closed.
        """
        if not rows:
            return
        packed = zlib.compress(pickle.dumps(list(rows), pickle.HIGHEST_PROTOCOL), _COMPRESSION)
        with self._lock:
            place = self._file.seek(0, 2)
            self._file.write(packed)
            self._starts.append(self._count)
            self._places.append((place, len(packed)))
            self._count += len(rows)

    def __getitem__(self, index: int) -> Row:
        if not 0 <= index < self._count:
            raise IndexError(index)
        with self._lock:
            page = bisect_right(self._starts, index) - 1
            return self._page(page)[index - self._starts[page]]

    def close(self) -> None:
        """Gives the disk back."""
        with self._lock:
            self._file.close()
            self._cache.clear()
            self._count = 0

    def _page(self, page: int) -> list[Row]:
        if page in self._cache:
            self._cache.move_to_end(page)
            return self._cache[page]
        place, size = self._places[page]
        self._file.seek(place)
        rows: list[Row] = pickle.loads(zlib.decompress(self._file.read(size)))  # noqa: S301 - our own, see above
        self._cache[page] = rows
        if len(self._cache) > _PAGES_IN_MEMORY:
            self._cache.popitem(last=False)
        return rows
