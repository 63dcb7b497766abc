"""The lock of the one writer: an advisory lock on a file, let go by the kernel when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.handed_down import file_mode
from fleet.errors import HomeUnusable, StoreBusy
from ops.permission import require_writable

_POLL_SECONDS = 0.02


@contextmanager
def hold_lock(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock on ``path`` while inside; other processes and other threads wait.

    Raises:
        StoreBusy: another holds it for longer than ``wait_seconds``; names its process.
        HomeUnusable: the file cannot be opened.
        NotPermitted: this process does not change the home that the file lies in.
    """
    require_writable(path.parent)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, file_mode(path.parent))
    except OSError as error:
        raise HomeUnusable(f"Cannot open the lock {path}: {error.strerror}.") from error
    try:
        _wait(descriptor, path, wait_seconds)
        _name_holder(descriptor)
        yield
    finally:
        os.close(descriptor)  # lets the lock go


def _wait(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "of unknown number"
                raise StoreBusy(
                    f"Process {holder} holds the tables of {path.parent} for longer than {wait_seconds:g} s: "
                    "see what it does, and try again."
                ) from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def _name_holder(descriptor: int) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    except OSError:
        return  # a full disk: the lock holds all the same, only its holder is not named
