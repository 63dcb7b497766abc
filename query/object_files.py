"""The tables of an object store as DuckDB sees them: the files of versions that were opened, for reading, no more."""

import io
import os
import threading
from datetime import UTC, datetime

from query.files import TABLES, ClosedFileSystem
from query.object_problems import explain_store_error
from query.objects import ObjectReader

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class ObjectFile(io.RawIOBase):
    """A file of a table; as `query.files.TableFile`, each thread has its own position."""

    def __init__(self, reader: ObjectReader, path: str) -> None:
        super().__init__()
        self._reader = reader
        self._path = path
        self._size = reader.size_of(path)
        self._local = threading.local()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """This thread's position."""
        return int(getattr(self._local, "position", 0))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move this thread's position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self._size}[whence]
        self._local.position = base + offset
        return base + offset

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes from this thread's position."""
        position = self.tell()
        wanted = max(0, self._size - position) if size is None or size < 0 else size
        try:
            data = self._reader.read(self._path, position, wanted)
        except FileNotFoundError:
            raise FileNotFoundError(self._path) from None
        except Exception as error:
            if isinstance(error, PermissionError):
                raise
            raise _failed(error, self._reader) from error
        self._local.position = position + len(data)
        return data


class ObjectTableFiles(ClosedFileSystem):
    """The files that `ObjectReader.note_files` named, for reading. Nothing else below the prefix; nothing is listed.

    DuckDB never has a URL or a credential: it asks for ``umro://TABLE/FILE`` here.
    """

    protocol = TABLES

    def __init__(self, reader: ObjectReader) -> None:
        super().__init__()
        self._reader = reader

    def _open(self, path: str, mode: str = "rb", **_options: object) -> ObjectFile:
        if mode != "rb":
            raise PermissionError("the tables are read-only here")
        return ObjectFile(self._reader, self._name(path))

    def info(self, path: str, **_options: object) -> dict[str, object]:
        """Name, size and kind of a file, as fsspec wants them."""
        return {"name": path, "size": self._reader.size_of(self._name(path)), "type": "file"}

    def modified(self, _path: str) -> datetime:
        """The same for every file: what was written once under a name never changes."""
        return _NEVER

    def _name(self, path: str) -> str:
        return str(self._strip_protocol(path)).lstrip("/")


def _failed(error: Exception, reader: ObjectReader) -> OSError:
    return OSError(explain_store_error(error, reader.place))
