"""Starting the service on demand: once, however many ask at the same time, and only when it is not there."""

import fcntl
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from collectors.secrets import Secret
from fleet.errors import HomeUnusable, PatchdeckError
from ops.acting_login import acting_login
from ops.home import Home
from ops.permission import require_writable
from ops.roles import require_service_user
from ops.service.lease import WATCH_SECONDS, describe_holder, find_holder, is_here
from ops.service.units import start_installed
from ops.state.audit import utc_now
from ops.state.lease import Lease

# Starting takes a second; longer where the disk is slow, and as long as another host's service is watched.
START_SECONDS = 30.0
_POLL_SECONDS = 0.02
_MOST_SAID = 4_000
# A service of another host that was seen in this time is believed to live.
_BELIEVED_SECONDS = 120.0


class ServiceNotStarted(PatchdeckError):
    """The service does not work; says why, in its own words where it had any."""


def ensure_running(home: Home) -> str:
    """Sees that a service works for ``home``, and says which; starts one, detached, where there is none. Blocking.

    Raises:
        ServiceNotStarted: it does not start.
        HomeUnusable: the home cannot be used.
        NotPermitted: none runs, and this process does not change the home.
    """
    if (holder := working(home)) is not None:
        return describe_holder(holder)
    require_writable(home.path, "start its service")
    require_service_user(home)
    try:
        with _alone(home):
            if (holder := working(home)) is None:
                if not start_installed(home):
                    _start(home)
                holder = _wait(home)
    except OSError as error:
        raise ServiceNotStarted(f"No process can be started for {home.path}: {error.strerror}.") from error
    return describe_holder(holder)


def working(home: Home) -> Lease | None:
    """The service that works for ``home``; one of another host only if it was seen a little while ago."""
    holder = find_holder(home)
    if holder is None or is_here(holder):
        return holder
    return holder if abs((utc_now() - holder.seen_at).total_seconds()) < _BELIEVED_SECONDS else None


def is_being_started(home: Home) -> bool:
    """Whether some process is about to start the service of ``home``, and waits until it works."""
    try:
        descriptor = os.open(home.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """While inside, no other process starts a service of ``home``: they wait, and see ours."""
    descriptor = os.open(home.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + START_SECONDS + WATCH_SECONDS
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise ServiceNotStarted(f"Another process starts the service of {home.path} and does not get done.")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise HomeUnusable(f"The file system of this home has no locks: {error.strerror}.") from error
    return True


def _start(home: Home) -> None:
    """Starts a detached service, and returns once it works.

    Raises:
        ServiceNotStarted: it says why it does not, or nothing for too long.
    """
    from ops.credentials.session import session_of

    path = os.pathsep.join(os.path.abspath(each) for each in sys.path if each)  # noqa: PTH100 - a zip is no Path
    passphrase = session_of(home).passphrase
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.service.process", str(home.path)],
        stdin=subprocess.DEVNULL if passphrase is None else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**_own_environment(), "PYTHONPATH": path},
        start_new_session=True,
        cwd="/",
    )
    _hand_over(process, passphrase)
    with process:  # the child that it leaves behind is not ours to wait for
        said = _read_to_end(process)
    if said is None:
        raise ServiceNotStarted(f"The service says nothing after {START_SECONDS:g} s: see {home.log_file}.")
    if said.strip():
        raise ServiceNotStarted(said.strip().splitlines()[-1])


def _own_environment() -> dict[str, str]:
    """What the service has of ours: of a session over SSH not what ends with it, its folder and its client."""
    if acting_login() is None:
        return dict(os.environ)
    return {name: value for name, value in os.environ.items() if name != "TMPDIR" and not name.startswith("SSH_")}


def _hand_over(process: subprocess.Popen[bytes], passphrase: Secret | None) -> None:
    """Gives the service what unlocks the home's secrets: over a pipe, so that it is in no list of processes."""
    if process.stdin is not None and passphrase is not None:
        with suppress(OSError):  # one that is gone says why
            process.stdin.write(passphrase.reveal().encode())
            process.stdin.close()


def _read_to_end(process: subprocess.Popen[bytes]) -> str | None:
    """All that comes over standard error until it is closed; None if that does not happen in time."""
    if process.stderr is None:
        raise LookupError("standard error is a pipe")
    descriptor, said = process.stderr.fileno(), b""
    deadline = time.monotonic() + START_SECONDS + WATCH_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return None
        portion = os.read(descriptor, _MOST_SAID)
        if not portion:
            return said.decode("utf-8", "replace")
        said = (said + portion)[-_MOST_SAID:]
    return None


def _wait(home: Home) -> Lease:
    """The lease, once it is written down."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (holder := working(home)) is not None:
            return holder
        time.sleep(_POLL_SECONDS)
    raise ServiceNotStarted(f"The service began and is gone again: see {home.log_file}.")
