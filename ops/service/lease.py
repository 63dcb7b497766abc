"""One service a home: the lock of a file is the truth on one host, the row of the lease tells the others.

The kernel lets the lock go when its holder dies, however it dies, so that the next service takes over at once. A row
that another host wrote is believed as long as it changes: no clock of two hosts is compared.
"""

import fcntl
import json
import os
import socket
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collectors.handed_down import file_mode
from fleet.errors import HomeUnusable, PatchdeckError
from ops.home import Home
from ops.permission import require_writable
from ops.roles import require_service_user
from ops.state.audit import Audit, current_actor, utc_now
from ops.state.database import opened, transaction
from ops.state.lease import Lease, LeaseBook

BEAT_SECONDS = 20.0
# Four beats: a service of another host that says nothing for so long, while we watch, is dead or cannot write.
WATCH_SECONDS = 80.0
# Whoever asks whether a service runs holds the lock for microseconds.
_LOCK_PATIENCE_SECONDS = 1.0
_POLL_SECONDS = 0.02
_WATCH_POLL_SECONDS = 1.0


class LeaseHeld(PatchdeckError):
    """Another service works for this home; says which.

    Args:
        holder: who holds the lease.
    """

    def __init__(self, holder: Lease) -> None:
        self.holder = holder
        super().__init__(f"The service of this home runs already: {describe_holder(holder)}.")


@dataclass(frozen=True, slots=True)
class HeldLease:
    """The lease, held by this process until `close`."""

    home: Home
    lease: Lease
    descriptor: int

    def is_in_place(self) -> bool:
        """Whether the file of the lock is still that of the home: it is not where the home was removed or put back."""
        try:
            found, ours = self.home.service_lock.stat(), os.fstat(self.descriptor)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # a file system that is away for a moment
        return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)

    def close(self) -> None:
        """Let it go."""
        if self.is_in_place():  # else opening it would make a new state.db
            with suppress(PatchdeckError), opened(self.home.state_file) as connection:
                LeaseBook(connection).release(self.lease.token)
        os.close(self.descriptor)


def take_lease(
    home: Home, *, watch_seconds: float = WATCH_SECONDS, clock: Callable[[], datetime] = utc_now
) -> HeldLease:
    """The lease of ``home``. What a service left behind that was killed is taken over.

    Blocks for ``watch_seconds`` where another host wrote the row, to see whether its service lives.

    Raises:
        LeaseHeld: another service holds it.
        HomeUnusable: the lock's file cannot be used.
        NotPermitted: this process does not change the home.
    """
    require_writable(home.path, "be its service")
    require_service_user(home)
    descriptor = _open(home.service_lock)
    try:
        _lock(descriptor, home)
        _watch(home, watch_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        return HeldLease(home, _write(home, clock()), descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def find_holder(home: Home) -> Lease | None:
    """Who holds the lease of ``home``; None where no service runs. One of another host is believed as it is written."""
    try:
        is_locked = _is_locked(home.service_lock)
    except PermissionError:  # a shared home: locks are for those who write it
        return _row_of_living(home)
    if is_locked:
        return _locked_by(home)
    row = _row(home)
    return row if row is not None and row.host != socket.gethostname() else None


def is_here(lease: Lease) -> bool:
    """Whether the service runs on this host."""
    return lease.host == socket.gethostname()


def describe_holder(lease: Lease) -> str:
    """Who it is, in one line."""
    since = f"{lease.started_at:%Y-%m-%d %H:%M:%SZ}"
    silent = "" if is_here(lease) else f", last seen {lease.seen_at:%Y-%m-%d %H:%M:%SZ}"
    return f"process {lease.pid} of {lease.user} on {lease.host} since {since}{silent}"


def holder_as_json(lease: Lease) -> str:
    """Who it is, for the audit."""
    started_at = lease.started_at.isoformat()
    return json.dumps({"pid": lease.pid, "host": lease.host, "user": lease.user, "started_at": started_at})


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, file_mode(path.parent))
    except OSError as error:
        raise HomeUnusable(f"Cannot open the lock {path}: {error.strerror}.") from error


def _lock(descriptor: int, home: Home) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise LeaseHeld(_locked_by(home)) from error
            time.sleep(_POLL_SECONDS)
        except OSError as error:
            raise HomeUnusable(f"The file system of this home has no locks: {error.strerror}.") from error
        else:
            return


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _row_of_living(home: Home) -> Lease | None:
    """Who says that it holds the lease; on this host only if there is such a process."""
    row = _row(home)
    if row is None or row.host != socket.gethostname():
        return row
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return row
    return row


def _locked_by(home: Home) -> Lease:
    """The holder of the lock; what is not written down yet, because it is just beginning, is taken as of now."""
    row = _row(home)
    try:
        pid = int(home.service_lock.read_text("ascii"))
    except (OSError, ValueError):
        pid = row.pid if row is not None else 0
    if row is not None and row.pid == pid:
        return row
    now = utc_now()
    return Lease("", pid, socket.gethostname(), current_actor().user, now, now, own_version())


def _row(home: Home) -> Lease | None:
    with opened(home.state_file) as connection:
        return LeaseBook(connection).holder()


def _watch(home: Home, watch_seconds: float) -> None:
    row = _row(home)
    if row is None or row.host == socket.gethostname():
        return
    deadline = time.monotonic() + watch_seconds
    while time.monotonic() < deadline:
        time.sleep(min(_WATCH_POLL_SECONDS, watch_seconds))
        now = _row(home)
        if now is None:
            return
        if (now.token, now.seen_at) != (row.token, row.seen_at):
            raise LeaseHeld(now)


def _write(home: Home, now: datetime) -> Lease:
    actor = current_actor()
    lease = Lease(uuid.uuid4().hex, os.getpid(), socket.gethostname(), actor.user, now, now, own_version())
    with opened(home.state_file) as connection, transaction(connection):
        _take(connection, lease)
    return lease


def _take(connection: sqlite3.Connection, lease: Lease) -> None:
    book = LeaseBook(connection)
    before = book.holder()
    book.take(lease)
    said = None if before is None else holder_as_json(before)
    Audit(connection).record("service.begin", lease.host, said, holder_as_json(lease))


def own_version() -> str:
    """The version of this Patchdeck."""
    # Who only looks whether a service runs needs no megabyte of modules for it.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("patchdeck")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return ""
