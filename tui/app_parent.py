"""The parent of the apps that are served over SSH, as ``python -m tui.app_parent FD HOME``.

It loads what an app needs once, then forks for each login: so an app is there after some milliseconds, and shares the
memory of what was loaded. It has one thread, opens no home and knows no key; the server says for whom an app is. The
process of an app serves one person from its first line to its end, and takes nobody else with it when it breaks.
"""

import fcntl
import gc
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import termios
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from ops.acting_login import act_as
from ops.serve_ssh.orders import Begun, Ended, Order, Ready, receive, send
from tui.late_parts import complete

# What every app loads until its first screen is drawn. None of it has threads: a fork would lose them.
_LOADED = (
    "ops.asked_queries",
    "ops.chosen_columns",
    "ops.config",
    "ops.questions",
    "ops.scope",
    "ops.serve_ssh.sandbox",
    "ops.state.database",
    "ops.state.work_revision",
    "query.language",
    "tui.app",
    "tui.driver",
    "tui.ending",
    "tui.opening",
    "tui.screens.help",
    "tui.screens.machine",
)
# The same of libraries, which load these late: where one is called otherwise by now, each app loads it itself.
_LOADED_LATE = (
    "encodings.ascii",
    "encodings.utf_8_sig",
    "hmac",
    "rich._unicode_data.unicode17-0-0",
    "textual.css.parse",
    "textual.drivers.headless_driver",
    "textual.drivers.linux_driver",
    "textual.layouts.factory",
    "textual.layouts.horizontal",
    "textual.layouts.stream",
    "textual.pilot",
    "textual.scrollbar",
    "textual.widgets",
)
_ENDING_SECONDS = 10.0
_POLL_MILLISECONDS = 100


def main() -> int:
    """Forks apps until the server closes its side; then ends those that are left."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    home = Path(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a terminal's: the server is told, and tells us
    for name in _LOADED:
        import_module(name)
    for name in _LOADED_LATE:
        with suppress(ImportError):
            import_module(name)
    complete()
    gc.collect()
    gc.freeze()  # a collection in an app writes into no page that all share
    send(connection, Ready())
    AppParent(connection, home).work()
    return 0


class AppParent:
    """Forks apps over ``home`` as ``connection`` wants them, and tells how each ended."""

    def __init__(self, connection: socket.socket, home: Path) -> None:
        self._connection = connection
        self._home = home
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        # By the descriptor of its process: an app's number, its session, and its folder for what is gone with it.
        self._apps: dict[int, tuple[int, str, Path]] = {}

    def work(self) -> None:
        """Does what is wanted until the server is gone."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._apps:
                    self._reap(descriptor)
                elif not self._take():
                    self._end_all()
                    return

    def _take(self) -> bool:
        message, descriptors = receive(self._connection)
        if not isinstance(message, Order):
            return message is not None
        terminal = descriptors[0]
        try:
            self._fork(message, terminal)
        except OSError as error:
            self._say(Begun(message.login.session, error=error.strerror or str(error)))
        finally:
            os.close(terminal)
        return True

    def _fork(self, order: Order, terminal: int) -> None:
        if threads := len(list(Path("/proc/self/task").iterdir())) - 1:
            raise OSError(0, f"the parent of the apps has {threads} threads beside its own")
        # Made and removed here: a confined app cannot remove what it lies in.
        folder = Path(order.folder)
        folder.mkdir(mode=0o700, exist_ok=True)  # there, where a parent before us died with this order in its hands
        pid = os.fork()
        if pid == 0:
            _be_app(order, terminal, self._home, folder)
        descriptor = os.pidfd_open(pid)
        self._apps[descriptor] = (pid, order.login.session, folder)
        self._poll.register(descriptor, select.POLLIN)
        self._say(Begun(order.login.session, pid), [descriptor])

    def _reap(self, descriptor: int) -> None:
        pid, session, folder = self._apps.pop(descriptor)
        self._poll.unregister(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(pid, 0)
        shutil.rmtree(folder, ignore_errors=True)
        self._say(Ended(session, os.waitstatus_to_exitcode(status)))

    def _say(self, message: Begun | Ended, descriptors: tuple[int, ...] | list[int] = ()) -> None:
        with suppress(OSError):  # the server is gone, which the next look shows
            send(self._connection, message, descriptors)

    def _end_all(self) -> None:
        """The server is gone, and with it every terminal."""
        deadline = time.monotonic() + _ENDING_SECONDS
        self._poll.unregister(self._connection)
        self._signal_all(signal.SIGHUP)
        while self._apps and time.monotonic() < deadline:
            for descriptor, _ in self._poll.poll(_POLL_MILLISECONDS):
                self._reap(descriptor)
        self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for descriptor in self._apps:
            with suppress(OSError):
                signal.pidfd_send_signal(descriptor, number)


def _be_app(order: Order, terminal: int, home: Path, folder: Path) -> None:
    """Is an app over ``home`` from now on, on ``terminal``; does not return."""
    code = 1
    try:
        _settle(order, terminal, folder)
        code = _run(home, folder)
    except BaseException as error:  # noqa: BLE001 - the edge of the process: no app runs on in its parent's code
        _tell(error)
    finally:
        _leave(code)


def _settle(order: Order, terminal: int, folder: Path) -> None:
    """A process of its own: session, terminal, descriptors, signals, limits, environment; whom it serves."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard in (0, 1, 2):
        os.dup2(terminal, standard)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    os.environ.clear()
    os.environ |= {**order.environment, "TMPDIR": str(folder)}
    tempfile.tempdir = str(folder)
    sys.argv = ["patchdeck"]
    act_as(order.login)


def _run(home: Path, folder: Path) -> int:
    from ops.config import last_usable_settings
    from ops.home import open_home
    from ops.logs import open_log
    from ops.permission import refusal
    from ops.serve_ssh.sandbox import confine
    from tui.opening import open_app

    opened = open_home(home, create=False)
    open_log(opened.log_file)
    if refusal(opened.path) is not None:
        # SQLite's readers mark there what they read.
        kept = [Path("/dev/null"), Path("/dev/tty"), opened.path / "state.db-shm"]
        confine([folder], kept, has_network=last_usable_settings(opened).tables is not None)
    return open_app(opened, is_ascii="PATCHDECK_ASCII" in os.environ)


def _tell(error: BaseException) -> None:
    from fleet.errors import PatchdeckError
    from fleet.hostile import clean
    from ops.logs import log_error

    is_ours = isinstance(error, PatchdeckError)
    if not is_ours:
        log_error("served app broke", error)
    text = str(error) if is_ours else f"the app broke: {type(error).__name__}. Its server has the details in its log."
    with suppress(OSError):
        os.write(1, f"patchdeck: {clean(text)}\r\n".encode())


def _leave(code: int) -> None:
    """Ends the process without what its parent would do at its own end."""
    import atexit

    with suppress(Exception):
        atexit._run_exitfuncs()  # folders of this process's own, and libraries' threads
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code & 0xFF)


if __name__ == "__main__":
    sys.exit(main())
