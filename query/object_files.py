"""The tables of an object store as DuckDB sees them: the files of versions that were opened, for reading, no more."""

from datetime import UTC, datetime

from query.files import TABLES, ClosedFileSystem, SharedFile
from query.object_problems import explain_store_error
from query.objects import ObjectReader

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class ObjectFile(SharedFile):
    """A file of a table in an object store."""

    def __init__(self, reader: ObjectReader, path: str) -> None:
        super().__init__(reader.size_of(path))
        self._reader = reader
        self._path = path

    def _read_at(self, position: int, size: int) -> bytes:
        try:
            return self._reader.read(self._path, position, size)
        except PermissionError:
            raise
        except FileNotFoundError:
            raise FileNotFoundError(self._path) from None
        # The store library's errors have no common class below Exception.
        except Exception as error:
            raise OSError(explain_store_error(error, self._reader.place)) from error


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
