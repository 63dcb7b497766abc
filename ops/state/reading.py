"""state.db for a process that does not change it: opened read-only, or copied where it cannot be read in place.

A reader of a WAL database shares memory with its writers in two files beside it. Where they are missing and cannot be
made (nobody writes now, and the folder is not ours to write) SQLite does not open it. A layout that has to be migrated
first cannot be read in place either.
"""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from fleet.errors import StoreBusy

_TRIES = 20
_PAUSE_SECONDS = 0.05
_Signature = tuple[tuple[int, int, int] | None, ...]


class StateCopy(sqlite3.Connection):
    """A connection to what state.db at ``origin`` held at one moment; nothing that is written later shows in it."""

    origin: Path
    signature: _Signature

    def is_outdated(self) -> bool:
        """Whether the file was written since it was copied."""
        return _sign(self.origin) != self.signature


def connect_read_only(
    path: Path, busy_seconds: float, is_current: Callable[[sqlite3.Connection], bool]
) -> sqlite3.Connection | None:
    """A connection that cannot write to the database at ``path``; None where it cannot be read in place.

    ``is_current`` says whether its layout is this version's, and raises what is to be raised of one that is too new.
    """
    if not path.exists():
        return None
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=busy_seconds, isolation_level=None)
    try:
        if is_current(connection):
            connection.execute("PRAGMA query_only = ON")
            return connection
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            connection.close()
            raise
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def copy_in_memory(path: Path, migrate: Callable[[sqlite3.Connection], None]) -> StateCopy:
    """What the database at ``path`` holds now, in memory, brought to this version's layout; of a missing one nothing.

    Raises:
        StoreBusy: it is written all the time.
        OSError: it cannot be read.
    """
    copy = sqlite3.connect(":memory:", isolation_level=None, factory=StateCopy)
    try:
        copy.origin, copy.signature = path, _sign(path)
        if copy.signature[0] is not None:
            with tempfile.TemporaryDirectory(prefix="patchdeck-state-") as folder:
                beside = Path(folder) / path.name
                copy.signature = _copy_files(path, beside)
                with closing(sqlite3.connect(beside)) as source:
                    source.backup(copy)
        migrate(copy)
        copy.execute("PRAGMA query_only = ON")
    except BaseException:
        copy.close()
        raise
    return copy


def _copy_files(path: Path, beside: Path) -> _Signature:
    """Copy the database with its log, whole: nobody wrote either of them meanwhile."""
    for _ in range(_TRIES):
        before = _sign(path)
        for suffix in ("", "-wal"):
            Path(f"{beside}{suffix}").unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", f"{beside}{suffix}")
        if beside.exists() and _sign(path) == before:
            return before
        time.sleep(_PAUSE_SECONDS)
    raise StoreBusy(f"{path} is written all the time: try again.")


def _sign(path: Path) -> _Signature:
    return tuple(_sign_file(Path(f"{path}{suffix}")) for suffix in ("", "-wal"))


def _sign_file(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
