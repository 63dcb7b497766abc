"""The file systems that DuckDB sees: the tables, read-only by construction, and one export at a time.

Local files are closed to it altogether (``enable_external_access=false``); these two are the only doors.
"""

import io
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NoReturn
from uuid import uuid4

from fsspec import AbstractFileSystem

TABLES = "umro"
EXPORTS = "umout"

# A year of every table is about a third of it.
_MOST_KNOWN = 10_000


class SharedFile(io.RawIOBase):
    """A file of ``size`` that many threads read at once: each has its own position, and reads never move another's.

    DuckDB calls seek and read of one object from several threads; with a shared position it reads the wrong bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
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
        data = self._read_at(position, wanted)
        self._local.position = position + len(data)
        return data

    def _read_at(self, position: int, size: int) -> bytes:
        raise NotImplementedError


class TableFile(SharedFile):
    """A file of this machine."""

    def __init__(self, path: str | Path) -> None:
        # Without O_NONBLOCK, opening a pipe waits for its writer for ever.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            raise PermissionError("not a file")
        super().__init__(status.st_size)

    def close(self) -> None:
        """Give the descriptor back."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()

    def _read_at(self, position: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, position)


class ClosedFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Refuses everything; what is allowed is overridden below."""

    cachable = False

    def _refuse(self, *_args: object, **_options: object) -> NoReturn:
        raise PermissionError("not allowed here")

    ls = mkdir = makedirs = rmdir = rm_file = _rm = rm = cp_file = mv = touch = created = sign = _refuse
    put_file = pipe_file = _refuse


class TableFiles(ClosedFileSystem):
    """The files under a folder, for reading. Nothing outside it, not through links either; nothing is listed.

    DuckDB asks a dozen things of each file of a query. Where it lies and how large it is are kept, since a file of a
    Delta table never changes; and what fsspec does in general is done here for plain paths alone.
    """

    protocol = TABLES

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = os.path.realpath(root)
        self._known: dict[str, _KnownFile] = {}

    def open(self, path: str, mode: str = "rb", **_options: object) -> TableFile:
        """The file, for reading only."""
        if mode != "rb":
            raise PermissionError("the tables are read-only here")
        return TableFile(self._file(path).real_path)

    def exists(self, path: str, **_options: object) -> bool:
        """Whether it was there when it was first asked for."""
        try:
            return bool(self._file(path))
        except OSError:
            return False

    def glob(self, path: str, **_options: object) -> list[str]:
        """The one file of that name: no name is a pattern."""
        return [_bare(path)] if self.exists(path) else []

    def info(self, path: str, **_options: object) -> dict[str, object]:
        """Name, size and kind of a file, as fsspec wants them."""
        file = self._file(path)
        return {"name": path, "size": file.size, "type": "file", "mtime": file.modified.timestamp()}

    def modified(self, path: str) -> datetime:
        """When the file was written."""
        return self._file(path).modified

    def _file(self, path: str) -> "_KnownFile":
        name = _bare(path)
        file = self._known.get(name)
        if file is None:
            file = self._look_at(name)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[name] = file
        return file

    def _look_at(self, name: str) -> "_KnownFile":
        real_path = os.path.realpath(os.path.join(self._root, name))  # noqa: PTH118 - what leaves the root is refused
        if not real_path.startswith(self._root.rstrip(os.sep) + os.sep):
            raise PermissionError("outside of the tables")
        status = os.stat(real_path)  # noqa: PTH116 - a Path takes longer to make than this
        return _KnownFile(real_path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


@dataclass(frozen=True, slots=True)
class _KnownFile:
    real_path: str
    size: int
    modified: datetime


def _bare(path: str) -> str:
    """``path`` without protocol."""
    return path.removeprefix(f"{TABLES}://").lstrip("/")


class ExportFiles(ClosedFileSystem):
    """Takes what our own COPY writes. A path is writable only while `opened` holds it, and nobody can guess it."""

    protocol = EXPORTS

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, BinaryIO] = {}

    @contextmanager
    def opened(self, file: BinaryIO) -> Iterator[str]:
        """A URI that leads to ``file``, which stays the caller's to close."""
        token = uuid4().hex
        self._files[token] = file
        try:
            yield f"{EXPORTS}://{token}"
        finally:
            del self._files[token]

    def _open(self, path: str, mode: str = "rb", **_options: object) -> "_Borrowed":
        file = self._files.get(str(self._strip_protocol(path)))
        if mode != "wb" or file is None:
            raise PermissionError("not an export")
        return _Borrowed(file)

    def info(self, path: str, **_options: object) -> NoReturn:
        """No file is there before it is written."""
        raise FileNotFoundError(path)


class _Borrowed(io.RawIOBase):
    """Writes to a file that it does not close."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all that DuckDB hands over
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()
