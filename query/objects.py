"""Reads objects under one prefix of an object store: ranges, few at once, each with a deadline; blocks are kept.

Files of tables never change under their name, so that what was read of one stays true.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from query.place import ObjectAccess, Place

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# A small file is one block; of a larger one the footer, and what a query needs.
BLOCK_BYTES = 1024 * 1024
_KEPT_BYTES = 64 * BLOCK_BYTES


class ObjectReader:
    """What is under ``place``, for reading; safe for many threads. Only files that `note_files` named can be read."""

    def __init__(self, place: Place) -> None:
        access = _access_of(place)
        self.place = place
        self._store = open_objects(place)
        self._requests = BoundedSemaphore(access.connections)
        self._connections = access.connections
        self._sizes: dict[str, int] = {}
        self._blocks: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._kept_bytes = 0
        self._lock = Lock()

    def newest_name(self, folder: str, after: str) -> str:
        """The last name in ``folder`` after the name ``after`` that ends with ``.json``, or ``after`` itself."""
        with self._requests:
            listed = self._store.list(folder, offset=f"{folder}/{after}").collect()
        names = (entry["path"].rpartition("/")[2] for entry in listed)
        return max((name for name in names if name.endswith(".json")), default=after)

    def note_files(self, sizes: Mapping[str, int]) -> None:
        """Let the files of a version be read, which have these sizes."""
        with self._lock:
            self._sizes.update(sizes)

    def size_of(self, path: str) -> int:
        """The size of a noted file.

        Raises:
            PermissionError: no version of a table has this file.
        """
        try:
            return self._sizes[path]
        except KeyError:
            raise PermissionError("outside of the tables") from None

    def read(self, path: str, start: int, length: int) -> bytes:
        """Up to ``length`` bytes of a noted file from ``start`` on. Blocking, with a deadline."""
        end = min(start + length, self.size_of(path))
        if start >= end:
            return b""
        first, last = start // BLOCK_BYTES, (end - 1) // BLOCK_BYTES
        data = b"".join(self._blocks_of(path, first, last))
        return data[start - first * BLOCK_BYTES : end - first * BLOCK_BYTES]

    def fetch_ahead(self, paths: Iterable[str]) -> None:
        """Read small files now, several at once, that a query will ask for one after the other. Errors wait for it."""
        small = [path for path in paths if self._sizes.get(path, BLOCK_BYTES) < BLOCK_BYTES]
        with self._lock:
            wanted = [path for path in small if (path, 0) not in self._blocks]
        if len(wanted) > 1 and sum(map(self._sizes.__getitem__, small)) < _KEPT_BYTES // 2:
            with ThreadPoolExecutor(self._connections, thread_name_prefix="objects") as pool:
                for future in [pool.submit(self.read, path, 0, 1) for path in wanted]:
                    future.exception()

    def _blocks_of(self, path: str, first: int, last: int) -> list[bytes]:
        """The blocks from ``first`` to ``last``; what is between two that are missing is asked for in one request."""
        with self._lock:
            kept = {number: self._kept(path, number) for number in range(first, last + 1)}
        missing = [number for number, block in kept.items() if block is None]
        if missing:
            begin, end = missing[0] * BLOCK_BYTES, min((missing[-1] + 1) * BLOCK_BYTES, self.size_of(path))
            data = self._request(path, begin, end)
            for number in range(missing[0], missing[-1] + 1):
                offset = number * BLOCK_BYTES - begin
                kept[number] = data[offset : offset + BLOCK_BYTES]
            self._keep(path, {number: kept[number] or b"" for number in missing})
        return [block or b"" for block in kept.values()]

    def _request(self, path: str, begin: int, end: int) -> bytes:
        with self._requests:
            data = bytes(self._store.get_range(path, start=begin, end=end))
        if len(data) != end - begin:
            raise OSError(f"{path} is shorter than its table's log says: patchdeck tables check says more")
        return data

    def _kept(self, path: str, number: int) -> bytes | None:
        block = self._blocks.get((path, number))
        if block is not None:
            self._blocks.move_to_end((path, number))
        return block

    def _keep(self, path: str, blocks: Mapping[int, bytes]) -> None:
        with self._lock:
            for number, block in blocks.items():
                self._kept_bytes += len(block) - len(self._blocks.get((path, number), b""))
                self._blocks[path, number] = block
            while self._kept_bytes > _KEPT_BYTES:
                _, oldest = self._blocks.popitem(last=False)
                self._kept_bytes -= len(oldest)


@lru_cache(maxsize=2)
def reader_of(place: Place) -> ObjectReader:
    """The reader of ``place``, which keeps what it read as long as this process asks with the same credentials."""
    return ObjectReader(place)


def open_objects(place: Place) -> "ObjectStore":
    """The objects under ``place``; nothing is asked yet.

    Raises:
        BadInput: the library is not installed, or does not take the settings.
    """
    access = _access_of(place)
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError as error:
        raise BadInput(
            f"Tables at {place} need the library obstore: pip install 'patchdeck[s3]' where Patchdeck is installed."
        ) from error
    deadline = timedelta(seconds=access.request_seconds)
    try:
        opened: ObjectStore = from_url(
            place.where,
            config=dict(access.options),  # type: ignore[call-overload]  # its keys depend on the scheme
            client_options={"allow_http": access.allow_http, "timeout": deadline, "connect_timeout": deadline},
            retry_config={"max_retries": access.retries, "retry_timeout": deadline},
        )
        return opened
    except (BaseError, ValueError) as error:
        raise BadInput(
            f"The store of {place} cannot be used as it is configured: {str(error).splitlines()[0]}"
        ) from error


def _access_of(place: Place) -> ObjectAccess:
    if place.access is None:
        raise ValueError(f"{place} is no object store")
    return place.access
